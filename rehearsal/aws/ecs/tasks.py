"""Tasks as they are listed, described and stopped.

AWS documentation (ECS API Reference):
- "ListTasks": without a desired status those with RUNNING; `startedBy` may not be combined with another
  filter; at most a hundred at a time.
- "DescribeTasks", "Task", "Container": stopped tasks stay describable (at least an hour); what is not known
  is told among the failures.
- "StopTask": sets the desired status, with the caller's reason; the agent stops the containers.

moto describes tasks into their next state, and lists the stopped ones by default.
"""

from collections.abc import Mapping
from typing import Any, Final

from rehearsal.aws.ecs.model import Document, Task
from rehearsal.aws.ecs.store import answered_by, cluster_of, find_service, refused, tasks
from rehearsal.aws.original import Moto, ecs_api

_PAGE: Final = 100


def mend() -> None:
    """Answer for tasks."""
    response = ecs_api.EC2ContainerServiceResponse
    response.list_tasks = answered_by(_list)
    response.describe_tasks = answered_by(_describe)
    response.stop_task = answered_by(_stop)


def find(kept: Moto, request: Mapping[str, Any], name: str) -> Task | None:
    """Return a task of a cluster by its id or ARN."""
    arn = cluster_of(kept, request).arn
    id_ = name.rpartition("/")[2]
    for task in tasks(kept):
        if task.cluster_arn == arn and task.task_arn.rpartition("/")[2] == id_:
            return task
    return None


def described(task: Task, *, tags: bool = False) -> Document:
    """Return a task as DescribeTasks shows it."""
    stopped = {"stoppedReason": task.stopped_reason, "stopCode": task.stop_code}
    return {
        "taskArn": task.task_arn,
        "clusterArn": task.cluster_arn,
        "taskDefinitionArn": task.task_definition,
        "group": f"service:{task.service}",
        "startedBy": task.fleet,
        "desiredStatus": task.desired_status,
        "lastStatus": task.last_status,
        "healthStatus": task.health_status,
        "containers": task.containers,
        "attachments": task.attachments,
        "attributes": [{"name": "ecs.cpu-architecture", "value": _architecture(task)}],
        "connectivity": "CONNECTED",
        "cpu": task.cpu,
        "memory": task.memory,
        "enableExecuteCommand": False,
        "overrides": {"containerOverrides": [{"name": item["name"]} for item in task.containers]},
        "platformFamily": "Linux",
        "platformVersion": "1.4.0",
        "version": task.version,
        **_capacity(task),
        **task.times,
        **{name: value for name, value in stopped.items() if value},
        **({"tags": task.tags} if tags else {}),
    }


def _capacity(task: Task) -> Document:
    strategy = task.asked.get("capacityProviderStrategy")
    if strategy:
        return {"launchType": "FARGATE", "capacityProviderName": strategy[0]["capacityProvider"]}
    return {"launchType": task.asked.get("launchType", "FARGATE")}


def _architecture(task: Task) -> str:
    return "arm64" if task.platform.get("cpuArchitecture") == "ARM64" else "x86_64"


def _list(kept: Moto, request: Mapping[str, Any]) -> Mapping[str, Any]:
    cluster = cluster_of(kept, request)
    if "startedBy" in request and {"serviceName", "family"} & set(request):
        raise refused("startedBy may not be combined with another filter.")
    service = find_service(kept, request, request["serviceName"]).name if "serviceName" in request else None
    found = [
        task.task_arn
        for task in tasks(kept)
        if task.cluster_arn == cluster.arn
        and task.desired_status == request.get("desiredStatus", "RUNNING")
        and service in (None, task.service)
        and request.get("startedBy") in (None, task.fleet)
        and request.get("family") in (None, task.task_definition.rpartition("/")[2].partition(":")[0])
    ]
    begin = int(request.get("nextToken", 0))
    end = begin + min(request.get("maxResults", _PAGE), _PAGE)
    return {"taskArns": found[begin:end], **({"nextToken": str(end)} if end < len(found) else {})}


def _describe(kept: Moto, request: Mapping[str, Any]) -> Mapping[str, Any]:
    cluster = cluster_of(kept, request)
    if not request.get("tasks"):
        raise refused("Tasks cannot be empty.")
    tags = "TAGS" in request.get("include", [])
    found = {name: find(kept, request, name) for name in request["tasks"]}
    prefix = cluster.arn.replace(":cluster/", ":task/")
    return {
        "tasks": [described(task, tags=tags) for task in found.values() if task is not None],
        "failures": [
            {"arn": f"{prefix}/{name.rpartition('/')[2]}", "reason": "MISSING"}
            for name, task in found.items()
            if task is None
        ],
    }


def _stop(kept: Moto, request: Mapping[str, Any]) -> Mapping[str, Any]:
    task = find(kept, request, request["task"])
    if task is None:
        raise refused("The referenced task was not found.")
    task.stop(request.get("reason", "Task stopped by user"), "UserInitiated")
    return {"task": described(task)}

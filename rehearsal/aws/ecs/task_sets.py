"""Task sets: the tasks of one revision under CODE_DEPLOY, and which of them is the primary.

AWS documentation (ECS API Reference):
- "CreateTaskSet": with a client token that was used before, the task set of then is returned.
- "TaskSet": `computedDesiredCount` is the service's desired count times the scale, rounded up; PRIMARY serves
  production traffic, ACTIVE may too, DRAINING is being stopped; `stabilityStatus` is STEADY_STATE when all
  tasks run and are reported healthy by load balancers and container health checks; `startedBy` is CODE_DEPLOY
  for those of CodeDeploy.
- "DeleteTaskSet": one that was not scaled down to zero needs `force`.
- "UpdateServicePrimaryTaskSet": what the primary has becomes the service's.

moto calls each of them steady at once, knows no count, and deletes whatever it is told to.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from rehearsal.aws import target_health
from rehearsal.aws.ecs.model import CODE_DEPLOY, ECS, Document, Fleet, Service, Task, TaskSet, new_id, now
from rehearsal.aws.ecs.store import (
    answered_by,
    counts,
    desired_count,
    find_active_service,
    find_service,
    refused,
    revision_arn,
    tasks_of,
)
from rehearsal.aws.original import Moto, ecs_api, ecs_errors

MOST: Final = 5
_OF_THE_SERVICE: Final[Sequence[str]] = (
    "loadBalancers",
    "networkConfiguration",
    "serviceRegistries",
    "launchType",
    "capacityProviderStrategy",
    "platformVersion",
)
"""What a task set has of its own, and the service takes over from its primary."""


def mend() -> None:
    """Answer for task sets."""
    response = ecs_api.EC2ContainerServiceResponse
    response.create_task_set = answered_by(_create)
    response.describe_task_sets = answered_by(_describe)
    response.update_task_set = answered_by(_update)
    response.update_service_primary_task_set = answered_by(_make_primary)
    response.delete_task_set = answered_by(_delete)


def first(service: Service) -> TaskSet:
    """Return the task set that a service under CODE_DEPLOY is created with."""
    asked: Document = {name: service.asked[name] for name in _OF_THE_SERVICE if name in service.asked}
    return _made(service, service.task_definition, asked, status="PRIMARY")


def described(kept: Moto, service: Service, task_set: TaskSet, *, tags: bool = False) -> Document:
    """Return a task set as DescribeTaskSets and DescribeServices show it."""
    alive = tasks_of(kept, service, task_set)
    _look_at(task_set, service, alive)
    asked = {"launchType": service.launch_type} if "capacityProviderStrategy" not in task_set.asked else {}
    return {
        "id": task_set.id,
        "taskSetArn": task_set.task_set_arn,
        "serviceArn": service.arn,
        "clusterArn": service.cluster_arn,
        "startedBy": CODE_DEPLOY if service.controller == CODE_DEPLOY else "",
        "externalId": task_set.external_id,
        "status": task_set.status,
        "taskDefinition": task_set.task_definition,
        "computedDesiredCount": wanted(service, task_set),
        **counts(alive),
        "createdAt": task_set.created_at,
        "updatedAt": task_set.updated_at,
        "platformVersion": "1.4.0",
        "platformFamily": "Linux",
        "loadBalancers": [],
        "serviceRegistries": [],
        **asked,
        **task_set.asked,
        "scale": {"value": task_set.scale, "unit": "PERCENT"},
        "stabilityStatus": "STEADY_STATE" if task_set.steady else "STABILIZING",
        "stabilityStatusAt": task_set.steady_at,
        **({"tags": task_set.tags} if tags else {}),
    }


def wanted(service: Service, fleet: Fleet) -> int:
    """Return how many tasks a fleet should have."""
    return 0 if fleet.status == "DRAINING" else fleet.count(desired_count(service))


def is_steady(service: Service, fleet: Fleet, alive: list[Task]) -> bool:
    """Return whether a fleet has all its tasks, and each is healthy wherever its health is asked for."""
    running = [task for task in alive if task.last_status == "RUNNING"]
    return len(running) == len(alive) == wanted(service, fleet) and all(
        is_healthy(task, fleet) for task in running
    )


def drop_ended(kept: Moto, service: Service) -> None:
    """Forget the fleets of a service that have drained."""
    service.task_sets = [item for item in service.task_sets if not _has_ended(kept, service, item)]
    service.deployments = [item for item in service.deployments if not _has_ended(kept, service, item)]


def drain(kept: Moto, service: Service, fleet: Fleet) -> None:
    """Let a fleet's tasks end."""
    fleet.status, fleet.updated_at = "DRAINING", now()
    for task in tasks_of(kept, service, fleet):
        task.stop(f"Scaling activity initiated by (deployment {fleet.id})", "ServiceSchedulerInitiated")


def _has_ended(kept: Moto, service: Service, fleet: Fleet) -> bool:
    return fleet.status == "DRAINING" and not tasks_of(kept, service, fleet)


def is_healthy(task: Task, fleet: Fleet) -> bool:
    """Return whether a task is healthy wherever its health is asked for."""
    if task.is_checked and task.health_status != "HEALTHY":
        return False
    return all(
        target_health.is_ready(group["targetGroupArn"], (task.address, group["containerPort"]))
        for group in fleet.asked.get("loadBalancers", [])
        if "targetGroupArn" in group
    )


def _look_at(task_set: TaskSet, service: Service, alive: list[Task]) -> None:
    steady = is_steady(service, task_set, alive)
    if steady is not task_set.steady:
        task_set.steady, task_set.steady_at = steady, now()


def _made(service: Service, revision: str, asked: Document, *, status: str = "ACTIVE") -> TaskSet:
    id_ = new_id()
    prefix = service.arn.replace(":service/", ":task-set/")
    return TaskSet(
        id=id_, task_set_arn=f"{prefix}/{id_}", task_definition=revision, asked=asked, status=status
    )


def _create(kept: Moto, request: Mapping[str, Any]) -> Mapping[str, Any]:
    service = find_active_service(kept, request)
    if service.controller == ECS:
        raise refused("Task sets are not used by services with the ECS deployment controller.")
    token = request.get("clientToken", "")
    for task_set in service.task_sets:
        if token and task_set.client_token == token:
            return {"taskSet": described(kept, service, task_set)}
    drop_ended(kept, service)
    if len(service.task_sets) >= MOST:
        raise refused(
            f"{MOST} deployments exist on the service. "
            "Unable to create new TaskSet since this exceeds the maximum limit."
        )
    asked = {name: request[name] for name in _OF_THE_SERVICE if name in request}
    task_set = _made(service, revision_arn(kept, request["taskDefinition"]), asked)
    task_set.external_id, task_set.client_token = request.get("externalId", ""), token
    task_set.scale = float(request.get("scale", {}).get("value", 100.0))
    task_set.tags = list(request.get("tags", []))
    service.task_sets.append(task_set)
    return {"taskSet": described(kept, service, task_set)}


def _describe(kept: Moto, request: Mapping[str, Any]) -> Mapping[str, Any]:
    service = find_service(kept, request, request["service"])
    drop_ended(kept, service)
    tags = "TAGS" in request.get("include", [])
    asked = request.get("taskSets") or [item.id for item in service.task_sets]
    found = {name: _named(service, name) for name in asked}
    return {
        "taskSets": [described(kept, service, item, tags=tags) for item in found.values() if item],
        "failures": [{"arn": name, "reason": "MISSING"} for name, item in found.items() if not item],
    }


def _update(kept: Moto, request: Mapping[str, Any]) -> Mapping[str, Any]:
    service = find_active_service(kept, request)
    task_set = _found(service, request["taskSet"])
    task_set.scale, task_set.updated_at = float(request["scale"]["value"]), now()
    return {"taskSet": described(kept, service, task_set)}


def _make_primary(kept: Moto, request: Mapping[str, Any]) -> Mapping[str, Any]:
    service = find_active_service(kept, request)
    primary = _found(service, request["primaryTaskSet"])
    for task_set in service.task_sets:
        if task_set.status == "PRIMARY":
            task_set.status, task_set.updated_at = "ACTIVE", now()
    primary.status, primary.updated_at = "PRIMARY", now()
    service.task_definition = primary.task_definition
    service.asked |= primary.asked
    return {"taskSet": described(kept, service, primary)}


def _delete(kept: Moto, request: Mapping[str, Any]) -> Mapping[str, Any]:
    service = find_service(kept, request, request["service"])
    task_set = _found(service, request["taskSet"])
    if not request.get("force") and (task_set.status == "PRIMARY" or task_set.scale > 0):
        raise refused(
            "The task set cannot be deleted while it is the primary one or scaled above zero; use force."
        )
    drain(kept, service, task_set)
    answer = {"taskSet": described(kept, service, task_set)}
    drop_ended(kept, service)
    return answer


def _named(service: Service, name: str) -> TaskSet | None:
    for task_set in service.task_sets:
        if name in (task_set.task_set_arn, task_set.id):
            return task_set
    return None


def _found(service: Service, name: str) -> TaskSet:
    task_set = _named(service, name)
    if task_set is None:
        raise ecs_errors.ECSException("TaskSetNotFoundException", "The specified task set does not exist.")
    return task_set

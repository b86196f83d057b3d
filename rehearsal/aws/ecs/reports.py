"""What the agent on the machine reports of tasks, and how a new task begins.

AWS documentation:
- ECS API Reference, "SubmitTaskStateChange", "SubmitContainerStateChange": the agent's own calls, which tell
  status, exit codes, reasons and image digests.
- Developer Guide, "Amazon ECS task lifecycle": PENDING, ACTIVATING, RUNNING, DEACTIVATING, STOPPING,
  DEPROVISIONING, STOPPED; a task never goes back.
- ECS API Reference, "Task" (`stopCode`) and Developer Guide, "Viewing Amazon ECS stopped task errors": what
  the reasons begin with.
Health comes over another channel on AWS, which is no API; a private route stands for it.
"""

import uuid
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from werkzeug.exceptions import NotFound

from rehearsal.aws.ecs.model import Document, Fleet, Service, Task, now
from rehearsal.aws.ecs.store import LOCK, answered_by, backend, refused, services, tasks
from rehearsal.aws.ecs.tasks import find
from rehearsal.aws.original import Moto, ecs_api

if TYPE_CHECKING:
    from werkzeug.wrappers import Request

    from rehearsal.aws.server import Routes

ORDER: Final = (
    "PROVISIONING",
    "PENDING",
    "ACTIVATING",
    "RUNNING",
    "DEACTIVATING",
    "STOPPING",
    "DEPROVISIONING",
    "STOPPED",
)
_ENDING: Final = ORDER[4:]
_OF_A_CONTAINER: Final = ("imageDigest", "runtimeId", "exitCode", "reason", "networkBindings")
_CODES: Final = {
    "Essential container": "EssentialContainerExited",
    "CannotPull": "TaskFailedToStart",
    "Cannot": "TaskFailedToStart",
    "ResourceInitializationError": "TaskFailedToStart",
    "Task failed to start": "TaskFailedToStart",
    "OutOfMemory": "EssentialContainerExited",
    "Scaling activity": "ServiceSchedulerInitiated",
    "Task failed": "ServiceSchedulerInitiated",
    "(service": "ServiceSchedulerInitiated",
}
"""Stop codes by what a reason begins with; the first that fits."""


def mend() -> "Routes":
    """Take the agent's reports."""
    response = ecs_api.EC2ContainerServiceResponse
    response.submit_task_state_change = answered_by(_task_changed)
    response.submit_container_state_change = answered_by(_container_changed)
    return {("PUT", "/rehearsal/tasks"): _begin, ("PUT", "/rehearsal/task-health"): _judge}


def stop_code(reason: str, *, started: bool) -> str:
    """Return the stop code that a reason stands for."""
    for beginning, code in _CODES.items():
        if reason.startswith(beginning):
            return code
    return "EssentialContainerExited" if started else "TaskFailedToStart"


def _task_changed(kept: Moto, request: Mapping[str, Any]) -> Mapping[str, Any]:
    task = _reported(kept, request)
    for told in request.get("containers", []):
        _note(task, told)
    status = request.get("status", task.last_status)
    if status not in ORDER:
        raise refused(f"Invalid task status: {status}")
    if ORDER.index(status) >= ORDER.index(task.last_status):
        _move(task, status, request.get("reason", ""))
    for name in ("pullStartedAt", "pullStoppedAt", "executionStoppedAt"):
        if name in request:
            task.times[name] = request[name]
    return {"acknowledgment": "ok"}


def _container_changed(kept: Moto, request: Mapping[str, Any]) -> Mapping[str, Any]:
    task = _reported(kept, request)
    if "containerName" in request:
        _note(task, request)
    return {"acknowledgment": "ok"}


def _reported(kept: Moto, request: Mapping[str, Any]) -> Task:
    task = find(kept, request, request.get("task", ""))
    if task is None:
        raise refused("The referenced task was not found.")
    task.version += 1
    return task


def _note(task: Task, told: Mapping[str, Any]) -> None:
    """Keep what was told of one container."""
    for container in task.containers:
        if container["name"] == told["containerName"]:
            container |= {name: told[name] for name in _OF_A_CONTAINER if name in told}
            container["lastStatus"] = told.get("status", container["lastStatus"])


def _move(task: Task, status: str, reason: str) -> None:
    """Let a task enter a state, with all that comes with it."""
    task.last_status = status
    if status == "RUNNING":
        task.times.setdefault("startedAt", now())
        for container in task.containers:
            container["lastStatus"] = "RUNNING"
    if status in _ENDING:
        task.stop(reason, stop_code(reason, started="startedAt" in task.times))
        task.times.setdefault("stoppingAt", now())
    if status == "STOPPED":
        task.times.setdefault("stoppedAt", now())
        task.attachments = [{**item, "status": "DELETED"} for item in task.attachments]
        for container in task.containers:
            container["lastStatus"] = "STOPPED"


def _begin(request: "Request") -> object:
    """Start a task for a fleet: it is PENDING until something else is reported."""
    told = request.get_json()
    with LOCK:
        kept = backend()
        service, fleet = _fleet(kept, told["fleet"])
        task = _new_task(kept, service, fleet, told.get("address", ""))
        kept.tasks.setdefault(service.cluster_name, {})[task.task_arn] = task
        service.tell(f"has started 1 tasks: (task {task.task_arn.rpartition('/')[2]}).")
        return {"taskArn": task.task_arn, "taskDefinition": task.task_definition}


def _judge(request: "Request") -> object:
    """Take the result of a container's health check."""
    told = request.get_json()
    with LOCK:
        for task in tasks(backend()):
            if task.task_arn == told["task"]:
                for container in task.containers:
                    if told.get("container") in (None, container["name"]):
                        container["healthStatus"] = told["health"]
                return {"healthStatus": task.health_status}
    raise NotFound(f"There is no task {told['task']}.")


def _fleet(kept: Moto, id_: str) -> tuple[Service, Fleet]:
    for service in services(kept):
        for fleet in service.fleets:
            if fleet.id == id_ and fleet.status != "DRAINING":
                return service, fleet
    raise NotFound(f"There is no task set or deployment {id_} that wants tasks.")


def _new_task(kept: Moto, service: Service, fleet: Fleet, address: str) -> Task:
    revision = kept.describe_task_definition(fleet.task_definition)
    arn = f"{service.cluster_arn.replace(':cluster/', ':task/')}/{uuid.uuid4().hex}"
    interface = _interface(fleet, address)
    return Task(
        task_arn=arn,
        cluster_arn=service.cluster_arn,
        fleet=fleet.id,
        service=service.name,
        task_definition=revision.arn,
        asked=fleet.asked,
        containers=[_container(arn, item, interface, address) for item in revision.container_definitions],
        attachments=[interface],
        cpu=revision.cpu,
        memory=revision.memory,
        platform=revision.request.get("runtimePlatform", {}),
        address=address,
        tags=list(service.tags) if service.asked.get("propagateTags") == "SERVICE" else [],
    )


def _interface(fleet: Fleet, address: str) -> Document:
    network = fleet.asked.get("networkConfiguration", {}).get("awsvpcConfiguration", {})
    details = {
        "subnetId": next(iter(network.get("subnets", [])), ""),
        "networkInterfaceId": f"eni-{uuid.uuid4().hex[:17]}",
        "privateIPv4Address": address,
    }
    return {
        "id": str(uuid.uuid4()),
        "type": "ElasticNetworkInterface",
        "status": "ATTACHED",
        "details": [{"name": name, "value": value} for name, value in details.items() if value],
    }


def _container(task: str, defined: Mapping[str, Any], interface: Document, address: str) -> Document:
    return {
        "containerArn": f"{task.replace(':task/', ':container/')}/{uuid.uuid4()}",
        "taskArn": task,
        "name": defined["name"],
        "image": defined["image"],
        "lastStatus": "PENDING",
        "healthStatus": "UNKNOWN",
        "isChecked": "healthCheck" in defined,
        "cpu": str(defined.get("cpu", 0)),
        **{name: str(defined[name]) for name in ("memory", "memoryReservation") if name in defined},
        "networkBindings": [],
        "networkInterfaces": [
            {"attachmentId": interface["id"], **({"privateIpv4Address": address} if address else {})}
        ],
    }

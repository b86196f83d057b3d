"""The one target of an ECS deployment, and what hooks report of it (API Reference, "ECSTarget")."""

import base64
import binascii
import json
from collections.abc import Mapping
from typing import Any, Final

from rehearsal.codedeploy.errors import ApiError
from rehearsal.codedeploy.plan import HOOKS
from rehearsal.codedeploy.scene import Scene
from rehearsal.codedeploy.service import Operation, Said, Service
from rehearsal.codedeploy.state import Answered, Event, Progress, Side, Status
from rehearsal.codedeploy.store import Deployment


def list_targets(service: Service, said: Said) -> Mapping[str, Any]:
    """List the target's id."""
    return {"targetIds": [target_id(_started(service, said))]}


def get_target(service: Service, said: Said) -> Mapping[str, Any]:
    """Describe the target."""
    deployment = _started(service, said)
    _check(deployment, said["targetId"])
    return {"deploymentTarget": describe(service, deployment)}


def batch_get_targets(service: Service, said: Said) -> Mapping[str, Any]:
    """Describe the target as often as it is named."""
    deployment = _started(service, said)
    for id_ in said["targetIds"]:
        _check(deployment, id_)
    return {"deploymentTargets": [describe(service, deployment) for _ in said["targetIds"]]}


def put_status(service: Service, said: Said) -> Mapping[str, Any]:
    """Take a hook's report: Succeeded or Failed, once, while its event waits for it."""
    if "deploymentId" not in said:
        raise ApiError("DeploymentIdRequiredException", "At least one deployment ID must be specified.")
    deployment = service.store.deployment(said["deploymentId"])
    if said.get("status") not in {"Succeeded", "Failed"}:
        raise ApiError(
            "InvalidLifecycleEventHookExecutionStatusException", "A hook reports Succeeded or Failed."
        )
    name = event_of(deployment.id, said.get("lifecycleEventHookExecutionId", ""))
    event = next((event for event in deployment.state.events if event.name == name), None)
    if event is None or event.progress is not Progress.IN_PROGRESS:
        raise ApiError(
            "LifecycleEventAlreadyCompletedException", f"The event {name} does not wait for a report."
        )
    service.give(deployment, Answered(name, passed=said["status"] == "Succeeded"))
    return {"lifecycleEventHookExecutionId": said["lifecycleEventHookExecutionId"]}


def execution_id(deployment: str, event: str) -> str:
    """Return what a hook's function is given to report by."""
    return base64.b64encode(json.dumps([deployment, event]).encode()).decode()


def event_of(deployment: str, execution: str) -> str:
    """Return the lifecycle event of an execution id.

    Raises:
        ApiError: InvalidLifecycleEventHookExecutionIdException.
    """
    try:
        of, event = json.loads(base64.b64decode(execution, validate=True))
    except (ValueError, TypeError, binascii.Error):
        of, event = "", ""
    if of != deployment or event not in HOOKS:
        raise ApiError(
            "InvalidLifecycleEventHookExecutionIdException",
            "The execution id is not one of the deployment's.",
        )
    return str(event)


def target_id(deployment: Deployment) -> str:
    """Return the id of a deployment's target: the cluster's name and the service's."""
    cluster, name = (deployment.service[key].rpartition("/")[2] for key in ("clusterName", "serviceName"))
    return f"{cluster}:{name}"


def describe(service: Service, deployment: Deployment) -> Mapping[str, Any]:
    """Return a deployment's target as DeploymentTarget."""
    state, scene = deployment.state, deployment.scene
    times = [time for event in state.events for time in (event.started, event.ended) if time is not None]
    target = {
        "deploymentId": deployment.id,
        "targetId": target_id(deployment),
        "targetArn": scene.service if scene else "",
        "lastUpdatedAt": max([deployment.created, *times]),
        "lifecycleEvents": [_event(event) for event in state.events],
        "status": _status(state.status),
        "taskSetsInfo": _task_sets(service, scene, weight=_weight(deployment)) if scene else [],
    }
    return {"deploymentTargetType": "ECSTarget", "ecsTarget": target}


def _task_sets(service: Service, scene: Scene, *, weight: int) -> list[Mapping[str, Any]]:
    sides = {
        scene.original.task_set: (Side.ORIGINAL, scene.original.target_group, 100 - weight),
        scene.replacement.task_set: (Side.REPLACEMENT, scene.replacement.target_group, weight),
    }
    return [
        {
            "identifer": counts.id,
            "desiredCount": counts.desired,
            "pendingCount": counts.pending,
            "runningCount": counts.running,
            "status": counts.status,
            "trafficWeight": float(sides[counts.arn][2]),
            "targetGroup": {"name": sides[counts.arn][1].split("/")[1]},
            "taskSetLabel": str(sides[counts.arn][0]),
        }
        for counts in service.task_sets(scene)
        if counts.arn in sides
    ]


def _weight(deployment: Deployment) -> int:
    """Return the replacement's percent of traffic; a rollback takes what its deployment had given."""
    back = deployment.rollback or deployment
    if not back.plan.way_back or back.triggering is None:
        return deployment.state.weight
    production = next(event for event in back.state.events if event.name == "AllowTraffic")
    return 0 if production.progress is Progress.SUCCEEDED else back.triggering.state.weight


def _event(event: Event) -> Mapping[str, Any]:
    told = {
        "lifecycleEventName": event.name,
        "status": str(event.progress),
        "startTime": event.started,
        "endTime": event.ended,
        "diagnostics": {"errorCode": "UnknownError", "message": event.message} if event.message else None,
    }
    return {key: value for key, value in told.items() if value is not None}


def _status(status: Status) -> str:
    match status:
        case Status.CREATED | Status.QUEUED:
            return "Pending"
        case Status.STOPPED:
            return "Failed"
    return str(status)


def _started(service: Service, said: Said) -> Deployment:
    deployment = service.store.deployment(said["deploymentId"])
    if deployment.state.status in {Status.CREATED, Status.QUEUED}:
        raise ApiError("DeploymentNotStartedException", "The specified deployment has not started.")
    return deployment


def _check(deployment: Deployment, id_: str) -> None:
    if id_ != target_id(deployment):
        raise ApiError(
            "DeploymentTargetDoesNotExistException", f"The deployment {deployment.id} has no target {id_}"
        )


OPERATIONS: Final[Mapping[str, Operation]] = {
    "ListDeploymentTargets": list_targets,
    "GetDeploymentTarget": get_target,
    "BatchGetDeploymentTargets": batch_get_targets,
    "PutLifecycleEventHookExecutionStatus": put_status,
}

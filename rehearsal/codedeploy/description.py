"""A deployment as GetDeployment describes it (CodeDeploy API Reference, "DeploymentInfo")."""

from collections.abc import Mapping
from typing import Any

from rehearsal.codedeploy import messages
from rehearsal.codedeploy.applications import location
from rehearsal.codedeploy.groups import STYLE
from rehearsal.codedeploy.state import Status
from rehearsal.codedeploy.store import Deployment, Store


def describe(store: Store, deployment: Deployment) -> dict[str, Any]:
    """Return a deployment as DeploymentInfo.

    Shown only where they are set: times, errors, rollbacks, and the overview once it has ended.
    """
    state = deployment.state
    told: dict[str, Any] = {
        "applicationName": deployment.application,
        "deploymentGroupName": deployment.group,
        "deploymentConfigName": deployment.config,
        "deploymentId": deployment.id,
        "revision": location(deployment.revision),
        "status": str(state.status),
        "createTime": deployment.created,
        "startTime": state.started,
        "completeTime": state.completed,
        "description": deployment.description,
        "creator": deployment.creator,
        "ignoreApplicationStopFailures": False,
        "updateOutdatedInstancesOnly": False,
        "deploymentStyle": STYLE,
        "instanceTerminationWaitTimeStarted": state.waits,
        "fileExistsBehavior": "DISALLOW",
        "deploymentStatusMessages": [],
        "computePlatform": "ECS",
        "rollbackInfo": _rollback_info(deployment),
        "errorInformation": state.problem and {"code": state.problem.code, "message": state.problem.message},
        "deploymentOverview": _overview(state.status),
        "previousRevision": _previous(store, deployment),
    }
    return {key: value for key, value in told.items() if value is not None} | dict(deployment.settings)


def _previous(store: Store, deployment: Deployment) -> Mapping[str, Any] | None:
    older = (
        other
        for other in store.of_group(deployment.application, deployment.group)
        if other.created < deployment.created and other.state.status is Status.SUCCEEDED
    )
    found = next(older, None)
    return None if found is None else location(found.revision)


def _rollback_info(deployment: Deployment) -> Mapping[str, str] | None:
    if deployment.rollback is not None:
        id_ = deployment.rollback.id
        return {"rollbackDeploymentId": id_, "rollbackMessage": messages.rolled_back(deployment.id, id_)}
    if deployment.triggering is not None:
        id_ = deployment.triggering.id
        return {
            "rollbackTriggeringDeploymentId": id_,
            "rollbackMessage": messages.rolls_back(deployment.id, id_),
        }
    return None


def _overview(status: Status) -> Mapping[str, int] | None:
    if not status.ended:
        return None
    ended = "Succeeded" if status is Status.SUCCEEDED else "Failed"
    kinds = ("Pending", "InProgress", "Succeeded", "Failed", "Skipped", "Ready")
    return {kind: int(kind == ended) for kind in kinds}

"""Deployment groups (CodeDeploy API Reference, the actions of that name).

"Create a deployment group for an Amazon ECS deployment" of the User Guide: an ECS service, a production
listener, an optional test listener and two target groups; blue/green with traffic control is the only style.
"""

import uuid
from collections.abc import Mapping
from typing import Any, Final

from rehearsal.codedeploy import schedule
from rehearsal.codedeploy.errors import ApiError
from rehearsal.codedeploy.plan import Trigger
from rehearsal.codedeploy.service import Operation, Said, Service
from rehearsal.codedeploy.store import Deployment, Group

MOST_ALARMS: Final = 10
_LONGEST_WAIT: Final = 2880
STYLE: Final = {"deploymentType": "BLUE_GREEN", "deploymentOption": "WITH_TRAFFIC_CONTROL"}
_OF_OTHER_PLATFORMS: Final = (
    "ec2TagFilters",
    "onPremisesInstanceTagFilters",
    "autoScalingGroups",
    "ec2TagSet",
    "onPremisesTagSet",
)


def create_group(service: Service, said: Said) -> Mapping[str, Any]:
    """Create a deployment group."""
    application = service.store.application(said["applicationName"])
    name = said["deploymentGroupName"]
    if name in application.groups:
        raise ApiError("DeploymentGroupAlreadyExistsException", f"Deployment Group already exists: {name}")
    kept = {key: value for key, value in said.items() if key != "tags"}
    kept.setdefault("deploymentConfigName", schedule.DEFAULT)
    check_group(service, kept)
    made = Group(str(uuid.uuid4()), kept)
    application.groups[name] = made
    return {"deploymentGroupId": made.id}


def update_group(service: Service, said: Said) -> Mapping[str, Any]:
    """Change what the request names of a deployment group, its own name included."""
    application = service.store.application(said["applicationName"])
    old = said["currentDeploymentGroupName"]
    group = service.store.group(application.name, old)
    new = said.get("newDeploymentGroupName", old)
    if new != old and new in application.groups:
        raise ApiError("DeploymentGroupAlreadyExistsException", f"Deployment Group already exists: {new}")
    left_out = {"currentDeploymentGroupName", "newDeploymentGroupName"}
    changed = group.said | {key: value for key, value in said.items() if key not in left_out}
    changed["deploymentGroupName"] = new
    check_group(service, changed)
    group.said = changed
    application.groups[new] = application.groups.pop(old)
    for deployment in service.store.of_group(application.name, old):
        deployment.group = new
    return {}


def get_group(service: Service, said: Said) -> Mapping[str, Any]:
    """Describe a deployment group with its last deployments."""
    application, name = said["applicationName"], said["deploymentGroupName"]
    group = service.store.group(application, name)
    history = list(service.store.of_group(application, name))
    succeeded = [deployment for deployment in history if deployment.state.status == "Succeeded"]
    last = {
        "lastAttemptedDeployment": history[:1],
        "lastSuccessfulDeployment": succeeded[:1],
    }
    told = {key: _last(found[0]) for key, found in last.items() if found}
    fixed = {"deploymentGroupId": group.id, "computePlatform": "ECS", "deploymentStyle": STYLE}
    return {"deploymentGroupInfo": group.said | fixed | told}


def list_groups(service: Service, said: Said) -> Mapping[str, Any]:
    """List the names of an application's deployment groups."""
    application = service.store.application(said["applicationName"])
    return {"applicationName": application.name, "deploymentGroups": sorted(application.groups)}


def delete_group(service: Service, said: Said) -> Mapping[str, Any]:
    """Delete a deployment group; one that is not there is no error."""
    application = service.store.applications.get(said["applicationName"])
    if application is not None:
        application.groups.pop(said["deploymentGroupName"], None)
    return {"hooksNotCleanedUp": []}


def check_group(service: Service, said: Said) -> None:
    """Refuse a group that CodeDeploy would refuse.

    Raises:
        ApiError: With the exception that is documented for what is wrong.
    """
    service.store.config(said["deploymentConfigName"])
    for name in _OF_OTHER_PLATFORMS:
        if said.get(name):
            raise ApiError(
                "InvalidAutoScalingGroupException"
                if name == "autoScalingGroups"
                else "InvalidInputException",
                f"For ECS deployment group, {name} can not be specified",
            )
    if said.get("deploymentStyle", STYLE) != STYLE:
        raise ApiError(
            "InvalidDeploymentStyleException", "ECS deployments are BLUE_GREEN, WITH_TRAFFIC_CONTROL."
        )
    _check_service(said)
    _check_pair(said)
    check_alarms(said.get("alarmConfiguration", {}))
    check_rollback(said.get("autoRollbackConfiguration", {}))
    _check_blue_green(said.get("blueGreenDeploymentConfiguration", {}))


def _check_service(said: Said) -> None:
    match said.get("ecsServices"):
        case [{"serviceName": _, "clusterName": _}]:
            return
    raise ApiError("InvalidECSServiceException", "An ECS deployment group has one service, with its cluster.")


def _check_pair(said: Said) -> None:
    pairs: Any = said.get("loadBalancerInfo", {}).get("targetGroupPairInfoList")
    match pairs:
        case [{"targetGroups": [{"name": first}, {"name": second}]}] if first != second:
            if _listeners(pairs[0], "prod") == 1 and _listeners(pairs[0], "test") <= 1:
                return
    raise ApiError(
        "InvalidTargetGroupPairException",
        "An ECS deployment group has a pair of target groups, one production listener and at most one test "
        "listener.",
    )


def _listeners(routes: Mapping[str, Any], kind: str) -> int:
    return len(routes.get(f"{kind}TrafficRoute", {}).get("listenerArns", []))


def check_alarms(said: Said) -> None:
    """Refuse more alarms than ten ("Monitoring deployments with CloudWatch alarms in CodeDeploy").

    Raises:
        ApiError: AlarmsLimitExceededException, or InvalidAlarmConfigException.
    """
    alarms = said.get("alarms", [])
    if len(alarms) > MOST_ALARMS:
        raise ApiError("AlarmsLimitExceededException", "A deployment group has at most 10 alarms.")
    names = [alarm.get("name") for alarm in alarms]
    if None in names or len(set(names)) < len(names) or (said.get("enabled") and not alarms):
        raise ApiError(
            "InvalidAlarmConfigException", "Alarms have names, each once, and are there when enabled."
        )


def check_rollback(said: Said) -> None:
    """Refuse events that start no rollback.

    Raises:
        ApiError: InvalidAutoRollbackConfigException.
    """
    events = said.get("events", [])
    if set(events) - {str(trigger) for trigger in Trigger} or (said.get("enabled") and not events):
        raise ApiError(
            "InvalidAutoRollbackConfigException", f"Rollbacks are started by: {', '.join(Trigger)}."
        )


def _check_blue_green(said: Said) -> None:
    ready = said.get("deploymentReadyOption", {})
    ending = said.get("terminateBlueInstancesOnDeploymentSuccess", {})
    if "greenFleetProvisioningOption" in said:
        raise _blue_green("ECS deployments have no greenFleetProvisioningOption.")
    if ready.get("actionOnTimeout") == "CONTINUE_DEPLOYMENT" and ready.get("waitTimeInMinutes"):
        raise _blue_green(
            "Deployment ready action cannot be set to 'CONTINUE_DEPLOYMENT' when timeout is specified"
        )
    for minutes in (ready.get("waitTimeInMinutes", 0), ending.get("terminationWaitTimeInMinutes", 0)):
        if not 0 <= minutes <= _LONGEST_WAIT:
            raise _blue_green("A wait is between 0 and 2880 minutes.")


def _blue_green(message: str) -> ApiError:
    return ApiError("InvalidBlueGreenDeploymentConfigurationException", message)


def _last(deployment: Deployment) -> Mapping[str, Any]:
    told = {
        "deploymentId": deployment.id,
        "status": str(deployment.state.status),
        "createTime": deployment.created,
    }
    ended = deployment.state.completed
    return told if ended is None else told | {"endTime": ended}


OPERATIONS: Final[Mapping[str, Operation]] = {
    "CreateDeploymentGroup": create_group,
    "UpdateDeploymentGroup": update_group,
    "GetDeploymentGroup": get_group,
    "ListDeploymentGroups": list_groups,
    "DeleteDeploymentGroup": delete_group,
}

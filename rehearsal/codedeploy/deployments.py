"""Deployments as the API creates, describes, lists and stops them."""

from collections.abc import Mapping
from typing import Any, Final

from rehearsal.codedeploy import appspec, groups, messages, planning
from rehearsal.codedeploy.applications import checked_description, remember
from rehearsal.codedeploy.description import describe
from rehearsal.codedeploy.errors import ApiError
from rehearsal.codedeploy.paging import page
from rehearsal.codedeploy.service import Operation, Said, Service
from rehearsal.codedeploy.state import Continue, Status, Stop, first
from rehearsal.codedeploy.store import Deployment, Store, new_id

_MOST_AT_ONCE: Final = 25


def create_deployment(service: Service, said: Said) -> Mapping[str, Any]:
    """Begin a deployment; a group has at most one that has not ended ("CodeDeploy quotas")."""
    store = service.store
    application = store.application(said["applicationName"])
    if "deploymentGroupName" not in said:
        raise ApiError("DeploymentGroupNameRequiredException", "The deployment group name was not specified.")
    group = store.group(application.name, said["deploymentGroupName"])
    config = said.get("deploymentConfigName", group.said["deploymentConfigName"])
    routing = store.config(config)["trafficRoutingConfig"]
    if "revision" not in said:
        raise ApiError("RevisionRequiredException", "The revision ID was not specified.")
    groups.check_alarms(said.get("overrideAlarmConfiguration", {}))
    groups.check_rollback(said.get("autoRollbackConfiguration", {}))
    description = checked_description(said)
    revision = remember(service, application, said["revision"])
    _refuse_second(store, application.name, said["deploymentGroupName"])
    spec = appspec.parse(revision.content)
    settings = planning.settings_of(group.said, said)
    alarms = said.get("overrideAlarmConfiguration", group.said.get("alarmConfiguration", {}))
    plan = planning.plan(
        routing=routing, settings=settings, alarms=alarms, appspec=spec, real=service.clock.real
    )
    made = Deployment(
        id=new_id(),
        application=application.name,
        group=said["deploymentGroupName"],
        config=config,
        revision=revision,
        appspec=spec,
        created=store.now(),
        description=description,
        creator="user",
        settings=settings,
        service=group.said["ecsServices"][0],
        plan=plan,
        state=first(plan),
    )
    revision.used = made.created
    store.deployments[made.id] = made
    service.start(made)
    return {"deploymentId": made.id}


def roll_back(store: Store, triggering: Deployment) -> Deployment:
    """Store the deployment that takes another one back: to ECSAllAtOnce, whatever the other one used."""
    plan = planning.way_back(triggering.settings)
    made = Deployment(
        id=new_id(),
        application=triggering.application,
        group=triggering.group,
        config="CodeDeployDefault.ECSAllAtOnce",
        revision=triggering.revision,
        appspec=triggering.appspec,
        created=store.now(),
        description="",
        creator="codeDeployRollback",
        settings=triggering.settings,
        service=triggering.service,
        plan=plan,
        state=first(plan),
        scene=triggering.scene,
        triggering=triggering,
    )
    good = _last_good(store, triggering)
    if good is not None:
        made.revision, made.appspec = good.revision, good.appspec
    made.description = messages.rolls_back(made.id, triggering.id)
    triggering.rollback = made
    store.deployments[made.id] = made
    return made


def _last_good(store: Store, deployment: Deployment) -> Deployment | None:
    """Return the newest deployment of a group that rolled its own revision out."""
    return next(
        (
            other
            for other in store.of_group(deployment.application, deployment.group)
            if other.state.status is Status.SUCCEEDED and other.creator == "user"
        ),
        None,
    )


def get_deployment(service: Service, said: Said) -> Mapping[str, Any]:
    """Describe a deployment."""
    return {"deploymentInfo": describe(service.store, service.store.deployment(said["deploymentId"]))}


def batch_get(service: Service, said: Said) -> Mapping[str, Any]:
    """Describe up to 25 deployments; ids that do not exist are left out."""
    ids = said["deploymentIds"]
    if len(ids) > _MOST_AT_ONCE:
        raise ApiError("BatchLimitExceededException", "At most 25 deployments are described at once.")
    found = [service.store.deployments[id_] for id_ in ids if id_ in service.store.deployments]
    return {"deploymentsInfo": [describe(service.store, deployment) for deployment in found]}


def list_deployments(service: Service, said: Said) -> Mapping[str, Any]:
    """List the ids of deployments, newest first, by group, status and time of creation."""
    if ("applicationName" in said) != ("deploymentGroupName" in said):
        name = "ApplicationName" if "deploymentGroupName" in said else "DeploymentGroupName"
        raise ApiError(f"{name}RequiredException", "An application is listed with a deployment group of its.")
    if "applicationName" in said:
        service.store.group(said["applicationName"], said["deploymentGroupName"])
    statuses = said.get("includeOnlyStatuses", [])
    known = {str(status) for status in Status} | {"Baking"}
    if set(statuses) - known:
        raise ApiError("InvalidDeploymentStatusException", f"A status is one of: {', '.join(sorted(known))}.")
    between = said.get("createTimeRange", {})
    start, end = between.get("start", 0.0), between.get("end", float("inf"))
    if start > end:
        raise ApiError("InvalidTimeRangeException", "The time range ends before it starts.")
    found = [
        deployment.id
        for deployment in reversed(service.store.deployments.values())
        if said.get("applicationName", deployment.application) == deployment.application
        and said.get("deploymentGroupName", deployment.group) == deployment.group
        and (not statuses or deployment.state.status in statuses)
        and start <= deployment.created <= end
    ]
    return page("deployments", found, said.get("nextToken"))


def stop_deployment(service: Service, said: Said) -> Mapping[str, Any]:
    """Have a deployment stop: pending, since an event may be under way (API Reference, "StopDeployment")."""
    deployment = service.store.deployment(said["deploymentId"])
    if deployment.state.status.ended:
        raise _completed(deployment)
    service.give(deployment, Stop(said.get("autoRollbackEnabled")))
    return {"status": "Pending", "statusMessage": "The deployment is being stopped."}


def continue_deployment(service: Service, said: Said) -> Mapping[str, Any]:
    """End the wait before traffic moves, or the one before the original task set is terminated."""
    if "deploymentId" not in said:
        raise ApiError("DeploymentIdRequiredException", "At least one deployment ID must be specified.")
    deployment = service.store.deployment(said["deploymentId"])
    wait = said.get("deploymentWaitType", "READY_WAIT")
    if wait not in {"READY_WAIT", "TERMINATION_WAIT"}:
        raise ApiError("InvalidDeploymentWaitTypeException", "The wait is READY_WAIT or TERMINATION_WAIT.")
    if deployment.state.status.ended:
        raise _completed(deployment)
    state = deployment.state
    if not (state.status is Status.READY if wait == "READY_WAIT" else state.waits):
        raise ApiError(
            "DeploymentIsNotInReadyStateException", f"The deployment {deployment.id} does not wait for that."
        )
    service.give(deployment, Continue(wait))
    return {}


def _refuse_second(store: Store, application: str, group: str) -> None:
    for deployment in store.of_group(application, group):
        if not deployment.state.status.ended:
            raise ApiError(
                "DeploymentLimitExceededException",
                f"The Deployment Group '{group}' already has an active Deployment '{deployment.id}'",
            )


def _completed(deployment: Deployment) -> ApiError:
    return ApiError(
        "DeploymentAlreadyCompletedException", f"The deployment {deployment.id} is already complete."
    )


OPERATIONS: Final[Mapping[str, Operation]] = {
    "CreateDeployment": create_deployment,
    "GetDeployment": get_deployment,
    "BatchGetDeployments": batch_get,
    "ListDeployments": list_deployments,
    "StopDeployment": stop_deployment,
    "ContinueDeployment": continue_deployment,
}

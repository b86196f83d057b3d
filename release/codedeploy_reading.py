"""What CodeDeploy says of a deployment, read into the words that both engines share; pure."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from release.deployment import Deployment, Event, State

UNFINISHED: Final = ("Created", "Queued", "InProgress", "Baking", "Ready")
"""Statuses of a deployment that has not ended (DeploymentInfo, AWS CodeDeploy API Reference)."""
_STATES: Final = {"Succeeded": State.SUCCEEDED, "Failed": State.FAILED, "Stopped": State.STOPPED}
_EVENTS: Final = {
    "Pending": "pending",
    "InProgress": "running",
    "Succeeded": "succeeded",
    "Failed": "failed",
    "Skipped": "skipped",
}
_ROLLBACK: Final = "codeDeployRollback"
_ALARM: Final = "ALARM_ACTIVE"
"""ErrorInformation's code when an alarm stopped a deployment, whose status is then Stopped."""
_CAUSES: Final = {
    State.FAILED: {"DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM"},
    State.STOPPED: {"DEPLOYMENT_STOP_ON_REQUEST", "DEPLOYMENT_STOP_ON_ALARM"},
}


def description_of(release: str) -> str:
    """Return how a release's deployment is described, by which it is found again."""
    return f"release {release}"


def deployment_of(
    info: Mapping[str, Any], events: Sequence[Event] = (), way_back: Deployment | None = None
) -> Deployment:
    """Return a deployment that CodeDeploy describes, with its events and its way back."""
    return Deployment(
        id=info["deploymentId"],
        state=_state(info),
        status=info["status"],
        started=info.get("startTime") or info.get("createTime"),
        task_definition=task_definition_of(info),
        events=tuple(events),
        reason=_reason(info, events),
        way_back=way_back,
        rollback=info.get("creator") == _ROLLBACK,
    )


def _state(info: Mapping[str, Any]) -> State:
    """Return where it stands: one that an alarm has stopped has failed, and nobody stopped it."""
    if info["status"] == "Stopped" and info.get("errorInformation", {}).get("code") == _ALARM:
        return State.FAILED
    return _STATES.get(info["status"], State.RUNNING)


def task_definition_of(info: Mapping[str, Any]) -> str:
    """Return the revision in a deployment's AppSpec, which AWS does not repeat: empty then."""
    revision = info.get("revision", {})
    text = (revision.get("appSpecContent") or revision.get("string") or {}).get("content", "")
    try:
        target = json.loads(text)["Resources"][0]["TargetService"]
        return str(target["Properties"]["TaskDefinition"])
    except (ValueError, KeyError, IndexError, TypeError):
        return ""


def events_of(targets: Sequence[Mapping[str, Any]]) -> tuple[Event, ...]:
    """Return the lifecycle events of a deployment's one target."""
    found = [target["ecsTarget"] for target in targets if "ecsTarget" in target]
    return tuple(_event(item) for target in found[:1] for item in target.get("lifecycleEvents", []))


def way_back_of(info: Mapping[str, Any]) -> str:
    """Return the id of the deployment that takes traffic back; empty when CodeDeploy names none."""
    return str(info.get("rollbackInfo", {}).get("rollbackDeploymentId", ""))


def expects_rollback(info: Mapping[str, Any]) -> bool:
    """Return whether CodeDeploy will roll this one back by itself, and has not named the rollback yet.

    It makes the rollback a deployment of its own, a moment after the one that it is for has ended.
    """
    state = _STATES.get(info["status"], State.RUNNING)
    configured = info.get("autoRollbackConfiguration", {})
    return (
        info.get("creator") != _ROLLBACK
        and not way_back_of(info)
        and bool(configured.get("enabled"))
        and bool(_CAUSES.get(state, set()) & set(configured.get("events", [])))
    )


def waiting_for_rollback(deployment: Deployment) -> Deployment:
    """Return the deployment with a way back that has no name yet."""
    unnamed = Deployment(
        id="", state=State.RUNNING, status="Expected", started=None, task_definition="", rollback=True
    )
    return replace(deployment, way_back=unnamed)


def _event(item: Mapping[str, Any]) -> Event:
    diagnostics = item.get("diagnostics", {})
    said = [diagnostics.get("errorCode", ""), diagnostics.get("message", "")]
    return Event(
        name=item["lifecycleEventName"],
        status=_EVENTS.get(item.get("status", ""), "pending"),
        started=item.get("startTime"),
        ended=item.get("endTime"),
        message=": ".join(part for part in said if part and part != "Success"),
    )


def _reason(info: Mapping[str, Any], events: Sequence[Event]) -> str:
    """Return CodeDeploy's words for an end that is no success."""
    if info["status"] not in {"Failed", "Stopped"}:
        return ""
    error = info.get("errorInformation", {})
    failed = [f"{event.name} failed" for event in events if event.status == "failed"]
    parts = [error.get("code", ""), error.get("message", ""), *failed]
    return ": ".join(part for part in parts if part)

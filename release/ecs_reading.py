"""What Amazon ECS says of a service deployment, read into the words that both engines share; pure.

Source: ServiceDeployment, Amazon ECS API Reference; "Stopping Amazon ECS service deployments" and "Deployment
lifecycle stages for Amazon ECS blue/green deployments", Developer Guide.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from infra.settings import ReleaseSettings
from release.deployment import Deployment, Event, State

UNFINISHED: Final = ("PENDING", "IN_PROGRESS", "STOP_REQUESTED", "ROLLBACK_REQUESTED", "ROLLBACK_IN_PROGRESS")
"""Statuses of a service deployment that has not ended."""
ASKED_BACK: Final = frozenset({"STOP_REQUESTED", "ROLLBACK_REQUESTED", "STOPPED"})
"""Statuses that a deployment has only because somebody stopped it."""
_ENDS: Final = {"SUCCESSFUL": State.SUCCEEDED, "STOPPED": State.STOPPED}
_WAYS_BACK: Final = {
    "ROLLBACK_REQUESTED": State.RUNNING,
    "ROLLBACK_IN_PROGRESS": State.RUNNING,
    "ROLLBACK_SUCCESSFUL": State.SUCCEEDED,
    "ROLLBACK_FAILED": State.FAILED,
}
_TWO_COLOURS: Final = (
    "PRE_SCALE_UP",
    "SCALE_UP",
    "POST_SCALE_UP",
    "TEST_TRAFFIC_SHIFT",
    "POST_TEST_TRAFFIC_SHIFT",
    "PRODUCTION_TRAFFIC_SHIFT",
    "POST_PRODUCTION_TRAFFIC_SHIFT",
    "BAKE_TIME",
    "CLEAN_UP",
)


def stages_of(release: ReleaseSettings) -> tuple[str, ...]:
    """Return the lifecycle stages that a release goes through, in order; rolling has none."""
    return _TWO_COLOURS if release.two_colours else ()


def deployment_of(
    found: Mapping[str, Any],
    task_definition: str,
    *,
    stages: Sequence[str],
    forward: str = "",
    stopped: bool = False,
) -> Deployment:
    """Return a service deployment that ECS describes.

    ECS rolls back within the same deployment, so its way back has its ARN too.

    Args:
        found: the service deployment.
        task_definition: of its target revision.
        stages: what it goes through.
        forward: the last stage that it was seen in before it turned back; empty when nobody looked.
        stopped: whether somebody was seen to stop it.
    """
    status = found["status"]
    back = _WAYS_BACK.get(status)
    turned = State.STOPPED if stopped else State.FAILED
    return Deployment(
        id=found["serviceDeploymentArn"],
        state=turned if back else _ENDS.get(status, State.RUNNING),
        status=status,
        started=found.get("startedAt") or found.get("createdAt"),
        task_definition=task_definition,
        events=events_of(status, forward if back else found.get("lifecycleStage") or forward, stages),
        reason=_reason(found),
        way_back=_way_back(found, back) if back else None,
    )


def events_of(status: str, at: str, stages: Sequence[str]) -> tuple[Event, ...]:
    """Return the stages as events: ECS names the one that it is in, so those before it are done."""
    if status == "SUCCESSFUL":
        return tuple(Event(name=stage, status="succeeded") for stage in stages)
    if at not in stages:
        return tuple(Event(name=stage, status="pending") for stage in stages)
    here = stages.index(at)
    ended = status in _WAYS_BACK or status in ASKED_BACK
    now, later = ("failed", "skipped") if ended else ("running", "pending")
    before = [Event(name=stage, status="succeeded") for stage in stages[:here]]
    after = [Event(name=stage, status=later) for stage in stages[here + 1 :]]
    return (*before, Event(name=at, status=now), *after)


def _way_back(found: Mapping[str, Any], state: State) -> Deployment:
    rollback = found.get("rollback", {})
    return Deployment(
        id=found["serviceDeploymentArn"],
        state=state,
        status=found["status"],
        started=rollback.get("startedAt"),
        task_definition="",
        reason=found.get("statusReason", "") if state is State.FAILED else "",
        rollback=True,
    )


def _reason(found: Mapping[str, Any]) -> str:
    if found["status"] not in {"STOPPED", "STOP_REQUESTED", *_WAYS_BACK}:
        return ""
    alarms = found.get("alarms", {})
    red = ", ".join(alarms.get("triggeredAlarmNames", []))
    parts = [
        found.get("rollback", {}).get("reason", ""),
        found.get("statusReason", ""),
        "the circuit breaker saw tasks fail" if _triggered(found.get("deploymentCircuitBreaker", {})) else "",
        f"red alarms: {red}" if red else "",
    ]
    return ": ".join(dict.fromkeys(part for part in parts if part))


def _triggered(monitor: Mapping[str, Any]) -> bool:
    return monitor.get("status") == "TRIGGERED"

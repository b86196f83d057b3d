"""What Amazon ECS says of a service deployment."""

from datetime import UTC, datetime
from typing import Any

import pytest

from infra.settings import ReleaseSettings, Strategy
from release.deployment import Deployment, Event, State
from release.ecs_reading import deployment_of, events_of, stages_of

AT = datetime(2026, 11, 20, 16, tzinfo=UTC)
STAGES = ("SCALE_UP", "PRODUCTION_TRAFFIC_SHIFT", "BAKE_TIME")
FOUND: dict[str, Any] = {"serviceDeploymentArn": "sd-1", "status": "IN_PROGRESS", "createdAt": AT}


@pytest.mark.parametrize(
    ("status", "state", "back"),
    [
        ("PENDING", State.RUNNING, None),
        ("IN_PROGRESS", State.RUNNING, None),
        ("STOP_REQUESTED", State.RUNNING, None),
        ("STOPPED", State.STOPPED, None),
        ("SUCCESSFUL", State.SUCCEEDED, None),
        ("ROLLBACK_REQUESTED", State.FAILED, State.RUNNING),
        ("ROLLBACK_IN_PROGRESS", State.FAILED, State.RUNNING),
        ("ROLLBACK_SUCCESSFUL", State.FAILED, State.SUCCEEDED),
        ("ROLLBACK_FAILED", State.FAILED, State.FAILED),
    ],
)
def test_a_status_is_a_state_and_a_way_back(status: str, state: State, back: State | None) -> None:
    """ECS rolls back within the deployment; a release waits for that as for CodeDeploy's own deployment."""
    found = deployment_of({**FOUND, "status": status}, "revision", stages=STAGES)
    assert (found.state, found.way_back.state if found.way_back else None) == (state, back)
    assert found.settled is (state.ended and back is not State.RUNNING)


def test_a_rollback_is_told_with_everything_that_ecs_says() -> None:
    """The stage that it came to, the reason, the red alarms, and whether somebody stopped it."""
    described = {
        **FOUND,
        "status": "ROLLBACK_IN_PROGRESS",
        "statusReason": "turning back",
        "startedAt": AT,
        "rollback": {"reason": "alarms", "startedAt": AT, "serviceRevisionArn": "old"},
        "alarms": {"status": "TRIGGERED", "triggeredAlarmNames": ["switchyard-dev-green-errors"]},
        "deploymentCircuitBreaker": {"status": "TRIGGERED"},
    }
    found = deployment_of(
        described, "revision", stages=STAGES, forward="PRODUCTION_TRAFFIC_SHIFT", stopped=True
    )
    assert found == Deployment(
        id="sd-1",
        state=State.STOPPED,
        status="ROLLBACK_IN_PROGRESS",
        started=AT,
        task_definition="revision",
        events=(
            Event(name="SCALE_UP", status="succeeded"),
            Event(name="PRODUCTION_TRAFFIC_SHIFT", status="failed"),
            Event(name="BAKE_TIME", status="skipped"),
        ),
        reason=(
            "alarms: turning back: the circuit breaker saw tasks fail: "
            "red alarms: switchyard-dev-green-errors"
        ),
        way_back=Deployment(
            id="sd-1",
            state=State.RUNNING,
            status="ROLLBACK_IN_PROGRESS",
            started=AT,
            task_definition="",
            rollback=True,
        ),
    )


@pytest.mark.parametrize(
    ("status", "at", "statuses"),
    [
        ("PENDING", "", ["pending", "pending", "pending"]),
        ("IN_PROGRESS", "PRODUCTION_TRAFFIC_SHIFT", ["succeeded", "running", "pending"]),
        ("SUCCESSFUL", "BAKE_TIME", ["succeeded", "succeeded", "succeeded"]),
        ("IN_PROGRESS", "A_STAGE_OF_TOMORROW", ["pending", "pending", "pending"]),
    ],
)
def test_stages_before_the_one_it_is_in_are_done(status: str, at: str, statuses: list[str]) -> None:
    """ECS names only the one."""
    assert [event.status for event in events_of(status, at, STAGES)] == statuses


def test_rolling_has_no_stages() -> None:
    """It has one colour and no gate."""
    assert stages_of(ReleaseSettings(strategy=Strategy.ROLLING)) == ()
    assert stages_of(ReleaseSettings(strategy=Strategy.CANARY))[5] == "PRODUCTION_TRAFFIC_SHIFT"
    assert events_of("IN_PROGRESS", "", ()) == ()

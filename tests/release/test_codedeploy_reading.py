"""What CodeDeploy says of a deployment."""

from datetime import UTC, datetime
from typing import Any

import pytest

from release.codedeploy_reading import deployment_of, events_of, expects_rollback, way_back_of
from release.deployment import Deployment, Event, State

AT = datetime(2026, 11, 20, 16, tzinfo=UTC)
INFO: dict[str, Any] = {"deploymentId": "d-1", "status": "InProgress", "createTime": AT, "creator": "user"}
ROLLS_BACK: dict[str, Any] = {
    "autoRollbackConfiguration": {
        "enabled": True,
        "events": ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_REQUEST", "DEPLOYMENT_STOP_ON_ALARM"],
    }
}


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("Created", State.RUNNING),
        ("Queued", State.RUNNING),
        ("InProgress", State.RUNNING),
        ("Baking", State.RUNNING),
        ("Ready", State.RUNNING),
        ("A word of tomorrow", State.RUNNING),
        ("Succeeded", State.SUCCEEDED),
        ("Failed", State.FAILED),
        ("Stopped", State.STOPPED),
    ],
)
def test_a_status_is_a_state(status: str, state: State) -> None:
    """What is not known to have ended has not."""
    assert deployment_of({**INFO, "status": status}).state is state


def test_what_an_alarm_stopped_has_failed() -> None:
    """CodeDeploy calls it Stopped, and nobody stopped it."""
    info = {"deploymentId": "d-1", "status": "Stopped", "errorInformation": {"code": "ALARM_ACTIVE"}}
    assert deployment_of(info).state is State.FAILED
    info["errorInformation"] = {"code": "MANUAL_STOP"}
    assert deployment_of(info).state is State.STOPPED


def test_a_failure_is_told_with_its_code_and_its_event() -> None:
    """In CodeDeploy's words."""
    error = {"code": "HOOK_EXECUTION_FAILURE", "message": "The hook failed"}
    events = (Event(name="AfterAllowTestTraffic", status="failed", started=AT, ended=AT),)
    found = deployment_of({**INFO, "status": "Failed", "startTime": AT, "errorInformation": error}, events)
    assert found == Deployment(
        id="d-1",
        state=State.FAILED,
        status="Failed",
        started=AT,
        task_definition="",
        events=events,
        reason="HOOK_EXECUTION_FAILURE: The hook failed: AfterAllowTestTraffic failed",
    )


def test_a_rollback_is_known_by_its_creator() -> None:
    """And the deployment that it is for names it."""
    assert deployment_of({**INFO, "creator": "codeDeployRollback"}).rollback
    assert way_back_of({**INFO, "rollbackInfo": {"rollbackDeploymentId": "d-2"}}) == "d-2"
    assert way_back_of(INFO) == ""


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"status": "Failed"}, True),
        ({"status": "Stopped"}, True),
        ({"status": "Succeeded"}, False),
        ({"status": "InProgress"}, False),
        ({"status": "Failed", "rollbackInfo": {"rollbackDeploymentId": "d-2"}}, False),
        ({"status": "Failed", "creator": "codeDeployRollback"}, False),
        ({"status": "Failed", "autoRollbackConfiguration": {"enabled": False}}, False),
        (
            {
                "status": "Stopped",
                "autoRollbackConfiguration": {"enabled": True, "events": ["DEPLOYMENT_FAILURE"]},
            },
            False,
        ),
    ],
)
def test_a_rollback_that_has_no_name_yet_is_expected(more: dict[str, Any], expected: bool) -> None:  # noqa: FBT001
    """CodeDeploy makes it a moment after its cause has ended; that moment is not the release's end."""
    assert expects_rollback({**INFO, **ROLLS_BACK, **more}) is expected


def test_the_events_are_those_of_the_service() -> None:
    """With what CodeDeploy says of a failure; a success needs no words."""
    target = {
        "lifecycleEvents": [
            {"lifecycleEventName": "BeforeInstall", "status": "Skipped"},
            {"lifecycleEventName": "Install", "status": "Succeeded", "startTime": AT, "endTime": AT},
            {
                "lifecycleEventName": "AfterAllowTestTraffic",
                "status": "Failed",
                "startTime": AT,
                "diagnostics": {"errorCode": "ScriptFailed", "message": "no"},
            },
            {
                "lifecycleEventName": "AllowTraffic",
                "status": "Pending",
                "diagnostics": {"errorCode": "Success"},
            },
        ]
    }
    assert events_of([{"deploymentTargetType": "ECSTarget", "ecsTarget": target}]) == (
        Event(name="BeforeInstall", status="skipped"),
        Event(name="Install", status="succeeded", started=AT, ended=AT),
        Event(name="AfterAllowTestTraffic", status="failed", started=AT, message="ScriptFailed: no"),
        Event(name="AllowTraffic", status="pending"),
    )
    assert events_of([]) == ()


@pytest.mark.parametrize("content", [None, "", "not JSON", "{}", '{"Resources": []}', "[]"])
def test_an_appspec_that_is_not_repeated_is_no_error(content: str | None) -> None:
    """AWS answers GetDeployment with null in its place."""
    revision = {"revisionType": "AppSpecContent", "appSpecContent": {"content": content, "sha256": "0"}}
    assert deployment_of({**INFO, "revision": revision}).task_definition == ""

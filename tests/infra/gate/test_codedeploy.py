"""The gate as CodeDeploy calls it: whatever happens, there is one report."""

import pytest

from infra.hooks.gate.codedeploy import handle
from tests.infra.gate.conftest import Context, Gate
from tests.infra.gate.release import EVENTS
from tests.infra.gate.servers import World

pytestmark = pytest.mark.slow


@pytest.fixture
def gate(world: World) -> Gate:
    """Return this engine's gate only."""
    return Gate("codedeploy", world)


def test_the_report_is_exactly_this(gate: Gate) -> None:
    """CodeDeploy is told once, and which hook of which deployment it was."""
    assert gate.lets_pass()
    assert gate.world.told == [
        (
            "CodeDeploy_20141006.PutLifecycleEventHookExecutionStatus",
            {
                "deploymentId": "d-RELEASE01",
                "lifecycleEventHookExecutionId": "execution-1",
                "status": "Succeeded",
            },
        )
    ]


@pytest.mark.parametrize(("name", "value"), [("CLUSTER", "nowhere"), ("SERVICE", "nothing")])
def test_a_service_that_is_not_there_fails(
    gate: Gate, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    """Whatever keeps the gate from finding the release, CodeDeploy is told Failed."""
    monkeypatch.setenv(name, value)
    assert not gate.lets_pass()


def test_a_missing_setting_is_reported_too(gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    """Even a function that was configured wrongly answers."""
    monkeypatch.delenv("CLUSTER")
    assert not gate.lets_pass()


def test_an_unknown_deployment_is_reported_too(world: World, caplog: pytest.LogCaptureFixture) -> None:
    """A deployment without a task set of its own is not let through on another's answers."""
    handle({**EVENTS["codedeploy"], "DeploymentId": "d-UNKNOWN"}, Context(60.0))
    assert [body["status"] for _, body in world.told] == ["Failed"]
    assert "Deployment d-UNKNOWN has 0 task sets instead of one." in caplog.messages

"""The release keeper's first duty: no task goes while a release moves traffic."""

import pytest
from botocore.exceptions import ClientError

from infra.hooks.keeper.handler import handle
from infra.hooks.keeper.scaling import TargetMissingError, wanted
from tests.infra.keeper.world import (
    CLOCK,
    ENDED,
    GROUP,
    RESOURCE,
    SERVICE,
    STARTED,
    TARGET,
    Ecs,
    Refusal,
    build_group,
    finish,
    release,
    scaling,
    serve,
    suspended,
    target,
    throttling,
    with_ecs,
)

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("status", ["Created", "Queued", "InProgress", "Baking", "Ready"])
@pytest.mark.usefixtures("world")
def test_scale_in_stops_for_a_release(status: str) -> None:
    """In every state of a deployment that has not ended; the capacities stay as they were."""
    release(status)
    handle(STARTED, None)
    assert suspended()
    assert (target()["MinCapacity"], target()["MaxCapacity"]) == (2, 10)


@pytest.mark.parametrize("status", ["Succeeded", "Failed", "Stopped"])
@pytest.mark.usefixtures("world")
def test_scale_in_goes_on_after_every_outcome(status: str) -> None:
    """Whatever became of the release."""
    scaling().register_scalable_target(**TARGET, SuspendedState={"DynamicScalingInSuspended": True})
    release(status)
    handle(ENDED, None)
    assert not suspended()


@pytest.mark.usefixtures("world")
def test_another_groups_release_is_none_of_its_business() -> None:
    """Only this service's deployment group counts."""
    build_group("switchyard-staging")
    release("InProgress", group="switchyard-staging")
    handle(STARTED, None)
    assert not suspended()


@pytest.mark.usefixtures("world")
def test_a_lost_event_is_made_good_by_the_clock() -> None:
    """The end of the release was never told, and scale-in goes on all the same."""
    release("InProgress")
    handle(STARTED, None)
    finish()
    handle(CLOCK, None)
    assert not suspended()


@pytest.mark.usefixtures("world")
def test_the_order_of_events_does_not_matter() -> None:
    """A start that arrives after the end changes nothing, nor does an end that belongs to an earlier one."""
    release("Succeeded")
    handle(ENDED, None)
    handle(STARTED, None)
    assert not suspended()
    release("InProgress")
    handle(ENDED, None)
    assert suspended()


@pytest.mark.usefixtures("world")
def test_what_somebody_else_suspended_stays_suspended() -> None:
    """Scale-out and scheduled scaling are not the keeper's."""
    theirs = {"DynamicScalingOutSuspended": True, "ScheduledScalingSuspended": True}
    scaling().register_scalable_target(**TARGET, SuspendedState=theirs)
    release("InProgress")
    handle(STARTED, None)
    assert target()["SuspendedState"] == {**theirs, "DynamicScalingInSuspended": True}
    finish()
    handle(ENDED, None)
    assert target()["SuspendedState"] == {**theirs, "DynamicScalingInSuspended": False}


@pytest.mark.parametrize("releasing", [True, False])
def test_nothing_is_written_when_nothing_differs(releasing: bool) -> None:  # noqa: FBT001
    """The clock calls every ten minutes, and nearly always there is nothing to do."""
    assert wanted({"DynamicScalingInSuspended": releasing}, releasing=releasing) is None


def test_a_target_that_was_never_suspended_scales_in() -> None:
    """What Application Auto Scaling does not mention is not suspended."""
    assert wanted({}, releasing=False) is None
    assert wanted({}, releasing=True) == {"DynamicScalingInSuspended": True}


@pytest.mark.usefixtures("world")
def test_a_service_that_nothing_scales_is_an_error() -> None:
    """Lambda then tells its metrics, instead of a silence that looks like success."""
    scaling().deregister_scalable_target(**TARGET)
    with pytest.raises(TargetMissingError, match=RESOURCE):
        handle(CLOCK, None)


@pytest.mark.parametrize("api", ["CODEDEPLOY", "APPLICATION_AUTO_SCALING"])
@pytest.mark.usefixtures("world")
def test_a_throttled_api_is_raised_so_that_lambda_tries_again(
    api: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three attempts, then the error; nothing is changed on a guess."""
    release("InProgress")
    refusal = Refusal(left=100)
    for endpoint in serve(throttling(refusal)):
        monkeypatch.setenv(f"AWS_ENDPOINT_URL_{api}", endpoint)
        with pytest.raises(ClientError, match="ThrottlingException"):
            handle(STARTED, None)
        monkeypatch.delenv(f"AWS_ENDPOINT_URL_{api}")
    assert refusal.requests == 3
    assert not suspended()


@pytest.mark.usefixtures("world")
def test_an_api_that_throttles_once_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """The second attempt answers, and no error is raised."""
    refusal = Refusal(left=1)
    for endpoint in serve(throttling(refusal)):
        monkeypatch.setenv("AWS_ENDPOINT_URL_CODEDEPLOY", endpoint)
        handle(STARTED, None)
    assert refusal.requests == 2


@pytest.mark.usefixtures("world")
def test_under_ecs_the_service_deployments_decide(monkeypatch: pytest.MonkeyPatch) -> None:
    """They are asked page by page, since a page may be empty before the last one."""
    unfinished = {"serviceDeploymentArn": f"{SERVICE}/deployment", "status": "IN_PROGRESS"}
    ecs = Ecs(pages=[{"serviceDeployments": [], "nextToken": "more"}, {"serviceDeployments": [unfinished]}])
    with_ecs(monkeypatch, ecs, CLOCK)
    assert suspended()
    ecs = Ecs(pages=[{"serviceDeployments": []}])
    with_ecs(monkeypatch, ecs, CLOCK)
    assert not suspended()
    assert ecs.asked == [
        {
            "cluster": GROUP,
            "service": SERVICE,
            "status": [
                "PENDING",
                "IN_PROGRESS",
                "STOP_REQUESTED",
                "ROLLBACK_REQUESTED",
                "ROLLBACK_IN_PROGRESS",
            ],
        }
    ]


@pytest.mark.usefixtures("world")
def test_an_unknown_engine_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is never taken for one that has nothing in progress."""
    monkeypatch.setenv("ENGINE", "external")
    with pytest.raises(ValueError, match="external"):
        handle(CLOCK, None)

"""The release keeper's second duty: between releases the parameter says which colour takes traffic."""

import logging
from collections.abc import Mapping
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from infra.hooks.keeper.colour import Verdict, decide, destination
from infra.hooks.keeper.handler import handle
from infra.hooks.keeper.scaling import TargetMissingError
from infra.hooks.keeper.traffic import OddTrafficError
from tests.infra.keeper.world import (
    CLOCK,
    ENDED,
    PARAMETER,
    SERVICE,
    STARTED,
    TARGET,
    Ecs,
    client,
    finish,
    release,
    scaling,
    shared,
    suspended,
    to,
    with_ecs,
)

pytestmark = pytest.mark.slow

GROUPS = {"blue": "arn:blue", "green": "arn:green"}


def moved(world: Mapping[str, str], action: Mapping[str, Any]) -> None:
    """Let the production listener do something else, as an engine would."""
    client("elbv2").modify_listener(ListenerArn=world["LISTENER"], DefaultActions=[action])


def told(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return what the keeper logged."""
    return [record.getMessage() for record in caplog.records if record.name == "keeper"]


def parameter() -> tuple[str, int]:
    """Return what the parameter says, and how often it was written."""
    found = client("ssm").get_parameter(Name=PARAMETER)["Parameter"]
    return found["Value"], found["Version"]


@pytest.mark.parametrize(
    ("actions", "expected"),
    [
        ([to("arn:green")], "arn:green"),
        ([shared({"arn:blue": 0, "arn:green": 100})], "arn:green"),
        ([{**to("arn:green"), **shared({"arn:green": 1})}], "arn:green"),
        ([{"Type": "authenticate-oidc"}, to("arn:green")], "arn:green"),
        ([shared({"arn:blue": 90, "arn:green": 10})], None),
        ([shared({"arn:blue": 0, "arn:green": 0})], None),
        ([{"Type": "fixed-response"}], None),
        ([{"Type": "redirect", "RedirectConfig": {"Port": "443"}}], None),
        ([], None),
    ],
    ids=[
        "one group",
        "100 and 0",
        "both ways of saying it",
        "after a log-in",
        "a canary",
        "nobody",
        "a fixed answer",
        "a redirect",
        "nothing",
    ],
)
def test_where_traffic_goes(actions: list[dict[str, Any]], expected: str | None) -> None:
    """To one group or to none that could be named, in every form in which a listener is described."""
    assert destination(actions) == expected


@pytest.mark.parametrize(
    ("says", "takes", "healthy", "expected"),
    [
        ("blue", "arn:green", True, Verdict(colour="green")),
        ("green", "arn:green", True, Verdict()),
        (
            "green",
            "arn:green",
            False,
            Verdict(odd="Production traffic goes to green, where nothing is healthy: green stays."),
        ),
        (
            "blue",
            "arn:green",
            False,
            Verdict(odd="Production traffic goes to green, where nothing is healthy: blue stays."),
        ),
        (
            "blue",
            None,
            False,
            Verdict(odd="No release runs, and no single colour takes all traffic: blue stays."),
        ),
        (
            "blue",
            "arn:other",
            True,
            Verdict(odd="Production traffic goes to arn:other, which is no colour: blue stays."),
        ),
    ],
)
def test_the_verdict(says: str, takes: str | None, healthy: bool, expected: Verdict) -> None:  # noqa: FBT001
    """Written is what takes everything, answers, and was not said; everything else that differs is told."""
    assert decide(says=says, takes=takes, groups=GROUPS, healthy=healthy) == expected


@pytest.mark.parametrize("form", ["one group", "100 and 0"])
def test_the_parameter_follows_the_listener(
    world: dict[str, str], form: str, caplog: pytest.LogCaptureFixture
) -> None:
    """A release died before it wrote: the clock writes what it did, once, and the log says so."""
    caplog.set_level(logging.INFO, "keeper")
    moved(
        world, to(world["GREEN"]) if form == "one group" else shared({world["BLUE"]: 0, world["GREEN"]: 100})
    )
    handle(CLOCK, None)
    assert parameter() == ("green", 2)
    assert told(caplog) == [f"The live colour is green, and {PARAMETER} said blue."]
    handle(CLOCK, None)
    assert parameter() == ("green", 2)


def test_what_is_right_is_neither_written_nor_told(
    world: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    """Nearly always there is nothing to do, and CodeDeploy's way of saying it is no difference."""
    handle(CLOCK, None)
    moved(world, shared({world["BLUE"]: 100, world["GREEN"]: 0}))
    handle(CLOCK, None)
    assert parameter() == ("blue", 1)
    assert told(caplog) == []


@pytest.mark.parametrize("weights", [(90, 10), (0, 100)])
@pytest.mark.parametrize("status", ["Created", "Queued", "InProgress", "Baking", "Ready"])
def test_a_release_is_left_alone(world: dict[str, str], status: str, weights: tuple[int, int]) -> None:
    """While it moves traffic, and also when all has moved: it may still turn around."""
    moved(world, shared(dict(zip((world["BLUE"], world["GREEN"]), weights, strict=True))))
    release(status)
    for event in (STARTED, ENDED, CLOCK):
        handle(event, None)
    assert parameter() == ("blue", 1)
    assert suspended()


def odd(expected: str) -> None:
    """See the keeper do its first duty, write nothing, and fail with a sentence that the alarm leads to."""
    scaling().register_scalable_target(**TARGET, SuspendedState={"DynamicScalingInSuspended": True})
    with pytest.raises(OddTrafficError) as raised:
        handle(CLOCK, None)
    assert (str(raised.value), parameter(), suspended()) == (expected, ("blue", 1), False)


def test_a_split_between_releases_calls_people(world: dict[str, str]) -> None:
    """Weights that a canary left behind name no colour."""
    moved(world, shared({world["BLUE"]: 90, world["GREEN"]: 10}))
    odd("No release runs, and no single colour takes all traffic: blue stays.")


def test_a_colour_that_cannot_answer_is_never_written(world: dict[str, str]) -> None:
    """An empty group takes all traffic: the next update of the listeners is to lead away from it."""
    client("elbv2").deregister_targets(TargetGroupArn=world["GREEN"], Targets=[{"Id": "10.0.0.11"}])
    moved(world, to(world["GREEN"]))
    odd("Production traffic goes to green, where nothing is healthy: blue stays.")


def test_a_live_colour_that_cannot_answer_calls_people(world: dict[str, str]) -> None:
    """Listener and parameter agree, and nobody gets an answer."""
    client("elbv2").deregister_targets(TargetGroupArn=world["BLUE"], Targets=[{"Id": "10.0.0.10"}])
    odd("Production traffic goes to blue, where nothing is healthy: blue stays.")


def test_a_stranger_is_no_colour(world: dict[str, str]) -> None:
    """Somebody sent production elsewhere."""
    moved(world, to(world["OTHER"]))
    odd(f"Production traffic goes to {world['OTHER']}, which is no colour: blue stays.")


def test_nobody_is_called_while_a_release_runs(world: dict[str, str]) -> None:
    """A split, a stranger, a colour without targets: until the release has ended these are its own affair."""
    client("elbv2").deregister_targets(TargetGroupArn=world["GREEN"], Targets=[{"Id": "10.0.0.11"}])
    release("InProgress")
    for action in (
        shared({world["BLUE"]: 90, world["GREEN"]: 10}),
        to(world["OTHER"]),
        to(world["GREEN"]),
    ):
        moved(world, action)
        handle(CLOCK, None)
    assert parameter() == ("blue", 1)


def test_neither_order_nor_loss_of_events_matters(world: dict[str, str]) -> None:
    """The end is told before the start, then never: what is true when it runs decides."""
    release("InProgress")
    handle(ENDED, None)
    moved(world, shared({world["BLUE"]: 0, world["GREEN"]: 100}))
    handle(CLOCK, None)
    assert (parameter(), suspended()) == (("blue", 1), True)
    finish()
    handle(STARTED, None)
    assert (parameter(), suspended()) == (("green", 2), False)
    handle(ENDED, None)
    handle(STARTED, None)
    assert (parameter(), suspended()) == (("green", 2), False)


def test_a_release_that_turned_around_is_followed_back(world: dict[str, str]) -> None:
    """Should it be looked at between the stop and the way back, the end of that puts it right."""
    moved(world, to(world["GREEN"]))
    handle(ENDED, None)
    release("InProgress")
    moved(world, to(world["BLUE"]))
    handle(STARTED, None)
    assert parameter() == ("green", 2)
    finish()
    handle(ENDED, None)
    assert parameter() == ("blue", 3)


def test_under_ecs_the_rule_decides(world: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Not the listener's default action, which stays; a release that runs is left alone here too."""
    monkeypatch.setenv("RULE", world["RULE"])
    monkeypatch.delenv("LISTENER")
    weights = {world["BLUE"]: 0, world["GREEN"]: 100}
    client("elbv2").modify_rule(RuleArn=world["RULE"], Actions=[shared(weights)])
    running = {"serviceDeploymentArn": f"{SERVICE}/deployment", "status": "IN_PROGRESS"}
    with_ecs(monkeypatch, Ecs(pages=[{"serviceDeployments": [running]}]), CLOCK)
    assert parameter() == ("blue", 1)
    with_ecs(monkeypatch, Ecs(pages=[{"serviceDeployments": []}]), CLOCK)
    assert parameter() == ("green", 2)


def test_one_colour_needs_no_keeping(world: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Rolling stays in the colour that it found, and the parameter is none of the function's business."""
    moved(world, to(world["GREEN"]))
    for name in ("PARAMETER", "LISTENER", "BLUE", "GREEN"):
        monkeypatch.delenv(name)
    with_ecs(monkeypatch, Ecs(pages=[{"serviceDeployments": []}]), CLOCK)
    assert parameter() == ("blue", 1)


@pytest.mark.usefixtures("world")
def test_a_parameter_that_cannot_be_read_is_raised_and_scale_in_goes_on() -> None:
    """Lambda tries again, and the alarm counts; the other duty is done."""
    scaling().register_scalable_target(**TARGET, SuspendedState={"DynamicScalingInSuspended": True})
    client("ssm").delete_parameter(Name=PARAMETER)
    with pytest.raises(ClientError, match="ParameterNotFound"):
        handle(CLOCK, None)
    assert not suspended()


def test_a_parameter_that_cannot_be_written_is_raised_and_scale_in_goes_on(
    world: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It must not look like success."""
    scaling().register_scalable_target(**TARGET, SuspendedState={"DynamicScalingInSuspended": True})
    moved(world, to(world["GREEN"]))
    make = boto3.client

    def refusing(service: str, **options: Any) -> Any:  # noqa: ANN401 - as boto3 has it
        made: Any = make(service, **options)
        if service == "ssm":
            made.meta.events.register("before-call.ssm.PutParameter", refuse)
        return made

    def refuse(**_: Any) -> None:  # noqa: ANN401 - botocore's event
        raise ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, "PutParameter")

    with monkeypatch.context() as patched:
        patched.setattr(boto3, "client", refusing)
        with pytest.raises(ClientError, match="PutParameter"):
            handle(CLOCK, None)
    assert not suspended()
    assert parameter() == ("blue", 1)


def test_a_service_that_nothing_scales_does_not_keep_the_colour_from_being_kept(
    world: dict[str, str],
) -> None:
    """The other way round as well: the colour is written, and then the failure raised."""
    scaling().deregister_scalable_target(**TARGET)
    moved(world, to(world["GREEN"]))
    with pytest.raises(TargetMissingError):
        handle(CLOCK, None)
    assert parameter() == ("green", 2)

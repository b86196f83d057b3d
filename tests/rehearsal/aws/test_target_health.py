"""Health of targets, asked of the mended control plane by a real client."""

import time
from collections.abc import Mapping
from typing import Any

import pytest

from rehearsal.aws.target_health import DRAINING, NOT_IN_USE, NOT_REGISTERED, Board
from rehearsal.health import HEALTHY, INITIAL, TargetHealth

from .estate import Estate

PLACE = ("127.9.0.1", 8080)


def test_a_target_is_initial_until_it_is_judged() -> None:
    """Registering it again changes no verdict ("TargetHealth")."""
    board = Board()
    board.register(PLACE)
    assert board.health(PLACE, in_use=True, now=0) == INITIAL
    board.judge(PLACE, HEALTHY)
    board.register(PLACE)
    assert board.health(PLACE, in_use=True, now=0) == HEALTHY
    assert board.health(PLACE, in_use=False, now=0) == NOT_IN_USE


def test_a_target_drains_for_a_while_and_is_gone() -> None:
    """And begins anew when it comes back (User Guide, deregistration delay)."""
    board = Board()
    board.register(PLACE)
    board.judge(PLACE, HEALTHY)
    board.deregister(PLACE, gone_at=10.0)
    board.judge(PLACE, HEALTHY)
    assert (board.health(PLACE, in_use=True, now=9.9), board.places(now=9.9)) == (DRAINING, [PLACE])
    assert (board.health(PLACE, in_use=True, now=10.0), board.places(now=10.0)) == (NOT_REGISTERED, [])
    board.deregister(PLACE, gone_at=99.0)
    assert board.places(now=10.0) == []
    board.register(PLACE)
    assert board.health(PLACE, in_use=True, now=10.0) == INITIAL


def targets(*ports: int) -> Any:  # noqa: ANN401 - what the client takes
    """Return one address with several ports."""
    return [{"Id": PLACE[0], "Port": port} for port in ports]


@pytest.mark.slow
def test_health_is_described_as_it_was_told(estate: Estate) -> None:
    """With reason and description unless it is healthy (API Reference, "TargetHealth")."""
    elbv2, blue = estate.plane.elbv2, estate.groups["blue"]
    elbv2.register_targets(TargetGroupArn=blue, Targets=targets(8080, 8081))
    estate.judge("blue", f"{PLACE[0]}:8080", "healthy")
    described = elbv2.describe_target_health(TargetGroupArn=blue)["TargetHealthDescriptions"]
    assert described == [
        {
            "Target": {"Id": PLACE[0], "Port": 8080},
            "HealthCheckPort": "8080",
            "TargetHealth": {"State": "healthy"},
        },
        {
            "Target": {"Id": PLACE[0], "Port": 8081},
            "HealthCheckPort": "8081",
            "TargetHealth": {
                "State": "initial",
                "Reason": "Elb.InitialHealthChecking",
                "Description": "Initial health checks in progress",
            },
        },
    ]
    failed = {"reason": "Target.ResponseCodeMismatch", "description": "Health checks failed with [503]"}
    estate.judge("blue", f"{PLACE[0]}:8080", "unhealthy", **failed)
    assert estate.health("blue")[0][1] == {
        "State": "unhealthy",
        "Reason": failed["reason"],
        "Description": failed["description"],
    }
    assert estate.tell("target-health", {"none": {}}) == {"unknown": ["none"]}


@pytest.mark.slow
def test_a_group_without_a_listener_is_not_in_use(estate: Estate) -> None:
    """Until a listener or a rule forwards to it, with whatever weight ("TargetHealth")."""
    elbv2, green = estate.plane.elbv2, estate.groups["green"]
    elbv2.register_targets(TargetGroupArn=green, Targets=targets(8080))

    def reason() -> str:
        ((_, health),) = estate.health("green")
        return str(health["Reason"])

    assert reason() == "Target.NotInUse"
    groups: Any = [
        {"TargetGroupArn": estate.groups["blue"], "Weight": 100},
        {"TargetGroupArn": green, "Weight": 0},
    ]
    elbv2.modify_listener(
        ListenerArn=estate.listener,
        DefaultActions=[{"Type": "forward", "ForwardConfig": {"TargetGroups": groups}}],
    )
    assert reason() == "Elb.InitialHealthChecking"


@pytest.mark.slow
def test_a_deregistered_target_drains_for_the_groups_delay(estate: Estate) -> None:
    """On AWS's clock, and then it is not registered (User Guide, "Edit target group attributes")."""
    elbv2, blue = estate.plane.elbv2, estate.groups["blue"]
    elbv2.register_targets(TargetGroupArn=blue, Targets=targets(8080))
    estate.judge("blue", f"{PLACE[0]}:8080", "healthy")
    began = time.monotonic()
    elbv2.deregister_targets(TargetGroupArn=blue, Targets=targets(8080))
    assert estate.health("blue") == [(PLACE[0], _told(DRAINING))]
    seen = estate.ask("changes")["count"]
    assert estate.ask(f"changes?since={seen}&wait=5")["count"] > seen
    assert time.monotonic() - began >= 30 / 60
    assert estate.health("blue") == []
    asked = elbv2.describe_target_health(TargetGroupArn=blue, Targets=targets(8080))
    assert [item["TargetHealth"] for item in asked["TargetHealthDescriptions"]] == [_told(NOT_REGISTERED)]


@pytest.mark.slow
def test_deregistering_what_is_not_there_succeeds(estate: Estate) -> None:
    """An agent may repeat itself (API Reference, "DeregisterTargets")."""
    estate.plane.elbv2.deregister_targets(TargetGroupArn=estate.groups["blue"], Targets=targets(8080))
    assert estate.health("blue") == []


def _told(health: TargetHealth) -> Mapping[str, str]:
    return {"State": health.state, "Reason": health.reason, "Description": health.description}

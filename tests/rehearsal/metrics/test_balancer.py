"""Requests and health as the metrics of a load balancer.

Application Load Balancers user guide, "CloudWatch metrics for your Application Load Balancer".
"""

import pytest

from rehearsal.metrics.access_log import Request
from rehearsal.metrics.balancer import Names, of_health, of_requests
from rehearsal.metrics.point import Point

_ARN = "arn:aws:elasticloadbalancing:eu-central-1:123456789012"
BALANCER, BLUE, GREEN = (
    f"{_ARN}:loadbalancer/app/stage/50dc6c495c0c9188",
    f"{_ARN}:targetgroup/blue/73e2d6bc24d8a067",
    f"{_ARN}:targetgroup/green/83e2d6bc24d8a068",
)
NAMES = Names(BALANCER, {"blue": BLUE, "green": GREEN})
ALONE = (("LoadBalancer", "app/stage/50dc6c495c0c9188"),)
OF_BLUE = (*ALONE, ("TargetGroup", "targetgroup/blue/73e2d6bc24d8a067"))


def at(minute: float, status: int, group: str = "blue", seconds: float | None = 0.0123) -> Request:
    """Return a request that ended in this minute of the played clock."""
    return Request(minute * 60, status, group, target=bool(group), seconds=seconds)


def told(*requests: Request) -> dict[tuple[str, bool, int], dict[float, int]]:
    """Return values by metric, whether it belongs to the group, and minute."""
    points = of_requests(requests, NAMES, lambda real: real)
    assert {point.dimensions for point in points} <= {ALONE, OF_BLUE}
    return {(point.metric, point.dimensions == OF_BLUE, point.minute): dict(point.values) for point in points}


@pytest.mark.parametrize(("status", "metric"), [(200, "2XX"), (422, "4XX"), (500, "5XX")])
def test_what_a_target_answers_counts_for_its_group_and_for_the_load_balancer(
    status: int, metric: str
) -> None:
    """The same values twice, each with its dimensions; nothing is counted that did not happen."""
    assert told(at(1, status), at(1.5, status), at(2, status)) == {
        (name, of_group, minute): {value: count}
        for of_group in (False, True)
        for minute, count in ((60, 2), (120, 1))
        for name, value in (
            ("RequestCount", 1.0),
            (f"HTTPCode_Target_{metric}_Count", 1.0),
            ("TargetResponseTime", 0.0123),
        )
    }


def test_what_the_load_balancer_answers_in_a_targets_place_is_its_own() -> None:
    """Not the group's error, and no response time; yet a target had been chosen."""
    assert told(at(1, 502, seconds=None)) == {
        ("HTTPCode_ELB_5XX_Count", False, 60): {1.0: 1},
        ("RequestCount", False, 60): {1.0: 1},
        ("RequestCount", True, 60): {1.0: 1},
    }


def test_a_request_for_which_there_is_no_target_is_no_request() -> None:
    """It is an error of the load balancer alone."""
    assert told(at(1, 503, group="", seconds=None)) == {("HTTPCode_ELB_5XX_Count", False, 60): {1.0: 1}}


def test_the_unit_of_response_times_is_seconds() -> None:
    """And that of all others a count."""
    units = {point.metric: point.unit for point in of_requests([at(1, 200)], NAMES, lambda real: real)}
    assert units == {
        "RequestCount": "Count",
        "HTTPCode_Target_2XX_Count": "Count",
        "TargetResponseTime": "Seconds",
    }


def test_requests_belong_to_the_minute_of_the_played_clock() -> None:
    """Not to this machine's."""
    points = of_requests([at(1, 503, group="", seconds=None)], NAMES, lambda real: real * 30)
    assert [point.minute for point in points] == [1800]


def test_healthy_and_unhealthy_targets_are_counted_while_there_are_registered_ones() -> None:
    """A new target is in neither count, nor is one that was deregistered; an empty group reports nothing."""
    states = ("healthy", "healthy", "unhealthy", "initial", "draining")
    health = {
        BLUE: {f"127.0.0.{number}:8080": {"state": state} for number, state in enumerate(states)},
        GREEN: {"127.0.0.9:8080": {"state": "draining"}},
    }
    assert of_health(health, NAMES, 60) == [
        Point("HealthyHostCount", OF_BLUE, 60, {2.0: 1}),
        Point("UnHealthyHostCount", OF_BLUE, 60, {1.0: 1}),
    ]

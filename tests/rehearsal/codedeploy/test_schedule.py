"""Traffic over time ("Working with deployment configurations in CodeDeploy")."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rehearsal.clock import Clock
from rehearsal.codedeploy.errors import ApiError
from rehearsal.codedeploy.plan import Increment
from rehearsal.codedeploy.schedule import PREDEFINED, check, increments


def canary(percent: int, minutes: int) -> dict[str, Any]:
    """Return a canary's routing."""
    return {
        "type": "TimeBasedCanary",
        "timeBasedCanary": {"canaryPercentage": percent, "canaryInterval": minutes},
    }


def linear(percent: int, minutes: int) -> dict[str, Any]:
    """Return a linear routing."""
    return {
        "type": "TimeBasedLinear",
        "timeBasedLinear": {"linearPercentage": percent, "linearInterval": minutes},
    }


def test_all_at_once_is_one_increment() -> None:
    """See "Working with deployment configurations in CodeDeploy": everything at the beginning."""
    assert increments({"type": "AllAtOnce"}, float) == (Increment(100, 0.0),)


def test_a_canary_is_two_increments() -> None:
    """See "Working with deployment configurations in CodeDeploy": the second after the interval."""
    assert increments(canary(10, 5), Clock(30.0).real) == (Increment(10, 0.0), Increment(100, 10.0))


def test_linear_traffic_is_equal_increments_with_the_rest_at_the_end() -> None:
    """Ours: what does not divide evenly ends with a smaller one."""
    assert increments(linear(40, 2), float) == (
        Increment(40, 0.0),
        Increment(80, 120.0),
        Increment(100, 240.0),
    )


@settings(deadline=None)
@given(st.integers(1, 99), st.integers(1, 20))
def test_linear_traffic_always_grows_to_all(percent: int, minutes: int) -> None:
    """See "Working with deployment configurations in CodeDeploy": in equal increments."""
    found = increments(linear(percent, minutes), float)
    shares = [increment.percent for increment in found]
    assert shares == sorted(set(shares))
    assert shares[-1] == 100
    assert [increment.after for increment in found] == [index * minutes * 60 for index in range(len(found))]


@pytest.mark.parametrize("routing", [*PREDEFINED.values(), canary(99, 2880), linear(50, 2880)])
def test_what_the_quotas_allow_is_taken(routing: dict[str, Any]) -> None:
    """See "CodeDeploy quotas": up to 99 percent in one increment, 2,880 minutes from first to last."""
    check(routing)


@pytest.mark.parametrize(
    "routing",
    [
        canary(100, 5),
        canary(0, 5),
        canary(10, 0),
        canary(10, 2881),
        linear(10, 321),
        canary(10, 5) | linear(10, 1),
        {"type": "TimeBasedCanary"},
        {"type": "AllAtOnce", "timeBasedCanary": {}},
        {},
    ],
)
def test_what_they_do_not_is_refused(routing: dict[str, Any]) -> None:
    """API Reference, "CreateDeploymentConfig": InvalidTrafficRoutingConfigurationException."""
    with pytest.raises(ApiError) as caught:
        check(routing)
    assert caught.value.code == "InvalidTrafficRoutingConfigurationException"

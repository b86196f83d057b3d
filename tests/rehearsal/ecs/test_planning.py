"""From what a service says to the plan of a deployment."""

from typing import Any

import pytest

from rehearsal.ecs.plan import DAY, Breaker, Hook, Increment, Plan, Stage, Strategy
from rehearsal.ecs.planning import increments, limits, plan
from rehearsal.ecs.rolling import Limits


def test_a_service_that_says_nothing_is_rolled() -> None:
    """API Reference, "DeploymentConfiguration": ROLLING, 100 and 200 percent."""
    assert plan({}, returns=True) == Plan(
        strategy=Strategy.ROLLING, returns=True, alarm_rollback=False, breaker=None
    )
    assert limits({}, 3) == Limits(3, 100.0, 200.0)


def test_a_plan_has_everything_that_a_service_says_in_this_machines_seconds() -> None:
    """API Reference, "DeploymentConfiguration" and "DeploymentLifecycleHook", by the speed."""
    said = {
        "strategy": "BLUE_GREEN",
        "bakeTimeInMinutes": 10,
        "alarms": {"alarmNames": ["a", "b"], "enable": True, "rollback": True},
        "deploymentCircuitBreaker": {"enable": True, "rollback": True},
        "lifecycleHooks": [
            {
                "hookTargetArn": "gate",
                "roleArn": "role",
                "lifecycleStages": ["POST_TEST_TRAFFIC_SHIFT"],
                "hookDetails": '{"a": 1}',
                "timeoutConfiguration": {"timeoutInMinutes": 1, "action": "CONTINUE"},
            },
            {"hookTargetArn": "other", "roleArn": "role", "lifecycleStages": ["PRE_SCALE_UP"]},
        ],
    }
    assert plan(said, returns=False, reconciles=True, real=lambda seconds: seconds / 30) == Plan(
        strategy=Strategy.BLUE_GREEN,
        returns=False,
        reconciles=True,
        bake=20.0,
        alarms=("a", "b"),
        breaker=Breaker(),
        hooks=(
            Hook("gate", frozenset({Stage.POST_TEST_TRAFFIC_SHIFT}), {"a": 1}, 2.0, continues=True),
            Hook("other", frozenset({Stage.PRE_SCALE_UP}), None, DAY / 30),
        ),
        hook_rest=1.0,
    )


def test_alarms_that_are_not_enabled_are_not_watched() -> None:
    """API Reference, "DeploymentAlarms": `enable`."""
    assert plan({"alarms": {"alarmNames": ["a"], "enable": False}}, returns=True).alarms == ()


def test_a_rolling_update_bakes_as_long_as_its_alarms_need() -> None:
    """See "How CloudWatch alarms detect Amazon ECS deployment failures": ECS computes it from the alarms."""
    alarms = {"alarms": {"alarmNames": ["a"], "enable": True, "rollback": True}}
    assert plan(alarms, returns=True, alarm_bake=120.0).bake == 120.0
    assert plan({}, returns=True, alarm_bake=120.0).bake == 0.0
    assert plan({**alarms, "strategy": "BLUE_GREEN"}, returns=True, alarm_bake=120.0).bake == 0.0
    assert plan({**alarms, "bakeTimeInMinutes": 1}, returns=True, alarm_bake=120.0).bake == 60.0


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"strategy": "BLUE_GREEN"}, [(100.0, 0.0)]),
        ({"strategy": "CANARY"}, [(5.0, 600.0), (100.0, 0.0)]),
        (
            {
                "strategy": "CANARY",
                "canaryConfiguration": {"canaryPercent": 20.0, "canaryBakeTimeInMinutes": 1},
            },
            [(20.0, 60.0), (100.0, 0.0)],
        ),
        (
            {
                "strategy": "LINEAR",
                "linearConfiguration": {"stepPercent": 40.0, "stepBakeTimeInMinutes": 2},
            },
            [(40.0, 120.0), (80.0, 120.0), (100.0, 0.0)],
        ),
        (
            {"strategy": "LINEAR", "linearConfiguration": {"stepPercent": 50.0, "stepBakeTimeInMinutes": 0}},
            [(50.0, 0.0), (100.0, 0.0)],
        ),
    ],
)
def test_the_parts_of_traffic_are_those_of_the_strategy(
    said: dict[str, Any], expected: list[tuple[float, float]]
) -> None:
    """API Reference, "CanaryConfiguration" and "LinearConfiguration", with their defaults."""
    assert increments(said, float) == tuple(Increment(*part) for part in expected)

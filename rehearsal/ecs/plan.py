"""What a service deployment is going to do, settled when it begins.

Amazon ECS API Reference, "ServiceDeployment": the lifecycle stages, in this order. Developer Guide, "Amazon
ECS blue/green deployments", "canary deployments", "linear deployments": they differ in how production traffic
moves. A rolling update replaces tasks in one target group, and has no stage but the bake time.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from math import ceil
from typing import Any, Final

DAY: Final = 86400.0
"""Seconds for which a lifecycle stage may last."""
_LEAST: Final = 3
_MOST: Final = 200


class Strategy(StrEnum):
    """Of DeploymentConfiguration."""

    ROLLING = "ROLLING"
    BLUE_GREEN = "BLUE_GREEN"
    CANARY = "CANARY"
    LINEAR = "LINEAR"


class Stage(StrEnum):
    """Where a deployment is in its lifecycle."""

    RECONCILE_SERVICE = "RECONCILE_SERVICE"
    PRE_SCALE_UP = "PRE_SCALE_UP"
    SCALE_UP = "SCALE_UP"
    POST_SCALE_UP = "POST_SCALE_UP"
    TEST_TRAFFIC_SHIFT = "TEST_TRAFFIC_SHIFT"
    POST_TEST_TRAFFIC_SHIFT = "POST_TEST_TRAFFIC_SHIFT"
    PRODUCTION_TRAFFIC_SHIFT = "PRODUCTION_TRAFFIC_SHIFT"
    POST_PRODUCTION_TRAFFIC_SHIFT = "POST_PRODUCTION_TRAFFIC_SHIFT"
    BAKE_TIME = "BAKE_TIME"
    CLEAN_UP = "CLEAN_UP"


class Side(StrEnum):
    """One of the two revisions."""

    SOURCE = "source"
    TARGET = "target"


class Act(StrEnum):
    """What is done at the beginning of a step."""

    NOTHING = "nothing"
    RECONCILE = "reconcile"
    """Leave only the source, with all traffic."""
    SCALE = "scale"
    """Begin the target's tasks."""
    RESTORE = "restore"
    """Bring the source's tasks back."""
    MOVE = "move"
    MOVE_TEST = "move-test"
    DRAIN = "drain"


class Until(StrEnum):
    """What a step waits for at its end."""

    NOTHING = "nothing"
    STEADY = "steady"
    """All tasks of the side run and are healthy; in a rolling update the other's have ended as well."""
    GONE = "gone"
    """No task of the side is left."""
    TIME = "time"


@dataclass(frozen=True, slots=True)
class Step:
    """One step: something is done, hooks are asked, something is waited for."""

    stage: Stage | None
    act: Act = Act.NOTHING
    side: Side = Side.TARGET
    percent: float = 0.0
    """Of production traffic, for the target."""
    until: Until = Until.NOTHING
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Hook:
    """A function that is asked at some stages."""

    function: str
    stages: frozenset[Stage]
    details: Mapping[str, Any] | None = None
    timeout: float = DAY
    continues: bool = False
    """Whether the deployment goes on when the time is over."""


@dataclass(frozen=True, slots=True)
class Breaker:
    """The deployment circuit breaker."""

    rollback: bool = True
    kind: str = "BOUNDED_PERCENT"
    value: int = 50
    resets: bool = True
    """Whether a task that becomes healthy sets the count back to zero."""

    def threshold(self, desired: int) -> int:
        """Return how many failed tasks are too many for a desired count.

        Source: ThresholdConfiguration and ServiceDeploymentCircuitBreaker, API Reference.
        """
        if self.kind == "COUNT":
            return self.value
        part = ceil(desired * self.value / 100)
        return max(1, part) if self.kind == "UNBOUNDED_PERCENT" else min(_MOST, max(_LEAST, part))


@dataclass(frozen=True, slots=True)
class Increment:
    """A part of production traffic, and how long it stays before the next one."""

    percent: float
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that decides a deployment's course; seconds are this machine's."""

    strategy: Strategy = Strategy.BLUE_GREEN
    returns: bool = True
    """Whether there is a completed revision to go back to: the source."""
    reconciles: bool = False
    """Whether it took the place of a deployment that was under way."""
    increments: tuple[Increment, ...] = (Increment(100.0),)
    bake: float = 0.0
    hooks: tuple[Hook, ...] = ()
    alarms: tuple[str, ...] = ()
    alarm_rollback: bool = True
    breaker: Breaker | None = None
    hook_rest: float = field(default=30.0)
    """Seconds after which a hook that is not done yet is asked again."""

    @property
    def two_colours(self) -> bool:
        """Whether old and new tasks stand in target groups of their own."""
        return self.strategy is not Strategy.ROLLING


def forward(plan: Plan) -> tuple[Step, ...]:
    """Return the steps of a deployment in order."""
    bake = Step(Stage.BAKE_TIME, until=Until.TIME, seconds=plan.bake)
    if not plan.two_colours:
        return (Step(None, Act.SCALE, until=Until.STEADY), bake)
    reconcile = (Step(Stage.RECONCILE_SERVICE, Act.RECONCILE),) if plan.reconciles else ()
    return (
        *reconcile,
        Step(Stage.PRE_SCALE_UP),
        Step(Stage.SCALE_UP, Act.SCALE, until=Until.STEADY),
        Step(Stage.POST_SCALE_UP),
        Step(Stage.TEST_TRAFFIC_SHIFT, Act.MOVE_TEST),
        Step(Stage.POST_TEST_TRAFFIC_SHIFT),
        *(
            Step(
                Stage.PRODUCTION_TRAFFIC_SHIFT,
                Act.MOVE,
                percent=part.percent,
                until=Until.TIME,
                seconds=part.seconds,
            )
            for part in plan.increments
        ),
        Step(Stage.POST_PRODUCTION_TRAFFIC_SHIFT),
        bake,
        Step(Stage.CLEAN_UP, Act.DRAIN, Side.SOURCE, until=Until.GONE),
    )


def back(plan: Plan, *, source_left: bool) -> tuple[Step, ...]:
    """Return the steps of the way back; the source's tasks are only begun anew where they had to leave."""
    if not plan.two_colours:
        return (Step(None, Act.RESTORE, Side.SOURCE, until=Until.STEADY),)
    restore = Step(Stage.SCALE_UP, Act.RESTORE, Side.SOURCE, until=Until.STEADY)
    return (
        *((restore,) if source_left else ()),
        Step(Stage.PRODUCTION_TRAFFIC_SHIFT, Act.MOVE, Side.SOURCE, percent=0.0),
        Step(Stage.TEST_TRAFFIC_SHIFT, Act.MOVE_TEST, Side.SOURCE),
        Step(Stage.CLEAN_UP, Act.DRAIN, Side.TARGET, until=Until.GONE),
    )

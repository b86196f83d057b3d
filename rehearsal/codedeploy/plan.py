"""What a deployment is going to do, settled when it is created.

AWS CodeDeploy User Guide, "Deployments on an Amazon ECS compute platform": the lifecycle events run one at a
time in the order below. The two that concern test traffic exist only with a test listener ("Tutorial:
Creating a Service Using a Blue/Green Deployment" in the Amazon ECS Developer Guide shows a target without).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final


class Kind(StrEnum):
    """What a step does."""

    HOOK = "hook"
    INSTALL = "install"
    TEST = "test"
    READY = "ready"
    SHIFT = "shift"
    WAIT = "wait"
    TERMINATE = "terminate"
    PUT_BACK = "put-back"
    PUT_TEST_BACK = "put-test-back"
    DEMOTE = "demote"
    REMOVE = "remove"


class Trigger(StrEnum):
    """What makes CodeDeploy roll a deployment back by itself (API Reference, AutoRollbackConfiguration)."""

    FAILURE = "DEPLOYMENT_FAILURE"
    ALARM = "DEPLOYMENT_STOP_ON_ALARM"
    REQUEST = "DEPLOYMENT_STOP_ON_REQUEST"


EVENTS: Final[Mapping[str, Kind]] = {
    "BeforeInstall": Kind.HOOK,
    "Install": Kind.INSTALL,
    "AfterInstall": Kind.HOOK,
    "AllowTestTraffic": Kind.TEST,
    "AfterAllowTestTraffic": Kind.HOOK,
    "BeforeAllowTraffic": Kind.HOOK,
    "AllowTraffic": Kind.SHIFT,
    "AfterAllowTraffic": Kind.HOOK,
}
"""The lifecycle events of an ECS deployment, in their order."""
HOOKS: Final = tuple(name for name, kind in EVENTS.items() if kind is Kind.HOOK)
"""Those that an AppSpec may name a function for."""
_OF_TEST_TRAFFIC: Final = frozenset({"AllowTestTraffic", "AfterAllowTestTraffic"})


@dataclass(frozen=True, slots=True)
class Step:
    """One step; `event` is the lifecycle event that tells of it, empty when none does."""

    kind: Kind
    event: str = ""


@dataclass(frozen=True, slots=True)
class Increment:
    """So many percent of production traffic go to the replacement, this long after the shift began."""

    percent: int
    after: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Everything that decides a deployment's course; times are seconds of this machine."""

    increments: tuple[Increment, ...] = (Increment(100, 0.0),)
    hooks: Mapping[str, str] = field(default_factory=dict)
    """Functions by the lifecycle event that calls them."""
    test_listener: bool = True
    ready: float | None = None
    """How long is waited for `ContinueDeployment` before traffic moves; by default not at all."""
    ready_minutes: int = 0
    """The same as AWS's message tells it."""
    termination: float | None = 0.0
    """How long the original task set stays after traffic has moved; None keeps it for good."""
    rolls_back: frozenset[Trigger] = frozenset()
    alarms: tuple[str, ...] = ()
    ignores_blindness: bool = False
    """Whether it goes on when CloudWatch does not tell of the alarms."""
    hook_timeout: float = 3600.0
    install_timeout: float = 3600.0
    way_back: bool = False
    """Whether this is the rollback of another deployment."""


def steps(plan: Plan) -> tuple[Step, ...]:
    """Return the steps of a deployment in their order."""
    if plan.way_back:
        return _WAY_BACK
    found: list[Step] = []
    for name in event_names(plan):
        if name == "BeforeAllowTraffic" and plan.ready is not None:
            found.append(Step(Kind.READY))
        found.append(Step(EVENTS[name], name))
    if plan.termination is not None:
        found += [Step(Kind.WAIT), Step(Kind.TERMINATE)]
    return tuple(found)


def event_names(plan: Plan) -> tuple[str, ...]:
    """Return the lifecycle events that a deployment has."""
    return tuple(name for name in EVENTS if plan.test_listener or name not in _OF_TEST_TRAFFIC)


_WAY_BACK: Final = (
    Step(Kind.PUT_BACK, "AllowTraffic"),
    Step(Kind.PUT_TEST_BACK, "AllowTestTraffic"),
    Step(Kind.DEMOTE),
    Step(Kind.REMOVE),
)
"""Production first: each request to a version that turned bad is one too many."""

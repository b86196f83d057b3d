"""Where a service deployment stands, what can happen to it, and what it then wants done."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from rehearsal.ecs.plan import Act, Side, Stage


class Status(StrEnum):
    """Of a service deployment (API Reference, ServiceDeployment)."""

    PENDING = "PENDING"
    IN_PROGRESS = "IN_PROGRESS"
    SUCCESSFUL = "SUCCESSFUL"
    STOP_REQUESTED = "STOP_REQUESTED"
    STOPPED = "STOPPED"
    ROLLBACK_REQUESTED = "ROLLBACK_REQUESTED"
    ROLLBACK_IN_PROGRESS = "ROLLBACK_IN_PROGRESS"
    ROLLBACK_SUCCESSFUL = "ROLLBACK_SUCCESSFUL"
    ROLLBACK_FAILED = "ROLLBACK_FAILED"

    @property
    def ended(self) -> bool:
        """Whether nothing more happens."""
        return self in {
            Status.SUCCESSFUL,
            Status.STOPPED,
            Status.ROLLBACK_SUCCESSFUL,
            Status.ROLLBACK_FAILED,
        }

    @property
    def goes_back(self) -> bool:
        """Whether it is on its way back, or asked to be."""
        return self in {Status.ROLLBACK_REQUESTED, Status.ROLLBACK_IN_PROGRESS}


class Monitor(StrEnum):
    """Of alarms and of the circuit breaker."""

    DISABLED = "DISABLED"
    MONITORING = "MONITORING"
    TRIGGERED = "TRIGGERED"
    MONITORING_COMPLETE = "MONITORING_COMPLETE"


class Phase(StrEnum):
    """Of a step."""

    ACT = "act"
    HOOKS = "hooks"
    WAIT = "wait"


class Verdict(StrEnum):
    """What a hook answers as its `hookStatus`."""

    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    IN_PROGRESS = "IN_PROGRESS"


@dataclass(frozen=True, slots=True)
class Asked:
    """A hook of the plan that is being asked at the step under way."""

    hook: int
    """Its place in the plan."""
    expires: float
    """When its time is over."""
    again: float | None = None
    """When it is asked again; None while an answer is awaited."""
    details: Mapping[str, Any] | None = None
    """What it gave with its last answer, and is given with the next question."""
    verdict: Verdict = Verdict.IN_PROGRESS


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """A service deployment between two things that happen to it; times are Unix seconds."""

    status: Status = Status.PENDING
    step: int = -1
    """Which of the steps is under way, of those forward or of those back."""
    phase: Phase = Phase.ACT
    deadline: float | None = None
    """When the wait of the step is over."""
    asked: tuple[Asked, ...] = ()
    source_left: bool = False
    """Whether the source's tasks were sent away."""
    weight: float = 0.0
    """Percent of production traffic that the target gets."""
    test_weight: float = 0.0
    alarms: Monitor = Monitor.DISABLED
    red: tuple[str, ...] = ()
    """The alarms that ended it."""
    breaker: Monitor = Monitor.DISABLED
    failures: int = 0
    threshold: int = 0
    counted: tuple[int, int] | None = (0, 0)
    """Failed and healthy tasks that were counted before; None: what is there is no news."""
    reason: str = ""
    started: float | None = None
    finished: float | None = None
    stopped: float | None = None
    back_since: float | None = None
    back_reason: str = ""


# What can happen.


@dataclass(frozen=True, slots=True)
class Begin:
    """It is taken up, while these of its alarms are red."""

    red: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Tick:
    """Time has passed."""


@dataclass(frozen=True, slots=True)
class Done:
    """What it wanted was done."""


@dataclass(frozen=True, slots=True)
class Broken:
    """What it wanted was refused for good."""

    reason: str


@dataclass(frozen=True, slots=True)
class Steady:
    """What the step waits for has come: tasks that are healthy, or are gone."""


@dataclass(frozen=True, slots=True)
class Counted:
    """So many tasks of the side that scales have failed, and became healthy, since they were begun."""

    failed: int
    healthy: int
    desired: int


@dataclass(frozen=True, slots=True)
class Answered:
    """A hook answered; no verdict: the answer was none, or the function failed."""

    step: int
    """At which it was asked."""
    hook: int
    verdict: Verdict | None
    delay: float | None = None
    """Seconds of this machine after which it wants to be asked again."""
    details: Mapping[str, Any] | None = None
    error: str = ""


@dataclass(frozen=True, slots=True)
class Red:
    """Alarms are red."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Stop:
    """StopServiceDeployment."""

    rollback: bool = True


@dataclass(frozen=True, slots=True)
class Superseded:
    """The service was asked for something else meanwhile, or was deleted."""

    reason: str


Given = Begin | Tick | Done | Broken | Steady | Counted | Answered | Red | Stop | Superseded

# What is wanted.


@dataclass(frozen=True, slots=True)
class Do:
    """Do what a step begins with."""

    act: Act
    side: Side = Side.TARGET
    percent: float = 0.0


@dataclass(frozen=True, slots=True)
class Invoke:
    """Ask a hook at a stage."""

    step: int
    hook: int
    stage: Stage
    details: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Halt:
    """Start no more tasks of the target, and leave traffic where it is."""


Command = Do | Invoke | Halt

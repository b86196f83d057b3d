"""Where a deployment stands, what can happen to it, and what it then wants done."""

from dataclasses import dataclass
from enum import StrEnum

from rehearsal.codedeploy.plan import Plan, event_names


class Status(StrEnum):
    """Of a deployment (API Reference, DeploymentInfo)."""

    CREATED = "Created"
    QUEUED = "Queued"
    IN_PROGRESS = "InProgress"
    READY = "Ready"
    SUCCEEDED = "Succeeded"
    FAILED = "Failed"
    STOPPED = "Stopped"

    @property
    def ended(self) -> bool:
        """Whether nothing more happens."""
        return self in {Status.SUCCEEDED, Status.FAILED, Status.STOPPED}


class Progress(StrEnum):
    """Of a lifecycle event (API Reference, LifecycleEvent)."""

    PENDING = "Pending"
    IN_PROGRESS = "InProgress"
    SUCCEEDED = "Succeeded"
    FAILED = "Failed"
    SKIPPED = "Skipped"


class Side(StrEnum):
    """One of the two task sets; the value is the label that a target gives it."""

    ORIGINAL = "Blue"
    REPLACEMENT = "Green"


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a deployment ended early: one of the codes of ErrorInformation, and its sentence."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Event:
    """One lifecycle event; times are Unix seconds."""

    name: str
    progress: Progress = Progress.PENDING
    started: float | None = None
    ended: float | None = None
    message: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """A deployment between two things that happen to it."""

    status: Status = Status.CREATED
    events: tuple[Event, ...] = ()
    step: int = -1
    """Which of the plan's steps is under way."""
    since: float = 0.0
    """When it was begun."""
    deadline: float | None = None
    """When something happens by itself."""
    increment: int = 0
    """Which increment of traffic comes next."""
    weight: int = 0
    """Percent of production traffic that the replacement gets."""
    waits: bool = False
    """Whether the wait for the original's termination has begun."""
    started: float | None = None
    completed: float | None = None
    problem: Problem | None = None
    returns: bool = False
    """Whether it ended so that traffic has to go back by another deployment."""


def first(plan: Plan) -> State:
    """Return how every deployment begins."""
    passed = Progress.SKIPPED if plan.way_back else Progress.PENDING
    back = {"AllowTraffic", "AllowTestTraffic"}
    return State(
        events=tuple(Event(name, Progress.PENDING if name in back else passed) for name in event_names(plan))
    )


# What can happen.


@dataclass(frozen=True, slots=True)
class Begin:
    """It is taken up: from Created to Queued, and from Queued to its first step."""


@dataclass(frozen=True, slots=True)
class Tick:
    """Time has passed."""


@dataclass(frozen=True, slots=True)
class Done:
    """The command was carried out."""


@dataclass(frozen=True, slots=True)
class Broken:
    """The command was refused for good."""

    problem: Problem


@dataclass(frozen=True, slots=True)
class Steady:
    """All tasks of the replacement run and are healthy."""


@dataclass(frozen=True, slots=True)
class Answered:
    """A hook's function reported."""

    event: str
    passed: bool


@dataclass(frozen=True, slots=True)
class Alarmed:
    """Alarms of the deployment are red."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Blind:
    """CloudWatch does not tell whether alarms are red."""


@dataclass(frozen=True, slots=True)
class Stop:
    """StopDeployment; `rollback` overrides the configuration when given."""

    rollback: bool | None = None


@dataclass(frozen=True, slots=True)
class Continue:
    """ContinueDeployment: READY_WAIT or TERMINATION_WAIT."""

    wait: str


Given = Begin | Tick | Done | Broken | Steady | Answered | Alarmed | Blind | Stop | Continue

# What is wanted.


@dataclass(frozen=True, slots=True)
class Create:
    """Create the replacement task set."""


@dataclass(frozen=True, slots=True)
class MoveTest:
    """Lead the test listener to one side."""

    side: Side


@dataclass(frozen=True, slots=True)
class Move:
    """Give the replacement so many percent of production traffic."""

    percent: int


@dataclass(frozen=True, slots=True)
class Promote:
    """Make one side's task set the primary one."""

    side: Side


@dataclass(frozen=True, slots=True)
class Remove:
    """Delete one side's task set."""

    side: Side


@dataclass(frozen=True, slots=True)
class Invoke:
    """Call a hook's function."""

    event: str
    function: str


Command = Create | MoveTest | Move | Promote | Remove | Invoke

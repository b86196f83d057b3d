"""A deployment as a release sees it, whichever engine runs it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol


class State(StrEnum):
    """Where a deployment stands."""

    RUNNING = "running"
    """Not at its end; the wait with the old tasks still up (bake time) is part of it."""
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    """Traffic is back, or on its way back, or never moved."""
    STOPPED = "stopped"
    """As `FAILED`, because somebody stopped it."""

    @property
    def ended(self) -> bool:
        """Whether nothing more will come of it."""
        return self is not State.RUNNING


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One lifecycle event."""

    name: str
    """As the engine names it: `AfterAllowTestTraffic`, `PRODUCTION_TRAFFIC_SHIFT`."""
    status: str
    """`pending`, `running`, `succeeded`, `failed` or `skipped`."""
    started: datetime | None = None
    ended: datetime | None = None
    message: str = ""
    """What the engine says of a failure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """One deployment, and the way back that the engine began by itself when there is one."""

    id: str
    state: State
    status: str
    """The engine's own word."""
    started: datetime | None
    task_definition: str
    """ARN of the revision that it rolls out; empty when the engine does not say."""
    events: tuple[Event, ...] = ()
    reason: str = ""
    """Why it failed or was stopped, in the engine's words with its code; empty else."""
    way_back: "Deployment | None" = None
    """The rollback that it caused, which must end before the release has."""
    rollback: bool = False
    """Whether it is such a rollback itself."""

    @property
    def settled(self) -> bool:
        """Whether it and its way back have ended."""
        return self.state.ended and (self.way_back is None or self.way_back.state.ended)


class Engine(Protocol):
    """What moves the traffic of one stage: CodeDeploy or ECS."""

    name: str
    """`codedeploy` or `ecs`."""

    def running(self) -> Sequence[Deployment]:
        """Return the deployments of the service that have not ended, whoever began them."""
        ...

    def begin(self, *, task_definition: str, release: str, past_alarms: bool = False) -> str:
        """Begin a deployment for a release, or find the one that was begun for it before; return its id.

        Args:
            task_definition: ARN of the revision.
            release: its id.
            past_alarms: whether no alarm is to turn it back.

        Raises:
            Refused: another deployment runs.
        """
        ...

    def find(self, *, task_definition: str, release: str) -> str | None:
        """Return the id of the deployment that was begun for a release, ended or not."""
        ...

    def look(self, deployment: str) -> Deployment:
        """Return how it stands."""
        ...

    def stop(self, deployment: str) -> None:
        """Stop it and have traffic go back; one that has ended stays as it is."""
        ...

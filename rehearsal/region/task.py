"""One task, from the moment it is made known until it has stopped: what is remembered of it."""

import signal
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

from rehearsal import tasks
from rehearsal.region.container_health import Health, State
from rehearsal.region.ending import Step
from rehearsal.region.health_check import Checking
from rehearsal.region.scheduler import Fleet, Seen
from rehearsal.tasks import Container

_SETTLING: Final = 5.0
"""Seconds after which a task that is not yet healthy no longer keeps others from starting."""


class Stage(Enum):
    """How far a task has come."""

    PENDING = "pending"
    RUNNING = "running"
    ENDING = "ending"
    STOPPED = "stopped"


@dataclass
class Task:
    """A task of a fleet; times are of a clock that never jumps."""

    arn: str
    fleet: Fleet
    address: str
    born: float
    stage: Stage = Stage.PENDING
    container: Container | None = None
    digest: str = ""
    running: tasks.Task | None = None
    started: float = 0.0
    health: Health = field(default_factory=Health)
    checking: Checking | None = None
    next_check: float = 0.0
    next_weighing: float = 0.0
    told_running: bool = False
    may_be_target: bool = False
    """Whether somebody asked to register it: an answer that was lost may have been yes."""
    registered: bool = False
    was_healthy: bool = False
    reason: str = ""
    """Why it ends, in ECS's words."""
    container_reason: str = ""
    deregistration_delay: float | None = None
    """Of its target groups when its ending began, in seconds on AWS; None when it cannot be a target."""
    steps: list[Step] = field(default_factory=list)
    """What is left of its ending."""
    rest: Step | None = None
    """The step that it rests after."""
    rest_until: float | None = None
    """When that rest is over; None until it begins."""

    @property
    def id(self) -> str:
        """The last part of its ARN."""
        return self.arn.rpartition("/")[2]

    @property
    def name(self) -> str:
        """What people call it."""
        return f"task {self.id[:8]}"

    @property
    def exit_code(self) -> int | None:
        """What its process exited with, as a shell has it: 128 and a signal's number."""
        return self.running.program.exit_code if self.running else None

    @property
    def has_exited(self) -> bool:
        """Whether there is no process, or none any more."""
        return self.running is None or self.running.program.has_ended

    @property
    def container_well(self) -> bool:
        """Whether it runs and its health check, if it has one, has passed."""
        checked = self.container is not None and self.container.check is not None
        return self.stage is Stage.RUNNING and (not checked or self.health.state is State.HEALTHY)

    def signal(self, number: signal.Signals) -> None:
        """Send its process a signal, if there still is one."""
        if self.running and not self.running.program.has_ended:
            self.running.program.send(number)

    def wait(self) -> None:
        """Wait until its process, which was killed, has ended."""
        if self.running:
            self.running.program.wait()

    def is_settling(self, now: float) -> bool:
        """Whether it has just been started and takes the machine for that."""
        well = self.container_well and self.registered
        return self.stage is Stage.RUNNING and not well and now - self.started < _SETTLING

    def seen(self, *, healthy: bool) -> Seen:
        """Return what the scheduler sees of it."""
        return Seen(self.arn, self.fleet.id, self.fleet.task_definition, healthy, self.born)

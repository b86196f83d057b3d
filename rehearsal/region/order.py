"""What a task's start needs to know, and what plays tasks: as processes or as containers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from rehearsal import tasks
from rehearsal.image import Image
from rehearsal.region.health_check import Checking
from rehearsal.region.task import Task
from rehearsal.tasks import Container


@dataclass(frozen=True, slots=True)
class Order:
    """A container of a task definition, and its image."""

    container: Container
    described: Mapping[str, Any]
    """The whole task definition, as ECS describes it."""
    image: Image
    lame_duck: int
    """Seconds from SIGTERM to the closing of the service's listener."""
    stop: float
    """Seconds of this machine from SIGTERM to SIGKILL."""


class Runtime(Protocol):
    """Plays tasks."""

    def start(self, task: Task, order: Order) -> tasks.Task:
        """Start a task and return at once; it stands back until `settled`. An OSError says that it cannot."""

    def settled(self, started: tasks.Task) -> None:
        """Let a task run like everything else that serves."""

    def check(self, task: Task, command: Sequence[str], order: Order, *, deadline: float) -> Checking:
        """Begin a container's health check. An OSError says that its command cannot be started."""

    def forget(self, started: tasks.Task) -> None:
        """Clear away what is left of a task that has stopped."""

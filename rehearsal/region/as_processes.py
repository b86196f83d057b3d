"""Tasks as processes of this machine: the default, which needs no engine."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rehearsal import tasks
from rehearsal.region import health_check, priorities
from rehearsal.region.health_check import Checking
from rehearsal.region.order import Order
from rehearsal.region.task import Task


@dataclass(frozen=True, slots=True)
class Processes:
    """Plays tasks as processes of one run; `environment` is an isolated one."""

    run: Path
    python: Path
    """The interpreter with the packages of the service's own lock."""
    environment: Mapping[str, str]

    def start(self, task: Task, order: Order) -> tasks.Task:
        """Start a task's process and return at once.

        Raises:
            OSError: The image has no such program.
        """
        started = tasks.launch(
            order.container,
            order.image,
            address=task.address,
            environment=self.environment,
            python=self.python,
            log=self.run / f"task-{task.id}.log",
            lame_duck=order.lame_duck,
        )
        priorities.hold_back(started.program.process.pid)
        return started

    def settled(self, started: tasks.Task) -> None:
        """Let a process have its share of the processors again."""
        priorities.let_go(started.program.process.pid)

    def check(self, task: Task, command: Sequence[str], order: Order, *, deadline: float) -> Checking:
        """Begin a health check's command as a process beside the task's."""
        return health_check.begin(
            tasks.program_of(tasks.inside(command, task.address), self.python),
            environment=tasks.variables_of(
                order.container,
                order.image,
                address=task.address,
                environment=self.environment,
                python=self.python,
            ),
            folder=order.image.folder,
            deadline=deadline,
        )

    def forget(self, started: tasks.Task) -> None:
        """Nothing is left of a process but its log."""

"""How a task is started from what is registered: the definition, the image by its digest, a process."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from rehearsal import image, tasks
from rehearsal.clock import Clock
from rehearsal.errors import StepFailed
from rehearsal.image import Image
from rehearsal.region import health_check, priorities
from rehearsal.region.health_check import Checking
from rehearsal.region.task import Task
from rehearsal.tasks import Container
from service import contract

if TYPE_CHECKING:
    from mypy_boto3_ecs import ECSClient


class CannotStart(StepFailed):
    """A task that stops before it runs; the message is the reason in ECS's words."""


@dataclass(frozen=True, slots=True)
class Starter:
    """Starts tasks below a run's folder.

    `environment` is an isolated one that leads to no AWS (see `rehearsal.isolation`).
    """

    ecs: "ECSClient"
    clock: Clock
    run: Path
    images: Path
    root: Path
    environment: Mapping[str, str]
    _definitions: dict[str, Container] = field(default_factory=dict)
    _pulled: dict[str, Image] = field(default_factory=dict)

    @property
    def python(self) -> Path:
        """The interpreter with the packages of the service's own lock."""
        return self.root / ".venv-service" / "bin" / "python"

    def container(self, definition: str) -> Container:
        """Return the container of a task definition, which never changes once it is registered."""
        if definition not in self._definitions:
            described = self.ecs.describe_task_definition(taskDefinition=definition)["taskDefinition"]
            self._definitions[definition] = tasks.parse_task_definition(described)
        return self._definitions[definition]

    def start(self, task: Task, container: Container) -> tasks.Task:
        """Start a task's process; it stands back until `settled` says otherwise.

        Raises:
            CannotStart: The image is not there, or it has no such program.
        """
        pulled = self._pull(container.image)
        try:
            started = tasks.launch(
                container,
                pulled,
                address=task.address,
                environment=self.environment,
                python=self.python,
                log=self.run / f"task-{task.id}.log",
                # The service takes whole seconds. Rounded up, its listener would stay open so long that the
                # load balancer notices by itself, which it cannot on AWS.
                lame_duck=math.floor(self.clock.real(contract.LAME_DUCK)),
            )
        except OSError as error:
            raise CannotStart(f"CannotStartContainerError: {error}") from None
        priorities.hold_back(started.program.process.pid)
        return started

    def settled(self, started: tasks.Task) -> None:
        """Let a task run like everything else that serves."""
        priorities.let_go(started.program.process.pid)

    def check(self, task: Task, container: Container, *, deadline: float) -> Checking:
        """Begin the container's health check.

        Raises:
            OSError: Its command cannot be started.
        """
        assert container.check is not None  # noqa: S101 - the caller looked
        pulled = self._pull(container.image)
        return health_check.begin(
            tasks.program_of(tasks.inside(container.check.command, task.address), self.python),
            environment=tasks.variables_of(
                container, pulled, address=task.address, environment=self.environment, python=self.python
            ),
            folder=pulled.folder,
            deadline=deadline,
        )

    def digest(self, container: Container) -> str:
        """Return the digest that a container's image is named by."""
        return container.image.rpartition("@")[2]

    def _pull(self, reference: str) -> Image:
        if reference not in self._pulled:
            try:
                self._pulled[reference] = image.pull(reference, root=self.root, store=self.images)
            except (StepFailed, OSError) as error:
                raise CannotStart(f"CannotPullContainerError: {error}") from None
        return self._pulled[reference]

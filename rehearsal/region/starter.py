"""How a task is started from what is registered: the definition, the image by its digest, a runtime."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rehearsal import image, tasks
from rehearsal.clock import Clock
from rehearsal.errors import StepFailed
from rehearsal.image import Image
from rehearsal.region import ending
from rehearsal.region.health_check import Checking
from rehearsal.region.order import Order, Runtime
from rehearsal.region.task import Task
from rehearsal.tasks import Container
from service import contract

if TYPE_CHECKING:
    from mypy_boto3_ecs import ECSClient


class CannotStart(StepFailed):
    """A task that stops before it runs; the message is the reason in ECS's words."""


@dataclass(frozen=True, slots=True)
class Starter:
    """Starts tasks of the definitions that are registered, from the images of the store."""

    ecs: "ECSClient"
    clock: Clock
    images: Path
    root: Path
    runtime: Runtime
    _definitions: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    _pulled: dict[str, Image] = field(default_factory=dict)

    def container(self, definition: str) -> Container:
        """Return the container of a task definition, which never changes once it is registered."""
        if definition not in self._definitions:
            described = self.ecs.describe_task_definition(taskDefinition=definition)["taskDefinition"]
            self._definitions[definition] = described
        return tasks.parse_task_definition(self._definitions[definition])

    def start(self, task: Task, container: Container) -> tasks.Task:
        """Start a task; it stands back until `settled` says otherwise.

        Raises:
            CannotStart: The image is not there, or it has no such program.
        """
        try:
            return self.runtime.start(task, self._order(task, container))
        except OSError as error:
            raise CannotStart(f"CannotStartContainerError: {error}") from None

    def settled(self, started: tasks.Task) -> None:
        """Let a task run like everything else that serves."""
        self.runtime.settled(started)

    def check(self, task: Task, container: Container, *, deadline: float) -> Checking:
        """Begin the container's health check.

        Raises:
            OSError: Its command cannot be started.
        """
        assert container.check is not None  # noqa: S101 - the caller looked
        order = self._order(task, container)
        return self.runtime.check(task, container.check.command, order, deadline=deadline)

    def forget(self, started: tasks.Task) -> None:
        """Clear away what is left of a task that has stopped."""
        self.runtime.forget(started)

    def digest(self, container: Container) -> str:
        """Return the digest that a container's image is named by."""
        return container.image.rpartition("@")[2]

    def _order(self, task: Task, container: Container) -> Order:
        return Order(
            container=container,
            described=self._definitions[task.fleet.task_definition],
            image=self._pull(container.image),
            # The service takes whole seconds. Rounded up, its listener would stay open so long that the
            # load balancer notices by itself, which it cannot on AWS.
            lame_duck=math.floor(self.clock.real(contract.LAME_DUCK)),
            stop=ending.stop_seconds(self.clock, container.stop_timeout),
        )

    def _pull(self, reference: str) -> Image:
        if reference not in self._pulled:
            try:
                self._pulled[reference] = image.pull(reference, root=self.root, store=self.images)
            except (StepFailed, OSError) as error:
                raise CannotStart(f"CannotPullContainerError: {error}") from None
        return self._pulled[reference]

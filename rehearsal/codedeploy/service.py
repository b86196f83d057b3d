"""What the operations work with."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from rehearsal.clock import Clock
from rehearsal.codedeploy.scene import Scene
from rehearsal.codedeploy.state import Given
from rehearsal.codedeploy.store import Deployment, Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """A task set as ECS describes it."""

    id: str
    arn: str
    status: str
    desired: int
    pending: int
    running: int


@dataclass(slots=True, kw_only=True)
class Service:
    """The server without its socket."""

    start: Callable[[Deployment], None]
    """Takes a deployment up that was just stored."""
    give: Callable[[Deployment, Given], None]
    """Lets something happen to a deployment, soon."""
    task_sets: Callable[[Scene], tuple[Counts, ...]]
    """Describes the task sets of a scene that still exist."""
    clock: Clock = field(default_factory=Clock)
    """Of the deployments that are created from now on."""
    store: Store = field(default_factory=Store)


Said: TypeAlias = Mapping[str, Any]
"""The input of an operation, valid by the service model."""
Operation: TypeAlias = Callable[[Service, Said], Mapping[str, Any]]
"""Returns the output of an operation; raises ApiError."""

"""What runs and where traffic goes, as plain values.

A fleet is what ECS starts tasks for: a task set under CodeDeploy, a deployment of the service under ECS. Its
tasks say in `startedBy` which it is, and their addresses say behind which colour they stand.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

WHOLE: Final = 100
"""Percent."""
_LEAVING: Final = frozenset({"draining", "unused"})
"""States of targets that take no new request and need not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fleet:
    """Tasks of one revision that ECS keeps running."""

    id: str
    """`ecs-svc/…`."""
    primary: bool
    """Whether it is the service's own, in ECS's view."""
    revision: str
    """ARN of the task definition."""
    desired: int
    running: int
    pending: int
    steady: bool
    """Whether ECS has nothing left to do for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One task that is meant to run."""

    id: str
    fleet: str
    status: str
    """`RUNNING`, or what comes before it."""
    address: str
    """Private IPv4 address; empty while it has none."""
    digest: str
    """Digest of the image that runs in the container that takes traffic; empty until it is pulled."""
    revision: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One target of a colour."""

    address: str
    state: str
    """`initial`, `healthy`, `unhealthy`, `draining`, `unused`, …"""
    reason: str = ""

    @property
    def leaving(self) -> bool:
        """Whether it is on its way out."""
        return self.state in _LEAVING

    @property
    def healthy(self) -> bool:
        """Whether it takes traffic."""
        return self.state == "healthy"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """The stage's tasks, targets and traffic at one moment."""

    fleets: tuple[Fleet, ...]
    tasks: tuple[Task, ...]
    targets: Mapping[str, tuple[Target, ...]]
    """By colour."""
    production: Mapping[str, int]
    """Percent of production traffic by colour."""
    test: Mapping[str, int]
    """Percent of test traffic by colour."""

    @property
    def live(self) -> str:
        """The colour that takes all production traffic; empty when none does."""
        return next((colour for colour, share in self.production.items() if share == WHOLE), "")

    @property
    def primary(self) -> Fleet | None:
        """The service's own fleet."""
        return next((fleet for fleet in self.fleets if fleet.primary), None)

    def staying(self, colour: str) -> tuple[Target, ...]:
        """Return the targets of a colour, those left out that are on their way out."""
        return tuple(target for target in self.targets.get(colour, ()) if not target.leaving)

    def tasks_of(self, colour: str) -> tuple[Task, ...]:
        """Return the tasks that stand behind a colour."""
        addresses = {target.address for target in self.staying(colour)}
        return tuple(task for task in self.tasks if task.address in addresses)

    def digests_of(self, colour: str) -> tuple[str, ...]:
        """Return what the tasks of a colour run, sorted."""
        return tuple(sorted({task.digest for task in self.tasks_of(colour) if task.digest}))

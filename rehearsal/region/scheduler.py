"""Which tasks to start and which to end, so that every fleet has as many as it should.

AWS documentation: "Amazon ECS services" (the service scheduler keeps the desired count and replaces tasks
that stop), "Amazon ECS service throttle logic" (the time between attempts grows for tasks that keep failing
before they are RUNNING). Tasks that ran for a while are replaced at once there, which takes Fargate half a
minute each time; here the same growing pause stands for that, or a crash loop would take a whole processor.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

from rehearsal.clock import Clock

FIRST_PAUSE: Final = 1.0
"""Seconds on AWS between a first failure and the next attempt; twice as long after each further one."""
LONGEST_PAUSE: Final = 27 * 60.0
"""Seconds on AWS that the pause never exceeds."""
LEAST_PAUSE: Final = 0.25
"""Seconds of this machine; a compressed pause would leave it no time for anything else."""


@dataclass(frozen=True, slots=True)
class Target:
    """A target group that a fleet's tasks are registered with, and which container's port that means."""

    group: str
    container: str
    port: int


@dataclass(frozen=True, slots=True)
class Fleet:
    """So many tasks of one task definition: a task set, or a revision of a service."""

    id: str
    cluster: str
    service: str
    task_definition: str
    count: int
    targets: tuple[Target, ...] = ()
    grace: int = 0
    """Seconds on AWS for which a task's health in its target groups is not looked at."""

    @classmethod
    def of(cls, described: Mapping[str, Any]) -> Self:
        """Read a fleet as the control plane describes it."""
        targets = [
            Target(item["arn"], item["container"], int(item["port"])) for item in described["targetGroups"]
        ]
        return cls(
            id=described["id"],
            cluster=described["cluster"],
            service=described["service"],
            task_definition=described["taskDefinition"],
            count=int(described["count"]),
            targets=tuple(targets),
            grace=int(described.get("healthCheckGracePeriodSeconds") or 0),
        )


@dataclass(frozen=True, slots=True)
class Seen:
    """A task that has not begun to end."""

    arn: str
    fleet: str
    task_definition: str
    healthy: bool
    """Whether its container and its targets are."""
    born: float
    """When it was made, on a clock that never jumps."""


@dataclass(frozen=True, slots=True)
class Throttle:
    """How often a fleet's tasks have failed in a row, and until when no other is started."""

    failures: int = 0
    until: float = 0.0

    def failed(self, now: float, clock: Clock) -> "Throttle":
        """Return what follows from another task that ended before it was healthy."""
        pause = clock.real(min(FIRST_PAUSE * 2**self.failures, LONGEST_PAUSE))
        return Throttle(self.failures + 1, now + max(pause, LEAST_PAUSE))


@dataclass(frozen=True, slots=True)
class Stop:
    """A task that is to end, and the reason in ECS's words."""

    task: str
    reason: str


@dataclass(frozen=True, slots=True)
class Decisions:
    """What to do now: one entry in `starts` for each task."""

    starts: tuple[Fleet, ...] = ()
    stops: tuple[Stop, ...] = ()


def decide(
    fleets: Iterable[Fleet], tasks: Iterable[Seen], throttles: Mapping[str, Throttle], *, now: float
) -> Decisions:
    """Return which tasks to start and which to end.

    Args:
        fleets: What should be there.
        tasks: What is there, but what already ends.
        throttles: What earlier failures mean for a fleet.
        now: The time on the clock of `Throttle.until` and `Seen.born`.
    """
    wanted = {fleet.id: fleet for fleet in fleets}
    there = list(tasks)
    starts: list[Fleet] = []
    stops = [_stop(task) for task in there if task.fleet not in wanted]
    for fleet in wanted.values():
        own = [task for task in there if task.fleet == fleet.id]
        current = [task for task in own if task.task_definition == fleet.task_definition]
        if throttles.get(fleet.id, Throttle()).until <= now:
            starts += [fleet] * (fleet.count - len(current))
        stops += [_stop(task) for task in _too_many(current, fleet.count)]
        if sum(task.healthy for task in current) >= fleet.count:
            stops += [_stop(task) for task in own if task not in current]
    return Decisions(tuple(starts), tuple(stops))


def _too_many(tasks: list[Seen], count: int) -> Iterator[Seen]:
    """Yield the tasks beyond the count: first such as are not healthy, then the youngest."""
    by_worth = sorted(tasks, key=lambda task: (not task.healthy, task.born))
    yield from by_worth[count:]


def _stop(task: Seen) -> Stop:
    return Stop(task.arn, f"Scaling activity initiated by (deployment {task.fleet})")

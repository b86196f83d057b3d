"""How many tasks old and new revisions have while a rolling update goes on; pure.

Amazon ECS Developer Guide, "Deploy Amazon ECS services by replacing tasks" (rolling update): never fewer
healthy tasks than the minimum healthy percent of the desired count, rounded up, and never more tasks than the
maximum percent, rounded down.
"""

from dataclasses import dataclass
from math import ceil


@dataclass(frozen=True, slots=True)
class Limits:
    """Of a service with a desired count."""

    desired: int
    minimum_percent: float = 100.0
    maximum_percent: float = 200.0

    @property
    def least(self) -> int:
        """How many tasks are healthy at any time."""
        return ceil(self.desired * self.minimum_percent / 100)

    @property
    def most(self) -> int:
        """How many tasks there are at any time: at least the desired count."""
        return max(self.desired, int(self.desired * self.maximum_percent / 100))


@dataclass(frozen=True, slots=True)
class Counts:
    """What there is of the new revision and of all old ones."""

    new: int
    """New tasks, running or on their way."""
    new_healthy: int
    old: int
    """Old tasks that are not told to end."""
    ending: int = 0
    """Tasks that were told to end and have not."""


def wanted(limits: Limits, counts: Counts) -> tuple[int, int]:
    """Return how many new and old tasks there should be next.

    As long as there is room for new tasks beside the old ones, these go only when new ones are healthy.
    Without room, as many go first as the minimum allows.
    """
    room = max(0, limits.most - counts.old - counts.ending - counts.new)
    healthy = min(counts.new_healthy, limits.desired)
    crowded = room < limits.desired - counts.new
    keep = (limits.least if crowded else limits.desired) - healthy
    new = max(min(counts.new, limits.desired), min(limits.desired, counts.new + room))
    return new, min(counts.old, max(0, keep, limits.least - healthy))

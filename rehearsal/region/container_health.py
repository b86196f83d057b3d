"""Whether a container is well, from its health check.

AWS documentation: "HealthCheck" (Amazon ECS API reference): an interval between checks, a timeout for each,
so many failures in a row until the container is unhealthy, and a start period in which failures do not count.
"""

from dataclasses import dataclass, replace
from enum import Enum
from typing import Final

from rehearsal.clock import Clock
from rehearsal.tasks import Check

LEAST_INTERVAL: Final = 2.0
"""Seconds of this machine between two checks at least: each starts an interpreter, which takes a processor
for 0.06 s, and with every task doing so twice a second there would be little left for those who serve."""
FIRST_INTERVAL: Final = 0.25
"""Seconds of this machine between two checks until the first one has passed."""
LEAST_TIMEOUT: Final = 3.0
"""Seconds of this machine that a check may take at least: a busy machine is not a sick container."""
LEAST_START: Final = 15.0
"""Seconds of this machine of the start period at least: starting is not played faster than it is."""


class State(Enum):
    """What ECS calls the health of a container."""

    UNKNOWN = "UNKNOWN"
    HEALTHY = "HEALTHY"
    UNHEALTHY = "UNHEALTHY"


@dataclass(frozen=True, slots=True)
class Times:
    """A health check's times on this machine, in seconds."""

    interval: float
    timeout: float
    start: float

    def until_next(self, state: State) -> float:
        """Return the seconds from the end of a check to the next one."""
        return FIRST_INTERVAL if state is State.UNKNOWN else self.interval

    @classmethod
    def of(cls, check: Check, clock: Clock) -> "Times":
        """Return how long a check's times are here."""
        return cls(
            interval=max(clock.real(check.interval), LEAST_INTERVAL),
            timeout=max(clock.real(check.timeout), LEAST_TIMEOUT),
            start=max(clock.real(check.start_period), min(check.start_period, LEAST_START)),
        )


@dataclass(frozen=True, slots=True)
class Health:
    """What the checks of one container have come to."""

    state: State = State.UNKNOWN
    failures: int = 0

    def after(self, *, passed: bool, age: float, retries: int, start: float) -> "Health":
        """Return the health after another check.

        Args:
            passed: Whether its command exited with 0.
            age: How long the container has run.
            retries: How many failures in a row make it unhealthy.
            start: The start period, on the clock of `age`; it is over with the first check that passes.
        """
        if passed:
            return Health(State.HEALTHY)
        if self.state is State.UNKNOWN and age < start:
            return self
        failures = self.failures + 1
        return replace(self, failures=failures, state=State.UNHEALTHY if failures >= retries else self.state)

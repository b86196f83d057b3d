"""Time that runs faster: what AWS waits for in minutes, a rehearsal plays in seconds."""

import time
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Clock:
    """Turns seconds as AWS counts them into seconds of this machine.

    Only waits are shortened: how long a task takes to start, a request to be answered or a probe to be
    compared is what it is. Times that are told (events, records) are this machine's.
    """

    speed: float = 1.0
    """How many of AWS's seconds pass in one of this machine."""
    started: float = field(default_factory=time.time)
    """Unix time at which both clocks agree."""

    def real(self, seconds: float) -> float:
        """Return how long something takes here that takes so many seconds on AWS."""
        return seconds / self.speed

    def played(self, at: float | None = None) -> float:
        """Return the Unix time on AWS's clock at a Unix time of this machine, by default now.

        Metrics are stamped with it, so that a minute of theirs is a minute of the alarms.
        """
        return self.started + ((time.time() if at is None else at) - self.started) * self.speed

    def sleep(self, seconds: float) -> None:
        """Rest for as long as so many of AWS's seconds take here."""
        time.sleep(self.real(seconds))

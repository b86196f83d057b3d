"""Whether traffic may come: the one bit of state that the service has."""

from enum import Enum


class Phase(Enum):
    """Where the process is in its life."""

    STARTING = "starting"
    """The probes have not passed yet."""
    READY = "ready"
    """Traffic is welcome."""
    DRAINING = "draining"
    """The process was told to stop; it still answers, but no new traffic should come."""


class Lifecycle:
    """The phase of this process; it only ever moves forward."""

    def __init__(self) -> None:
        self.phase = Phase.STARTING

    def warm(self) -> None:
        """Say that the probes have passed; too late once draining."""
        if self.phase is Phase.STARTING:
            self.phase = Phase.READY

    def drain(self) -> None:
        """Say that the process is about to stop."""
        self.phase = Phase.DRAINING

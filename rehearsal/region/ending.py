"""In which order a task ends.

AWS documentation: "Amazon ECS task lifecycle" (DEACTIVATING: the target is deregistered and drains; STOPPING:
SIGTERM, the stop timeout, SIGKILL), "Target groups for your Application Load Balancers" (Deregistration
delay). The two other orders are wrong on purpose: a rehearsal that is green with them proves nothing.
"""

from dataclasses import dataclass
from enum import Enum
from typing import Final, Literal

from rehearsal.clock import Clock

LEAST_DELAY: Final = 0.5
"""Seconds of this machine that a target drains at least: requests in flight are not faster."""
LEAST_STOP: Final = 10.0
"""Seconds of this machine between SIGTERM and SIGKILL at least: the service's own shutdown is not faster."""
_REAP: Final = 5.0


class Pretend(Enum):
    """A wrong order."""

    WITHOUT_DRAINING = "without-draining"
    """Deregistered and killed at once."""
    SIGTERM_FIRST = "sigterm-first"
    """Deregistered only when the process has ended."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of an ending, and how long to rest after it."""

    what: Literal["deregister", "terminate", "kill"]
    seconds: float
    """Of this machine."""
    until_exit: bool = False
    """Whether the rest is over as soon as the process has ended."""
    once_gone: bool = False
    """Whether the rest begins only when the load balancer sends the task nothing new any more."""


def steps(
    clock: Clock, *, deregistration_delay: float, stop_timeout: float, pretend: Pretend | None = None
) -> tuple[Step, ...]:
    """Return how a running task ends.

    Args:
        clock: How AWS's seconds become this machine's.
        deregistration_delay: Of its target groups, in seconds on AWS; no request in flight shortens it.
        stop_timeout: From SIGTERM to SIGKILL, in seconds on AWS.
        pretend: The mistake to make.
    """
    stop = stop_seconds(clock, stop_timeout)
    terminate, kill = Step("terminate", stop, until_exit=True), Step("kill", _REAP, until_exit=True)
    match pretend:
        case Pretend.WITHOUT_DRAINING:
            return (Step("deregister", 0.0), kill)
        case Pretend.SIGTERM_FIRST:
            return (terminate, kill, Step("deregister", 0.0))
        case None:
            drain = drain_seconds(clock, deregistration_delay)
            return (Step("deregister", drain, once_gone=True), terminate, kill)


def drain_seconds(clock: Clock, deregistration_delay: float) -> float:
    """Return the seconds of this machine for which a target drains."""
    return max(clock.real(deregistration_delay), min(deregistration_delay, LEAST_DELAY))


def stop_seconds(clock: Clock, stop_timeout: float) -> float:
    """Return the seconds of this machine from SIGTERM to SIGKILL."""
    return max(clock.real(stop_timeout), min(stop_timeout, LEAST_STOP))


DEAD: Final = (Step("deregister", 0.0),)
"""How a task ends whose process already has."""

"""The gate itself: wait until the new version is ready, ask it every probe, name every fault.

The nodes of a load balancer follow a change of its listener each at its own time, within seconds. So
one ready answer proves little, an answer that only a load balancer without a target gives is no fault,
and the old version's answer is one to wait on, not to judge.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from itertools import cycle
from typing import Final, Protocol

from .document import GateDocument
from .probes import Answer, Probe, fault_of, version_of

PAUSE: Final = 1.0
"""Seconds between two rounds of looks that found nothing wrong."""
RETRY: Final = 6.0
"""Seconds after which something is asked again that did not come or was not right yet.

Ten times a minute at most, so that the gate's own questions do not turn the alarm on the load
balancer's errors red, which stands for clients.
"""
ROUNDS: Final = 3
"""Rounds in a row in which every node must be ready and serve the new version."""
PASSING: Final = frozenset(
    {HTTPStatus.BAD_GATEWAY, HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.GATEWAY_TIMEOUT}
)
"""Statuses after which a probe is asked again: they say that no task answered."""

_SHOWN: Final = 80
"""Characters of a version that are shown; a right one has 64."""
_LATE: Final = "The new version was not ready for long enough to be asked anything."


class Node(Protocol):
    """One address at which the new version answers."""

    @property
    def endpoint(self) -> str:
        """Which address it is."""

    def ready(self) -> Answer:
        """Ask whether it takes traffic; raises OSError when there is no answer."""

    def version(self) -> Answer:
        """Ask which version it is; raises OSError when there is no answer."""

    def predict(self, probe: Probe) -> Answer:
        """Ask for a prediction; raises OSError when there is no answer."""


@dataclass(frozen=True, slots=True)
class Deadline:
    """The moment at which the gate gives up, so that there is time left to report."""

    at: float
    """Moment on `clock`, in seconds."""
    clock: Callable[[], float] = time.monotonic
    """Where the time comes from."""
    sleep: Callable[[float], None] = time.sleep
    """How to wait."""

    def left(self) -> float:
        """Return the seconds that are left; not positive when there are none."""
        return self.at - self.clock()

    def passed(self) -> bool:
        """Return whether it is too late to ask anything more."""
        return self.left() <= 0

    def pause(self, seconds: float) -> None:
        """Wait for so many seconds, or for those that are left."""
        self.sleep(max(0.0, min(seconds, self.left())))


def find_faults(
    nodes: Sequence[Node], document: GateDocument, *, tolerance: float, deadline: Deadline
) -> tuple[str, ...]:
    """Return one sentence for each thing that is wrong with the new version; nothing lets it pass.

    The nodes, at least one, take turns in being asked.
    """
    if trouble := _await_version(nodes, document.version, deadline):
        return (trouble,)
    turns = cycle(nodes)
    faults = (_ask(turns, probe, tolerance, deadline) for probe in document.probes)
    return tuple(fault for fault in faults if fault)


def _await_version(nodes: Sequence[Node], version: str, deadline: Deadline) -> str | None:
    trouble: str | None = None
    rounds = 0
    while not deadline.passed():
        trouble = _look(nodes, version, deadline, trouble or _LATE)
        rounds = 0 if trouble else rounds + 1
        if rounds == ROUNDS:
            return None
        deadline.pause(RETRY if trouble else PAUSE)
    return trouble or _LATE


def _look(nodes: Sequence[Node], version: str, deadline: Deadline, last: str) -> str | None:
    """Return what is wrong with the first node with which something is; what was last when time is up."""
    for node in nodes:
        if deadline.passed():
            return last
        try:
            trouble = _trouble(node, version)
        except OSError as error:
            trouble = f"The new version did not become ready at {node.endpoint}: {error}."
        if trouble:
            return trouble
    return None


def _trouble(node: Node, version: str) -> str | None:
    status = node.ready().status
    if status != HTTPStatus.OK:
        return f"The new version did not become ready at {node.endpoint}: status {status}."
    answer = node.version()
    served = version_of(answer)
    if answer.status != HTTPStatus.OK or served is None:
        return f"{node.endpoint} did not say which version it serves: status {answer.status}."
    if served != version:
        return f"{node.endpoint} still serves version {served[:_SHOWN]!r} instead of {version!r}."
    return None


def _ask(turns: Iterator[Node], probe: Probe, tolerance: float, deadline: Deadline) -> str | None:
    trouble = f"Probe {probe.name!r} was not asked: the time is up."
    while not deadline.passed():
        try:
            answer = next(turns).predict(probe)
        except OSError as error:
            trouble = f"Probe {probe.name!r} got no answer: {error}."
        else:
            if answer.status not in PASSING:
                return fault_of(probe, answer, tolerance=tolerance)
            trouble = f"Probe {probe.name!r} was answered with status {answer.status} to the end."
        deadline.pause(RETRY)
    return trouble

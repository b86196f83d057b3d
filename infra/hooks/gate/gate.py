"""The gate itself: wait until the new version is ready, ask it every probe, name every fault.

The nodes of a load balancer follow a change of its listener each at its own time, within seconds. So
one ready answer proves little, and an answer that only a load balancer without a target gives is no fault.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from itertools import cycle
from typing import Final, Protocol

from .probes import Answer, Probe, fault_of

PAUSE: Final = 1.0
"""Seconds between two rounds of looks at readiness, and before a probe is asked again."""
ROUNDS: Final = 3
"""Rounds in a row in which every node must be ready."""
PASSING: Final = frozenset(
    {HTTPStatus.BAD_GATEWAY, HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.GATEWAY_TIMEOUT}
)
"""Statuses after which a probe is asked again: they say that no task answered."""


class Node(Protocol):
    """One address at which the new version answers."""

    def ready(self) -> Answer:
        """Ask whether it takes traffic; raises OSError when there is no answer."""

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


def find_faults(
    nodes: Sequence[Node], probes: Sequence[Probe], *, tolerance: float, deadline: Deadline
) -> tuple[str, ...]:
    """Return one sentence for each thing that is wrong with the new version; nothing lets it pass.

    The nodes, at least one, take turns in being asked.
    """
    if not _become_ready(nodes, deadline):
        return ("The new version did not become ready on the test listener.",)
    turns = cycle(nodes)
    faults = (_ask(turns, probe, tolerance, deadline) for probe in probes)
    return tuple(fault for fault in faults if fault)


def _become_ready(nodes: Sequence[Node], deadline: Deadline) -> bool:
    rounds = 0
    while not deadline.passed():
        rounds = rounds + 1 if all(_is_ready(node) for node in nodes) else 0
        if rounds == ROUNDS:
            return True
        deadline.sleep(PAUSE)
    return False


def _is_ready(node: Node) -> bool:
    try:
        return node.ready().status == HTTPStatus.OK
    except OSError:
        return False


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
        deadline.sleep(PAUSE)
    return trouble

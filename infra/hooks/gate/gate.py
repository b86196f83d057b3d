"""The gate itself: wait until the new version is ready, ask it every probe, name every fault."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final, Protocol

from .probes import Answer, Probe, fault_of

PAUSE: Final = 1.0
"""Seconds between two looks at the readiness of the new version."""


class Listener(Protocol):
    """Where the new version answers."""

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

    def passed(self) -> bool:
        """Return whether it is too late to ask anything more."""
        return self.clock() >= self.at


def find_faults(
    listener: Listener, probes: Sequence[Probe], *, tolerance: float, deadline: Deadline
) -> tuple[str, ...]:
    """Return one sentence for each thing that is wrong with the new version; nothing lets it pass."""
    if not _becomes_ready(listener, deadline):
        return ("The new version did not become ready on the test listener.",)
    faults = (_ask(listener, probe, tolerance, deadline) for probe in probes)
    return tuple(fault for fault in faults if fault)


def _becomes_ready(listener: Listener, deadline: Deadline) -> bool:
    """Wait for readiness: the load balancer takes seconds to follow a change of its listener."""
    while not deadline.passed():
        try:
            if listener.ready().status == HTTPStatus.OK:
                return True
        except OSError:
            pass
        deadline.sleep(PAUSE)
    return False


def _ask(listener: Listener, probe: Probe, tolerance: float, deadline: Deadline) -> str | None:
    if deadline.passed():
        return f"Probe {probe.name!r} was not asked: the time is up."
    try:
        answer = listener.predict(probe)
    except OSError as error:
        return f"Probe {probe.name!r} got no answer: {error}."
    return fault_of(probe, answer, tolerance=tolerance)

"""The thread that turns what happened into metrics, and metrics into states of alarms."""

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from rehearsal.alarms.cloudwatch import CloudWatch
from rehearsal.alarms.rounds import Rounds
from rehearsal.clock import Clock
from rehearsal.metrics import access_log
from rehearsal.metrics.balancer import Health, Names
from rehearsal.timeline import Timeline

_QUARTER: Final = 15.0
_LEAST_SECONDS: Final = 0.25
_SETTLED: Final = 0.25
"""Seconds of this machine after which a request that is over is in the log."""


class Watch:
    """Publishes metrics and evaluates alarms every quarter of a played minute, until it is stopped.

    Args:
        endpoint: The control plane.
        clock: The played time.
        folder: Where Envoy writes its log of requests.
        names: Tells the load balancer and its target groups; asked each time, since groups may come.
        health: Tells what is known of every target, as `PUT /rehearsal/target-health` has it.
        timeline: Where changes of state are written.
        prefix: Of the stage (see `CloudWatch`).
    """

    def __init__(
        self,
        endpoint: str,
        clock: Clock,
        *,
        folder: Path,
        names: Callable[[], Names],
        health: Callable[[], Health],
        timeline: Timeline,
        prefix: str = "",
    ) -> None:
        self._clock = clock
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watch", daemon=True)
        self._rounds = Rounds(
            CloudWatch(endpoint, prefix), access_log.Tail(folder / access_log.NAME), names, health, timeline
        )

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End, and wait for it."""
        self._ended.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._ended.wait(self._seconds_to_next()):
            self._rounds.play(self._clock, time.time() - _SETTLED)

    def _seconds_to_next(self) -> float:
        """Rounds are just after each quarter of a minute, when what happened in it has settled."""
        period = max(_QUARTER, _LEAST_SECONDS * self._clock.speed)
        settled = self._clock.played(time.time() - _SETTLED)
        return max(0.0, self._clock.real(period - settled % period))

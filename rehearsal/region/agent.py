"""The agent: it keeps every fleet's tasks running, watches over them, and ends them in order."""

import itertools
import signal
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from botocore.exceptions import BotoCoreError, ClientError

from rehearsal.errors import StepFailed
from rehearsal.private import Unanswered
from rehearsal.region import scheduler
from rehearsal.region.leaving import Leaving
from rehearsal.region.scheduler import Fleet, Throttle
from rehearsal.region.starter import CannotStart
from rehearsal.region.task import Stage, Task
from rehearsal.region.watching import Watching

_PAUSE: Final = 0.25
"""Seconds before something is tried again that the control plane did not take."""
_UNREFUSED: Final = (Unanswered, BotoCoreError, ClientError)


@dataclass
class Agent:
    """Holds every task of the run. One thread calls `tick`, many times a second; any may call `tell`."""

    watching: Watching
    leaving: Leaving
    addresses: Sequence[str]
    """Where tasks may stand, each in its turn."""
    tasks: dict[str, Task] = field(default_factory=dict)
    throttles: dict[str, Throttle] = field(default_factory=dict)
    fleets: tuple[Fleet, ...] = ()
    _stopped_by_others: Mapping[str, str] = field(default_factory=dict)
    _try_again: float = 0.0
    _turn: "itertools.count[int]" = field(default_factory=itertools.count)

    def tell(self, fleets: Sequence[Fleet], stopped: Mapping[str, str]) -> None:
        """Take what the control plane wants by now: fleets, and who is stopped by others, and why."""
        self.fleets, self._stopped_by_others = tuple(fleets), stopped

    def tick(self, now: float) -> None:
        """Do what is due; what the control plane does not take is tried again a moment later."""
        if now < self._try_again:
            return
        try:
            self._schedule(now)
            for task in list(self.tasks.values()):
                self._advance(task, now)
        except _UNREFUSED as error:
            sys.stderr.write(f"The control plane did not take what the agent told it: {error}\n")
            self._try_again = now + _PAUSE

    def end_all(self) -> None:
        """Kill whatever runs: the run is over, and nobody is left to drain for."""
        for task in self.tasks.values():
            if task.checking:
                task.checking.end()
            task.signal(signal.SIGKILL)
            task.wait()

    def _schedule(self, now: float) -> None:
        for arn, reason in self._stopped_by_others.items():
            if arn in self.tasks:
                self.leaving.begin(self.tasks[arn], reason)
        there = [task for task in self.tasks.values() if task.stage in {Stage.PENDING, Stage.RUNNING}]
        seen = [task.seen(healthy=self.watching.is_healthy(task)) for task in there]
        decided = scheduler.decide(self.fleets, seen, self.throttles, now=now)
        for stop in decided.stops:
            self.leaving.begin(self.tasks[stop.task], stop.reason)
        for fleet in decided.starts:
            address = self._address()
            arn = self.watching.told.created(fleet, address)
            self.tasks[arn] = Task(arn, fleet, address, born=now)

    def _advance(self, task: Task, now: float) -> None:
        match task.stage:
            case Stage.PENDING:
                # One at a time: a start takes a processor for a second, and others serve meanwhile.
                if not any(other.is_settling(now) for other in self.tasks.values()):
                    self._start(task, now)
            case Stage.RUNNING:
                self._watch(task, now)
            case Stage.ENDING:
                self.leaving.go_on(task, now)
            case Stage.STOPPED:
                if task.running:
                    self.watching.starter.forget(task.running)
                del self.tasks[task.arn]

    def _start(self, task: Task, now: float) -> None:
        starter = self.watching.starter
        try:
            task.container = starter.container(task.fleet.task_definition)
            task.running = starter.start(task, task.container)
        except (CannotStart, StepFailed) as error:
            if isinstance(error, Unanswered):
                raise
            task.container_reason = str(error)
            self._failed(task, str(error), now)
            return
        task.digest = starter.digest(task.container)
        task.stage, task.started = Stage.RUNNING, now
        self.watching.happened(task, "started", f"{task.name} started at {task.address}")

    def _watch(self, task: Task, now: float) -> None:
        reason = self.watching.watch(task, now)
        if reason:
            self._failed(task, reason, now)
        elif task.was_healthy:
            self.throttles.pop(task.fleet.id, None)

    def _failed(self, task: Task, reason: str, now: float) -> None:
        """End a task of itself; the next one waits when it was never well."""
        if not task.was_healthy:
            before = self.throttles.get(task.fleet.id, Throttle())
            self.throttles[task.fleet.id] = before.failed(now, self.watching.clock)
        self.leaving.begin(task, reason)

    def _address(self) -> str:
        taken = {task.address for task in self.tasks.values()}
        in_turn = (self.addresses[number % len(self.addresses)] for number in self._turn)
        return next(address for address in in_turn if address not in taken)

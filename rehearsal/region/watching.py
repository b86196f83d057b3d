"""Watching over a running task: is it alive, small enough, well, and reached by the load balancer?"""

import contextlib
import signal
import socket
from dataclasses import dataclass
from typing import Final, Protocol

from rehearsal.clock import Clock
from rehearsal.region import memory
from rehearsal.region.container_health import State, Times
from rehearsal.region.starter import Starter
from rehearsal.region.task import Task
from rehearsal.region.told import Told
from rehearsal.tasks import Check, Container

_WEIGHING: Final = 0.5
"""Seconds between two looks at a task's memory."""
_OPEN: Final = 10.0
"""Seconds after which a task becomes a target although it does not listen yet."""
_LEAST_GRACE: Final = 15.0
"""Seconds of this machine that a task is given at least to become well in its target groups."""
EXITED: Final = "Essential container in task exited"
OUT_OF_MEMORY: Final = "OutOfMemoryError: Container killed due to memory usage"
UNWELL: Final = "Task failed container health checks"
UNREACHED: Final = "Task failed ELB health checks in (target-group {group})"


class Happened(Protocol):
    """Is told what became of a task."""

    def __call__(self, task: Task, what: str, text: str, /, **details: object) -> None:
        """Take it in one word, in a clause for people, and what programs read beside that."""


class Balancing(Protocol):
    """What is asked of the load balancer's side."""

    def delay(self, group: str) -> float:
        """Return a target group's deregistration delay, in seconds on AWS."""

    def sends_to(self, group: str, place: str) -> bool:
        """Whether a target (`address:port`) may still get new requests."""

    def state(self, group: str, place: str) -> str:
        """Return how a target (`address:port`) stands in a target group, in ELBv2's words."""


@dataclass(frozen=True, slots=True)
class Watching:
    """Does what a running task needs, and says when it should end.

    AWS documentation: "Viewing Amazon ECS stopped task errors" leads to the reasons.
    """

    told: Told
    starter: Starter
    balancing: Balancing
    clock: Clock
    happened: Happened

    def watch(self, task: Task, now: float) -> str | None:
        """Look at a running task; return why it should end, or None."""
        assert task.container is not None  # noqa: S101 - it runs
        if not task.told_running:
            self.told.status(task, "RUNNING")
            task.told_running = True
        if task.has_exited:
            task.container_reason = task.running.program.reason() if task.running else ""
            return EXITED
        if self._is_too_big(task, task.container, now):
            self._kill(task)
            return EXITED
        self._register(task, task.container, now)
        if task.container.check and task.registered:
            self._check(task, task.container, task.container.check, now)
        if task.health.state is State.UNHEALTHY:
            return UNWELL
        return self._reached(task, now)

    def is_healthy(self, task: Task) -> bool:
        """Whether container and load balancer find a task well."""
        return task.container_well and all(
            self.balancing.state(target.group, f"{task.address}:{target.port}") in {"healthy", "unused"}
            for target in task.fleet.targets
        )

    def _is_too_big(self, task: Task, container: Container, now: float) -> bool:
        if task.running is None or container.memory is None or now < task.next_weighing:
            return False
        task.next_weighing = now + _WEIGHING
        return memory.used(task.running.program.process.pid) > container.memory * memory.MIB

    def _kill(self, task: Task) -> None:
        task.container_reason = OUT_OF_MEMORY
        task.signal(signal.SIGKILL)
        task.wait()
        text = f"{task.name} used more memory than its task definition allows"
        self.happened(task, "killed", text, by="kernel")

    def _register(self, task: Task, container: Container, now: float) -> None:
        """Make it a target as soon as it listens: how long that takes is not played faster than it is."""
        if not task.registered and (_listens(task.address, container.port) or now - task.started > _OPEN):
            task.may_be_target = True
            self.told.register(task)
            task.registered = True
            if task.running:
                self.starter.settled(task.running)

    def _check(self, task: Task, container: Container, check: Check, now: float) -> None:
        times = Times.of(check, self.clock)
        if task.checking is None:
            if now >= task.next_check:
                task.checking = self.starter.check(task, container, deadline=now + times.timeout)
            return
        passed = task.checking.passed(now)
        if passed is None:
            return
        before = task.health.state
        age = now - task.started
        task.health = task.health.after(passed=passed, age=age, retries=check.retries, start=times.start)
        task.checking, task.next_check = None, now + times.until_next(task.health.state)
        if task.health.state is not before:
            self.told.health(task)

    def _reached(self, task: Task, now: float) -> str | None:
        if not task.was_healthy and self.is_healthy(task):
            task.was_healthy = True
            is_target = task.registered and bool(task.fleet.targets)
            self.happened(task, "healthy", f"{task.name} is healthy", is_target=is_target)
        grace = max(self.clock.real(task.fleet.grace), min(task.fleet.grace, _LEAST_GRACE))
        if now - task.started > grace:
            for target in task.fleet.targets:
                if self.balancing.state(target.group, f"{task.address}:{target.port}") == "unhealthy":
                    return UNREACHED.format(group=target.group)
        return None


def _listens(address: str, port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection((address, port), 0.2):
        return True
    return False

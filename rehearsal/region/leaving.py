"""Ending a task step by step, and telling each step."""

import signal
from dataclasses import dataclass

from rehearsal.clock import Clock
from rehearsal.region import ending
from rehearsal.region.ending import Pretend, Step
from rehearsal.region.task import Stage, Task
from rehearsal.region.told import Told
from rehearsal.region.watching import Balancing, Happened


@dataclass(frozen=True, slots=True)
class Leaving:
    """Takes a task from the moment it should end until it has stopped."""

    told: Told
    balancing: Balancing
    clock: Clock
    happened: Happened
    pretend: Pretend | None = None

    def begin(self, task: Task, reason: str) -> None:
        """Begin to end a task; one that already ends goes on as it does."""
        if task.stage in {Stage.ENDING, Stage.STOPPED}:
            return
        # What is due is told later, whatever is done: whoever judges must not take the one for the other.
        task.deregistration_delay = self._delay(task) if task.may_be_target else None
        if task.running is None:
            steps: tuple[Step, ...] = ()
        elif task.has_exited:
            steps = ending.DEAD
        else:
            steps = self._steps(task)
        task.reason, task.stage, task.steps = reason, Stage.ENDING, list(steps)
        if task.checking:
            task.checking.end()
            task.checking = None

    def go_on(self, task: Task, now: float) -> None:
        """Do the next step when the rest after the one before is over."""
        if self._rests(task, now):
            return
        if not task.steps:
            self._stop(task)
            return
        step = task.steps[0]
        self._do(task, step)
        task.steps.pop(0)
        # A step takes the control plane a moment; the rest begins at the next look, so that none is shorter.
        task.rest, task.rest_until = step, None

    def _rests(self, task: Task, now: float) -> bool:
        """Whether the rest after the last step is not over yet."""
        if task.rest is None or (task.rest.until_exit and task.has_exited):
            return False
        # The load balancer takes its time here as there; only the delay that follows is played faster.
        if task.rest_until is None or (task.rest.once_gone and self._is_sent_to(task)):
            task.rest_until = now + task.rest.seconds
        return now < task.rest_until

    def _is_sent_to(self, task: Task) -> bool:
        places = [(target.group, f"{task.address}:{target.port}") for target in task.fleet.targets]
        return any(self.balancing.sends_to(group, place) for group, place in places)

    def _steps(self, task: Task) -> tuple[Step, ...]:
        return ending.steps(
            self.clock,
            deregistration_delay=task.deregistration_delay or 0.0,
            stop_timeout=self._stop_timeout(task),
            pretend=self.pretend,
        )

    def _delay(self, task: Task) -> float:
        """Return the longest deregistration delay of a task's target groups, in seconds on AWS."""
        return max((self.balancing.delay(target.group) for target in task.fleet.targets), default=0.0)

    def _stop_timeout(self, task: Task) -> int:
        return task.container.stop_timeout if task.container else 0

    def _do(self, task: Task, step: Step) -> None:
        match step.what:
            case "deregister":
                self._deregister(task)
            case "terminate":
                self._terminate(task)
            case "kill" if not task.has_exited:
                task.signal(signal.SIGKILL)
                self.happened(task, "killed", f"{task.name} was killed")
            case "kill":
                pass

    def _terminate(self, task: Task) -> None:
        if not task.has_exited:
            task.signal(signal.SIGTERM)
            least = ending.stop_seconds(self.clock, self._stop_timeout(task))
            self.happened(task, "stopping", f"{task.name} was told to end", least_s=least)
        self.told.status(task, "STOPPING")

    def _deregister(self, task: Task) -> None:
        delay = task.deregistration_delay
        if delay is not None:
            self.told.deregister(task)
        self.told.status(task, "DEACTIVATING")
        task.registered = False
        if not task.has_exited:
            least = None if delay is None else ending.drain_seconds(self.clock, delay)
            self.happened(task, "draining", f"{task.name} takes no new requests", least_s=least)

    def _stop(self, task: Task) -> None:
        self.told.status(task, "STOPPED")
        task.stage = Stage.STOPPED
        self.happened(task, "stopped", f"{task.name} stopped: {task.reason}")

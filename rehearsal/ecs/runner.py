"""Plays one service deployment in a thread of its own: asks the machine what comes, and has it done."""

import logging
import queue
import threading
import time
from typing import Final

from rehearsal.aws.ecs import store
from rehearsal.aws.ecs.model import now
from rehearsal.aws.launch import Launch
from rehearsal.ecs import fleets, messages
from rehearsal.ecs.control import Control, Refused
from rehearsal.ecs.machine import Turn, advance
from rehearsal.ecs.news import News
from rehearsal.ecs.plan import Step, Until
from rehearsal.ecs.progress import current
from rehearsal.ecs.records import Records, ServiceDeployment
from rehearsal.ecs.state import (
    Begin,
    Broken,
    Command,
    Do,
    Done,
    Given,
    Invoke,
    Phase,
    Red,
    State,
    Steady,
    Superseded,
    Tick,
)
from rehearsal.ecs.state import Status as Is

LOOK: Final = 0.2
"""Seconds between two looks at what may have changed."""
ALARMS: Final = 0.5
"""Seconds between two looks at alarms."""
_MOVED_ON: Final = {
    Is.SUCCESSFUL: "COMPLETED",
    Is.STOPPED: "FAILED",
    Is.ROLLBACK_SUCCESSFUL: "FAILED",
    Is.ROLLBACK_FAILED: "FAILED",
    Is.ROLLBACK_IN_PROGRESS: "FAILED",
}
_log: Final = logging.getLogger(__name__)


class Runner(threading.Thread):
    """One service deployment from PENDING to its end, the way back included."""

    def __init__(
        self,
        deployment: ServiceDeployment,
        *,
        launch: Launch,
        records: Records,
        control: Control,
        news: News,
        after: "Runner | None" = None,
    ) -> None:
        super().__init__(name=deployment.arn.rpartition("/")[2], daemon=True)
        self.deployment = deployment
        self._launch = launch
        self._records = records
        self._control = control
        self._news = news
        self._after = after
        self._given: queue.SimpleQueue[Given] = queue.SimpleQueue()
        self._next_alarm_look = 0.0

    def give(self, given: Given) -> None:
        """Let something happen to it, soon."""
        self._given.put(given)

    def happen(self, given: Given) -> tuple[Command, ...]:
        """Let something happen to it now; return what it then wants done."""
        deployment = self.deployment
        with store.LOCK:
            before = deployment.state
            turn: Turn = advance(deployment.plan, before, given, time.time())
            deployment.state = turn.state
            if turn.state != before:
                deployment.updated_at = now()
                self._settle(before)
                self._news.tell(deployment, before)
        return turn.commands

    def run(self) -> None:
        """Play until the end; a mistake of the rehearsal's fails the deployment, and leaves it not open."""
        if self._after is not None:
            self._after.join()  # what it was doing when this one took its place
        try:
            self._play(Begin(self._control.red(self.deployment.plan.alarms)))
        except Exception as error:  # noqa: BLE001 - whatever it is, somebody waits for the end
            _log.exception("%s cannot be played on.", self.deployment.arn)
            for command in self.happen(Broken(f"The rehearsed ECS is mistaken: {error!r}")):
                _log.error("Left undone: %s", command)

    def _play(self, given: Given) -> None:
        while True:
            self._carry_out(self.happen(given))
            if self.deployment.state.status.ended:
                self._launch.changes.note()
                return
            given = self._next()

    def _carry_out(self, commands: tuple[Command, ...]) -> None:
        for command in commands:
            if isinstance(command, Do):
                self._carry_out(self.happen(self._done(command)))
            elif isinstance(command, Invoke):
                self._control.ask(self.deployment, command, self.give)
            else:
                self._control.halt(self.deployment)

    def _done(self, wanted: Do) -> Given:
        try:
            self._control.do(self.deployment, wanted)
        except Refused as error:
            return Broken(str(error))
        return Done()

    def _next(self) -> Given:
        """Return what happens next: something that was found or given, or that time has passed."""
        state = self.deployment.state
        if self.deployment.service.status != "ACTIVE":
            return Superseded(messages.DELETED)
        if red := self._look_at_alarms():
            return Red(red)
        step = current(self.deployment.plan, state)
        try:
            return self._given.get(timeout=self._rest(state))
        except queue.Empty:
            pass
        if step is None or state.phase is not Phase.WAIT or step.until is Until.TIME:
            return Tick()
        return self._look(step)

    def _rest(self, state: State) -> float:
        due = [item.again for item in state.asked if item.again is not None]
        moments = [moment - time.time() for moment in (*due, state.deadline) if moment is not None]
        return max(0.01, min([LOOK, *moments]))

    def _look(self, step: Step) -> Given:
        if step.until is Until.STEADY:
            counted = self._control.counted(self.deployment, step)
            if counted is not None:
                self._carry_out(self.happen(counted))
        return Steady() if self._control.is_over(self.deployment, step) else Tick()

    def _look_at_alarms(self) -> tuple[str, ...]:
        names = self.deployment.plan.alarms
        if not names or time.monotonic() < self._next_alarm_look:
            return ()
        self._next_alarm_look = time.monotonic() + ALARMS
        return self._control.red(names)

    def _settle(self, before: State) -> None:
        """Keep the records true to what the deployment has become."""
        deployment, state = self.deployment, self.deployment.state
        service, target = deployment.service, deployment.target
        if before.back_since is None and state.back_since is not None and deployment.source is not None:
            fleets.lead(service, deployment.source)
            service.asked |= deployment.source.properties()
        if state.status is before.status:
            return
        target.fleet.rollout_state = _MOVED_ON.get(state.status, "IN_PROGRESS")
        target.fleet.rollout_reason = state.reason
        if state.status is Is.SUCCESSFUL:
            target.fleet.wanted = None
            self._records.of(service.arn).completed = target
        if state.status is Is.ROLLBACK_SUCCESSFUL and deployment.source is not None:
            deployment.source.fleet.wanted = None

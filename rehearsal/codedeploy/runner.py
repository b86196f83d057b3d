"""Plays one deployment in a thread of its own: asks the machine what comes, and does it."""

import logging
import queue
import threading
import time
from typing import Final

from rehearsal.codedeploy import deployments
from rehearsal.codedeploy.control import Control
from rehearsal.codedeploy.endings import current
from rehearsal.codedeploy.errors import Unusable
from rehearsal.codedeploy.machine import Turn, advance
from rehearsal.codedeploy.news import News
from rehearsal.codedeploy.plan import Kind
from rehearsal.codedeploy.scene import Scene
from rehearsal.codedeploy.state import (
    Alarmed,
    Begin,
    Blind,
    Broken,
    Command,
    Done,
    Given,
    Problem,
    Steady,
    Tick,
)
from rehearsal.codedeploy.store import Deployment, Store

LOOK: Final = 0.25
"""Seconds between two looks at what may have changed."""
ALARMS: Final = 0.5
"""Seconds between two looks at alarms; AWS promises none, and was seen to take about twenty of its own."""
_BLIND_AFTER: Final = 20
"""Looks at alarms that fail in a row before CloudWatch counts as silent."""
_log: Final = logging.getLogger(__name__)


class Runner(threading.Thread):
    """One deployment from Created to its end, and then its rollback if it needs one."""

    def __init__(self, deployment: Deployment, *, store: Store, control: Control, news: News) -> None:
        super().__init__(name=deployment.id, daemon=True)
        self.deployment = deployment
        self._store = store
        self._control = control
        self._news = news
        self._given: queue.SimpleQueue[Given] = queue.SimpleQueue()
        self._next_alarm_look = 0.0
        self._blind = 0
        self._seen: int | None = None

    def give(self, given: Given) -> None:
        """Let something happen to it, soon."""
        self._given.put(given)

    def run(self) -> None:
        """Play until the end; a mistake of this server's fails the deployment rather than leaving it open."""
        try:
            self._play()
        except Exception as error:  # noqa: BLE001 - whatever it is, somebody waits for the end
            _log.exception("Deployment %s cannot be played on.", self.deployment.id)
            self._advanced(
                Broken(Problem("INTERNAL_ERROR", f"The rehearsed CodeDeploy is mistaken: {error!r}"))
            )

    def _play(self) -> None:
        self._news.tell(self.deployment)
        self._happen(Begin())
        self._find_scene()
        self._happen(Begin())
        while not self.deployment.state.status.ended:
            self._happen(self._next())

    def _find_scene(self) -> None:
        if self.deployment.scene is not None:
            return
        try:
            self.deployment.scene = self._control.look(self.deployment)
        except Unusable as error:
            self._happen(Broken(Problem(error.code, error.message)))

    def _happen(self, given: Given) -> None:
        """Advance, and carry out what that wants, for as long as it wants something."""
        upcoming: Given | None = given
        while upcoming is not None:
            turn = self._advanced(upcoming)
            scene = self.deployment.scene
            upcoming = None if turn.command is None or scene is None else self._done(turn.command, scene)

    def _advanced(self, given: Given) -> Turn:
        deployment, rollback = self.deployment, None
        with self._store.lock:  # whoever sees the end sees the rollback as well
            turn = advance(deployment.plan, deployment.state, given, time.time())
            changed = turn.state != deployment.state
            if turn.state.returns and turn.state.status.ended and deployment.rollback is None:
                rollback = deployments.roll_back(self._store, deployment)
            deployment.state = turn.state
        if changed:
            self._news.tell(deployment)
        if rollback is not None:
            Runner(rollback, store=self._store, control=self._control, news=self._news).start()
        return turn

    def _done(self, command: Command, scene: Scene) -> Given:
        try:
            self.deployment.scene = self._control.carry_out(command, self.deployment, scene)
        except Unusable as error:
            return Broken(Problem(error.code, error.message))
        return Done()

    def _next(self) -> Given:
        """Return what happens next: something that was found or given, or that time has passed."""
        state, step = self.deployment.state, current(self.deployment.plan, self.deployment.state)
        alarmed = self._look_at_alarms()
        if alarmed is not None:
            return alarmed
        wait = LOOK if state.deadline is None else min(LOOK, max(0.0, state.deadline - time.time()))
        try:
            return self._given.get(timeout=wait)
        except queue.Empty:
            pass
        if step is not None and step.kind is Kind.INSTALL and self._is_steady():
            return Steady()
        return Tick()

    def _is_steady(self) -> bool:
        """Look at the replacement when something has changed since the last look."""
        scene, count = self.deployment.scene, self._control.changes()
        if scene is None or (count is not None and count == self._seen):
            return False
        steady = self._control.is_steady(scene)
        self._seen = None if steady is None else count
        return bool(steady)

    def _look_at_alarms(self) -> Given | None:
        names = self.deployment.plan.alarms
        if not names or time.monotonic() < self._next_alarm_look:
            return None
        self._next_alarm_look = time.monotonic() + ALARMS
        red = self._control.active_alarms(names)
        if red is None:
            self._blind += 1
            return Blind() if self._blind >= _BLIND_AFTER else None
        self._blind = 0
        return Alarmed(red) if red else None

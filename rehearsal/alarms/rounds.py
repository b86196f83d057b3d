"""One round: publish what happened since the last one, then judge every alarm anew."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from rehearsal.alarms import reason, rule
from rehearsal.alarms.cloudwatch import CloudWatch
from rehearsal.alarms.definition import Alarm, Composite, MetricStat, State, read_alarm, read_composite
from rehearsal.alarms.errors import NotPlayed
from rehearsal.alarms.evaluation import Series, evaluate, evaluation_range
from rehearsal.alarms.metric_math import Sheet
from rehearsal.clock import Clock
from rehearsal.metrics import balancer, services
from rehearsal.metrics.access_log import Tail
from rehearsal.metrics.balancer import Health, Names
from rehearsal.metrics.point import Point, minute_of
from rehearsal.timeline import Timeline

_HALF_A_ROUND: Final = 7.5


class Rounds:
    """Remembers what was published and what was complained about."""

    def __init__(
        self,
        cloudwatch: CloudWatch,
        tail: Tail,
        names: Callable[[], Names],
        health: Callable[[], Health],
        timeline: Timeline,
    ) -> None:
        self._cloudwatch, self._tail, self._timeline = cloudwatch, tail, timeline
        self._names, self._health = names, health
        self._unsent: list[Point] = []
        self._counted = 0
        self._complaints: set[str] = set()

    def play(self, clock: Clock, at: float) -> None:
        """Play a round for what had happened at a Unix time of this machine.

        A control plane that fails or does not answer is tried again in the next round; nothing is lost.
        """
        now = clock.played(at)
        try:
            self._publish(clock, now)
            self._judge(minute_of(now))
        except (BotoCoreError, ClientError) as error:
            self._complain(f"Metrics and alarms wait for the control plane: {error}")
        except Exception as error:  # noqa: BLE001 - a thread that ended would leave all alarms as they are
            self._complain(f"A round of metrics and alarms failed: {error!r}")

    def _publish(self, clock: Clock, now: float) -> None:
        names = self._names()
        self._unsent += balancer.of_requests(self._tail.read(), names, clock.played)
        self._unsent += balancer.of_health(self._health(), names, minute_of(now - _HALF_A_ROUND))
        self._cloudwatch.put(balancer.NAMESPACE, self._unsent)
        self._unsent = []
        if minute_of(now) != self._counted:
            counted = services.of_services(self._cloudwatch.services(), minute_of(now) - 60)
            self._cloudwatch.put(services.NAMESPACE, counted)
            self._counted = minute_of(now)

    def _judge(self, until: int) -> None:
        """Judge all alarms by the minutes that were over at `until`, composite ones by the others' states."""
        plain, composite = self._cloudwatch.alarms()
        alarms = [alarm for described in plain if (alarm := self._read(described)) is not None]
        known = self._known(alarms, until)
        states: dict[str, State] = {}
        for described in plain:
            states[described["AlarmName"]] = states[described["AlarmArn"]] = described["StateValue"]
        for alarm in alarms:
            states[alarm.name] = states[alarm.arn] = self._judge_one(alarm, known, until)
        self._judge_composites([read_composite(described) for described in composite], states)

    def _read(self, described: Mapping[str, Any]) -> Alarm | None:
        try:
            return read_alarm(described)
        except NotPlayed as error:
            self._complain(str(error))
            return None

    def _known(self, alarms: Sequence[Alarm], until: int) -> dict[MetricStat, Series]:
        """Ask once for every metric, all of the same period in one call."""
        found: dict[MetricStat, Series] = {}
        for period in sorted({alarm.period for alarm in alarms}):
            group = [alarm for alarm in alarms if alarm.period == period]
            metrics = list(dict.fromkeys(metric for alarm in group for metric in alarm.metrics.values()))
            periods = max(evaluation_range(alarm) for alarm in group)
            found |= self._cloudwatch.series(metrics, periods=periods, until=until)
        return found

    def _judge_one(self, alarm: Alarm, known: Mapping[MetricStat, Series], until: int) -> State:
        periods = evaluation_range(alarm)
        metrics = {key: known[metric][-periods:] for key, metric in alarm.metrics.items()}
        try:
            series = Sheet(metrics, alarm.expressions, periods, alarm.period).series(alarm.shown)
            verdict = evaluate(alarm, series)
        except NotPlayed as error:
            self._complain(f"The alarm {alarm.name} keeps its state. {error}")
            return alarm.state
        if verdict.state is None or verdict.state == alarm.state:
            return alarm.state
        told = reason.of_alarm(alarm, verdict, until)
        self._turn(alarm, verdict.state, told, reason.data_of_alarm(alarm, verdict, until))
        return verdict.state

    def _judge_composites(self, composites: Sequence[Composite], states: dict[str, State]) -> None:
        """Judge them until none changes any more: one may be part of another."""
        now = {composite.name: composite.state for composite in composites}
        for _ in composites:
            for composite in composites:
                states[composite.name] = states[composite.arn] = now[composite.name]
            now = {composite.name: self._state_of(composite, states) for composite in composites}
        for composite in composites:
            state = now[composite.name]
            if state != composite.state:
                red = sorted(key for key, value in states.items() if value == "ALARM" and ":" not in key)
                named = [name for name in red if name in composite.rule]
                self._turn(composite, state, reason.of_composite(composite, state, named))

    def _state_of(self, composite: Composite, states: Mapping[str, State]) -> State:
        try:
            return "ALARM" if rule.holds(composite.rule, lambda name: states[name]) else "OK"
        except (NotPlayed, KeyError) as error:
            self._complain(f"The alarm {composite.name} keeps its state. {error}")
            return composite.state

    def _turn(self, alarm: Alarm | Composite, state: State, told: str, data: str | None = None) -> None:
        self._cloudwatch.tell(alarm, state, reason=told, data=data)
        self._timeline.add(
            "alarm",
            f"{alarm.name} turned from {alarm.state} to {state}",
            alarm=alarm.name,
            state=state,
            previous=alarm.state,
            reason=told,
        )

    def _complain(self, text: str) -> None:
        """Write once what is wrong."""
        if text not in self._complaints:
            self._complaints.add(text)
            self._timeline.add("note", text)

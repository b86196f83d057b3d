"""Why an alarm is in its state, told as CloudWatch tells it."""

import datetime as dt
import json
from collections.abc import Sequence
from typing import Final

from rehearsal.alarms.definition import Alarm, Composite, State
from rehearsal.alarms.evaluation import Verdict, is_breaching

_COMPARED: Final = {
    "GreaterThanThreshold": "greater than",
    "GreaterThanOrEqualToThreshold": "greater than or equal to",
    "LessThanThreshold": "less than",
    "LessThanOrEqualToThreshold": "less than or equal to",
}
_FILLED: Final = {"breaching": "Breaching", "notBreaching": "NonBreaching"}


def of_alarm(alarm: Alarm, verdict: Verdict, until: int) -> str:
    """Return the reason for what a verdict says.

    Args:
        alarm: which was judged.
        verdict: its data points.
        until: played Unix time at which the latest period ends.
    """
    if verdict.state == "INSUFFICIENT_DATA":
        return f"Insufficient Data: {_counted(verdict.filled)} unknown."
    red = verdict.state == "ALARM"
    sentences = []
    if told := _told(alarm, verdict, until, red=red):
        relation = f"{'' if red else 'not '}{_COMPARED[alarm.operator]} the threshold ({alarm.threshold})"
        sentences.append(f"{told} {relation}")
    if verdict.filled and alarm.missing in _FILLED:
        sentences.append(f"{_counted(verdict.filled)} missing and treated as [{_FILLED[alarm.missing]}]")
    return f"Threshold Crossed: {' and '.join(sentences)}."


def data_of_alarm(alarm: Alarm, verdict: Verdict, until: int) -> str:
    """Return the same as JSON, for programs."""
    start = until - alarm.evaluation_periods * alarm.period
    return json.dumps(
        {
            "version": "1.0",
            "startDate": _time(start),
            "queryDate": _time(until),
            "period": alarm.period,
            "recentDatapoints": [value for _, value in reversed(verdict.real)],
            "threshold": alarm.threshold,
        }
    )


def of_composite(composite: Composite, state: State, named: Sequence[str]) -> str:
    """Return the reason for a composite alarm's state, given the alarms that are red."""
    red = ", ".join(named) or "none"
    return f"{composite.arn} transitioned to {state}: of the alarms in its rule, in ALARM is {red}."


def _told(alarm: Alarm, verdict: Verdict, until: int, *, red: bool) -> str:
    """Return the data points that are the reason: of an alarm those that breach, else all."""
    meant = [one for one in verdict.real if not red or is_breaching(alarm, one[1])]
    if not meant:
        return ""
    values = ", ".join(f"{value} ({_at(alarm, age, until)})" for age, value in meant)
    return f"{len(meant)} of the last {alarm.evaluation_periods} datapoints [{values}] {_verb(len(meant))}"


def _counted(count: int) -> str:
    return f"{count} {'datapoint' if count == 1 else 'datapoints'} {_verb(count)}"


def _verb(count: int) -> str:
    return "was" if count == 1 else "were"


def _at(alarm: Alarm, age: int, until: int) -> str:
    moment = dt.datetime.fromtimestamp(until - (age + 1) * alarm.period, dt.UTC)
    return f"{moment:%d/%m/%y %H:%M:%S}"


def _time(at: int) -> str:
    return dt.datetime.fromtimestamp(at, dt.UTC).isoformat()

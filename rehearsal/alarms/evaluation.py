"""The state that an alarm's data points ask for, as CloudWatch documents it.

AWS documentation (CloudWatch user guide):
- "Configuring how CloudWatch alarms treat missing data": more data points are retrieved than are evaluated.
  As many real ones as there are evaluation periods are evaluated, the latest first, however old. Only when
  there are fewer, the rest is filled in as the alarm says. With none at all, `missing` is INSUFFICIENT_DATA
  and `ignore` keeps the state.
- the same page, "Avoiding premature transitions to alarm state": when all real data points are breaching and
  the oldest is as old as the datapoints to alarm, the alarm turns red although there are fewer; with `ignore`
  it keeps its state, and with `notBreaching` nothing is missing.
- "Alarm evaluation": M out of N data points.

The page has one example of how many are retrieved: five for three. The same two more are retrieved here.
"""

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from rehearsal.alarms.definition import Alarm, State
from rehearsal.alarms.errors import NotPlayed

Series = tuple[float | None, ...]
"""One value for each period, the latest last; None where there is no data point."""

_EXTRA: Final = 2
_OPERATORS: Final[Mapping[str, Callable[[float, float], bool]]] = {
    "GreaterThanThreshold": operator.gt,
    "GreaterThanOrEqualToThreshold": operator.ge,
    "LessThanThreshold": operator.lt,
    "LessThanOrEqualToThreshold": operator.le,
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an evaluation came to."""

    state: State | None
    """None keeps the state that the alarm has."""
    real: tuple[tuple[int, float], ...]
    """The data points that were evaluated, the latest first, each with how many periods ago it was."""
    breaching: int
    """How many of them, or of what was filled in, breach the threshold."""
    filled: int
    """How many were filled in."""


def evaluation_range(alarm: Alarm) -> int:
    """Return how many of the latest data points are retrieved."""
    return alarm.evaluation_periods + _EXTRA


def evaluate(alarm: Alarm, series: Series) -> Verdict:
    """Return what an alarm's data points come to.

    Args:
        alarm: whose threshold, periods and treatment of missing data hold.
        series: one value for each period of the evaluation range.

    Raises:
        NotPlayed: it compares in a way that is not played here.
    """
    latest_first = enumerate(reversed(series))
    existing = [(age, value) for age, value in latest_first if value is not None]
    real = existing[: alarm.evaluation_periods]
    breaches = [is_breaching(alarm, value) for _, value in real]
    filled = alarm.evaluation_periods - len(real)
    count = sum(breaches) + (filled if alarm.missing == "breaching" else 0)
    return Verdict(_state(alarm, [age for age, _ in real], breaches, count), tuple(real), count, filled)


def is_breaching(alarm: Alarm, value: float) -> bool:
    """Return whether a value breaches an alarm's threshold."""
    try:
        compare = _OPERATORS[alarm.operator]
    except KeyError:
        raise NotPlayed(
            f"The alarm {alarm.name} compares by {alarm.operator}, which is not played."
        ) from None
    return compare(value, alarm.threshold)


def _state(alarm: Alarm, ages: Sequence[int], breaches: Sequence[bool], count: int) -> State | None:
    if alarm.missing == "missing" and not ages:
        return "INSUFFICIENT_DATA"
    if alarm.missing == "ignore" and not ages:
        return None
    if count >= alarm.datapoints_to_alarm:
        return "ALARM"
    if alarm.missing in {"missing", "ignore"} and _is_premature(alarm, ages, breaches):
        return "ALARM" if alarm.missing == "missing" else None
    return "OK"


def _is_premature(alarm: Alarm, ages: Sequence[int], breaches: Sequence[bool]) -> bool:
    """Whether all that is known breaches, and the oldest would have been enough had the rest followed."""
    fewer = len(ages) < alarm.evaluation_periods
    return fewer and all(breaches) and ages[-1] + 1 >= alarm.datapoints_to_alarm

"""FILL of metric math.

AWS documentation (CloudWatch user guide, "Using math expressions with CloudWatch metrics", FILL): missing
values become a number, the value of another series at that time, the last value before (REPEAT), or what lies
on the line between the values around (LINEAR).
"""

from typing import Literal

from rehearsal.alarms.evaluation import Series


def filled(series: Series, how: Series | Literal["REPEAT", "LINEAR"]) -> Series:
    """Return a series without the gaps that can be filled."""
    if how == "REPEAT":
        return _repeated(series)
    if how == "LINEAR":
        return _joined(series)
    return tuple(by if value is None else value for value, by in zip(series, how, strict=True))


def _repeated(series: Series) -> Series:
    last: float | None = None
    found: list[float | None] = []
    for value in series:
        last = last if value is None else value
        found.append(last)
    return tuple(found)


def _joined(series: Series) -> Series:
    known = [at for at, value in enumerate(series) if value is not None]
    return tuple(_between(series, known, at) for at in range(len(series)))


def _between(series: Series, known: list[int], at: int) -> float | None:
    before = max((one for one in known if one <= at), default=None)
    after = min((one for one in known if one >= at), default=None)
    if before is None or after is None:
        return None
    low, high = series[before], series[after]
    if low is None or high is None or before == after:
        return low
    return low + (high - low) * (at - before) / (after - before)

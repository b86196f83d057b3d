"""Cells as the plant writes them: numbers, times of day, spans, and the slips of the pen that are known.

Every reading that is not plainly `H:MM[:SS]` was decided by the neighbouring steps of the records
in which it occurs. Whatever is not known is refused: a guess would go unnoticed into a prediction.

Digits are those of ASCII, for times as for numbers. Times are in minutes after midnight. Knows nothing of
fields, records or models.
"""

import math
import re
import reprlib
from functools import lru_cache

DAY = 24 * 60
"""Minutes in a day."""

NO_TIME = math.nan
"""What a cell means from which no time can be read, though it is known how it came about."""

# `14；30`, `22"00`: the keys beside the colon. A full-width colon is what a Chinese keyboard writes.
_COLONS = str.maketrans({"；": ":", ";": ":", '"': ":", "：": ":", "－": "-", "–": "-"})
_TIME = re.compile(r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2}))?", re.ASCII)
_NO_HOUR = re.compile(r":(?P<minute>\d{2}):(?P<second>\d{2})", re.ASCII)
_NO_COLON = re.compile(r"(?P<hour>\d{1,2})(?P<minute>\d{2})", re.ASCII)
_CUT_OFF = re.compile(r"(?P<hour>\d{1,2}):0?", re.ASCII)
_TRAILING_COLON = re.compile(r"(?P<hour>\d{1,2}):(?P<minute>\d{2}):", re.ASCII)
_STRAY_DIGIT = re.compile(r"(?P<hour>\d{1,2}):(?P<minute>\d{2})\d", re.ASCII)
_FORMS = (_TIME, _NO_HOUR, _NO_COLON, _CUT_OFF, _TRAILING_COLON, _STRAY_DIGIT)
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_EXCEL_DATE = re.compile(
    r"1900[/-](?P<month>\d{1,2})[/-](?P<day>\d{1,2})(?: (?P<hour>\d{1,2}):(?P<minute>\d{2})(?::00)?)?",
    re.ASCII,
)
_NOT_FINITE = ("nan", "inf", "infinity")
_DAYS_BEFORE_MONTH = (0, 31, 60, 91)  # Excel believes in a 29 February 1900
_DAYS_IN_MONTH = (31, 29, 31, 30)
_EXCERPT = reprlib.Repr()
_EXCERPT.maxstring = _EXCERPT.maxother = _EXCERPT.maxlong = 60


class CellError(ValueError):
    """The value is none that is known; the message says why, to follow the name of the field."""


def excerpt(value: object) -> str:
    """Return how messages show a value: as Python writes it, without the middle when it is long."""
    return _EXCERPT.repr(value)


def number(value: object) -> float:
    """Return one number.

    Args:
        value: a number, or text such as `3.5`; a date that a spreadsheet made of a number counts as that.

    Raises:
        CellError: the value is not a finite number.
    """
    if isinstance(value, str):
        return _number(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise CellError(f"{excerpt(value)} is not a number")
    return _finite(_double(value), value)


def clock(value: object) -> float:
    """Return the minutes after midnight of one time of day.

    Args:
        value: text such as `21:00:00`, or a number such as `700` that was meant as 7:00.

    Returns:
        Minutes in [0, 1440), or `NO_TIME` for a spreadsheet's date that cannot have been a time.

    Raises:
        CellError: the value is not a time that is known.
    """
    if isinstance(value, str):
        return _clock(value)
    if isinstance(value, int | float) and not isinstance(value, bool) and _double(value).is_integer():
        return _clock(str(int(value)))
    raise CellError(f"{excerpt(value)} is not a time; write it like '21:00:00'")


def span(value: object) -> tuple[float, float]:
    """Return start and end, in minutes after midnight, of a span such as `21:00-21:30`.

    The end is smaller than the start when the span crosses midnight.

    Raises:
        CellError: the value is not a span of two known times.
    """
    if not isinstance(value, str):
        raise CellError(f"{excerpt(value)} is not a span of time; write it like '21:00-21:30'")
    return _span(value)


def excel_serial(text: str) -> tuple[int, float] | None:
    """Return day number and minutes of a date into which a spreadsheet turned a number.

    A cell formatted as a date shows the number 70 as `1900/3/10 0:00`. Days count from 1 January
    1900 and, in Excel, through a 29 February that never was.

    Returns:
        The day number (`1900/1/0` is day 0) and the minutes, or None when it is no such date.
    """
    match = _EXCEL_DATE.fullmatch(text.strip())
    if match is None:
        return None
    month, day = int(match["month"]), int(match["day"])
    if not 1 <= month <= len(_DAYS_IN_MONTH) or day > _DAYS_IN_MONTH[month - 1]:
        return None
    hour, minute = int(match["hour"] or 0), int(match["minute"] or 0)
    if hour >= DAY // 60 or minute > 59:  # noqa: PLR2004 - as clocks have it
        return None
    return _DAYS_BEFORE_MONTH[month - 1] + day, float(hour * 60 + minute)


def _number(text: str) -> float:
    serial = excel_serial(text)
    if serial is not None and not serial[1]:
        return float(serial[0])
    if not _NUMBER.fullmatch(text.strip()) and text.strip().lower().lstrip("+-") not in _NOT_FINITE:
        raise CellError(f"{excerpt(text)} is not a number")
    return _finite(float(text), text)


def _finite(value: float, written: object) -> float:
    if not math.isfinite(value):
        raise CellError(f"{excerpt(written)} is not a finite number")
    return value


def _double(value: float) -> float:
    try:
        return float(value)
    except OverflowError:  # a whole number beyond the largest double
        return math.inf


@lru_cache(maxsize=4096)
def _clock(text: str) -> float:
    serial = excel_serial(text)
    if serial is not None:
        return _clock_of_date(*serial)
    return _time(_tidy(text), text)


@lru_cache(maxsize=4096)
def _span(text: str) -> tuple[float, float]:
    sides = _tidy(text).split("-")
    if len(sides) != 2:  # noqa: PLR2004 - a span has two ends
        raise CellError(f"{excerpt(text)} is not a span of time; write it like '21:00-21:30'")
    return _time(sides[0].strip(), text), _time(sides[1].strip(), text)


def _clock_of_date(day: int, minutes: float) -> float:
    """Read the hour that became a date.

    `1900/1/21 0:00` was the hour 21. Beyond 24 it was a temperature that slipped in from the next
    column (`1900/3/13` is 73), and a day with a time was an impossible clock (`1900/1/9 7:00` is
    what Excel makes of 223:00): both say nothing of the hour.
    """
    if day == 0:
        return minutes
    if minutes or day > DAY // 60:
        return NO_TIME
    return float(day * 60 % DAY)


def _tidy(text: str) -> str:
    """Undo what does not change the meaning: neighbouring keys, a doubled colon, a trailing 分."""
    return re.sub(":+", ":", text.strip().translate(_COLONS)).removesuffix("分")


def _time(tidy: str, original: str) -> float:
    for form in _FORMS:
        match = form.fullmatch(tidy)
        if match is not None:
            parts = match.groupdict()
            return _minutes(parts.get("hour"), parts.get("minute"), parts.get("second"), original)
    raise CellError(f"{excerpt(original)} is not a time that can be read; write it like '21:00'")


def _minutes(hour: str | None, minute: str | None, second: str | None, original: str) -> float:
    h, m, s = int(hour or 0), int(minute or 0), int(second or 0)
    if m > 59 or s > 59 or h * 60 + m + s / 60 > DAY:  # noqa: PLR2004 - as clocks have it
        raise CellError(f"{excerpt(original)} is not a time of day")
    return (h * 60 + m + s / 60) % DAY

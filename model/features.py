"""From a raw plant record to the vector that the model was fitted on.

Training and the service run this very module, so they cannot disagree. It needs numpy and nothing
else, and it must not know how the model is fitted, packed or served.

This is one of the files to replace for a model of your own (with `schema.py` and `pipeline.py`).
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

import model.clock as clock_module
from model.clock import DAY, NO_TIME, CellError, clock, number, span

_Read = TypeVar("_Read")

NUMBERS = (
    *("A1", "A2", "A3", "A4", "A6", "A8", "A10", "A12", "A13", "A15", "A17", "A18", "A19", "A21"),
    *("A22", "A23", "A25", "A27", "B1", "B2", "B3", "B6", "B8", "B12", "B13", "B14"),
)
CLOCKS = ("A5", "A7", "A9", "A11", "A14", "A16", "A24", "A26", "B5", "B7")
SPANS = ("A20", "A28", "B4", "B9", "B10", "B11")

_POINTS = (*CLOCKS, *(f"{name}.{end}" for name in SPANS for end in ("start", "end")))
# The order in which the steps of a batch happen; A7 and B11 are not part of every batch.
_COURSE = (
    *("A5", "A9", "A11", "A14", "A16", "A20.start", "A20.end", "A24", "A26", "A28.start", "A28.end"),
    *("B4.start", "B4.end", "B5", "B7", "B9.start", "B9.end", "B10.start", "B10.end", "B11.start", "B11.end"),
)
_STEPS = (*pairwise(_COURSE), ("A5", "A7"), ("A7", "A9"))
# Times of day tell the shift; more of them than these made the model worse.
_SHIFT = ("A5", "A9", "B7")
# What was taken off, for each unit that went in: comparable between small and large charges.
_RATIO = ("B14", "A4")

FEATURES: tuple[str, ...] = (
    *NUMBERS,
    *_SHIFT,
    *(f"{start}>{end}" for start, end in _STEPS),
    "/".join(_RATIO),
)
"""Names of the features in the order of the vector; durations are `from>to`, in minutes."""

_AT_SHIFT = [_POINTS.index(point) for point in _SHIFT]
_FROM = [_POINTS.index(start) for start, _ in _STEPS]
_TO = [_POINTS.index(end) for _, end in _STEPS]
_OVER, _UNDER = (NUMBERS.index(name) for name in _RATIO)
_SLACK = 180.0  # minutes by which a step may seem to happen before the one it follows


class RecordError(ValueError):
    """A value of a record cannot be understood."""

    index = 0
    """Which of the records it is in, counted from 0."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.field = field
        """Name of the field."""
        self.reason = reason
        """What is wrong with its value, in words."""


def vectorise(records: Sequence[Mapping[str, object]]) -> NDArray[np.float64]:
    """Return one row of features for each record.

    Args:
        records: raw values by field name: numbers, text as the plant writes it, or None. A field
            that is absent counts as None; a field that is not known is not looked at.

    Returns:
        Shape `(len(records), len(FEATURES))`; NaN where a value is missing.

    Raises:
        RecordError: a value cannot be understood; the first one that is met.
    """
    raw = np.array(list(_read_each(records)), dtype=np.float64)
    raw = raw.reshape(len(records), len(NUMBERS) + len(_POINTS))
    numbers, points = raw[:, : len(NUMBERS)], raw[:, len(NUMBERS) :]
    durations = (points[:, _TO] - points[:, _FROM] + _SLACK) % DAY - _SLACK
    ratio = numbers[:, [_OVER]] / numbers[:, [_UNDER]]
    return np.concatenate([numbers, points[:, _AT_SHIFT], durations, ratio], axis=1)


def source_sha256() -> str:
    """Return the sum over the source that derives the features: this module and its helper."""
    sources = [Path(__file__), Path(clock_module.__file__)]
    return hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()


def _read_each(records: Sequence[Mapping[str, object]]) -> Iterator[list[float | None]]:
    for index, record in enumerate(records):
        try:
            yield _read(record)
        except RecordError as error:
            error.index = index
            raise


def _read(record: Mapping[str, object]) -> list[float | None]:
    values: list[float | None] = [_cell(number, name, record.get(name)) for name in NUMBERS]
    values += [_cell(clock, name, record.get(name)) for name in CLOCKS]
    for name in SPANS:
        values += _cell(span, name, record.get(name)) or (NO_TIME, NO_TIME)
    return values


def _cell(read: Callable[[object], _Read], name: str, value: object) -> _Read | None:
    if value is None or value == "":
        return None
    try:
        return read(value)
    except CellError as error:
        raise RecordError(name, str(error)) from None

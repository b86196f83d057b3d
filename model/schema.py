"""The fields of a record: type, unit, range, whether it may be missing, and what is known of its meaning.

The published data name their columns A1 to A28 and B1 to B14 and explain none of them. What is said here is
inferred from the values and says so. Ranges are wide physical limits, not the values seen: they refuse
nonsense, not novelty.

This is one of the files to replace for a model of your own (with `features.py` and `pipeline.py`).
"""

from model.clock import DAY
from model.manifest import Field

MODEL_NAME = "process-yield"
"""Name of the model in its manifest and in every answer."""

DESCRIPTION = "Predicts the yield of one batch of a chemical process from its recipe and its log."
"""One sentence for the model's card."""

IDENTIFIER = "样本id"
"""Tells records apart. It follows the order of production and is never a feature."""


def _amount(name: str, low: float, high: float, example: float, *, nullable: bool = False) -> Field:
    meaning = "an amount or a setting; the published data do not name it or its unit"
    return Field(name, "number", "", low, high, nullable, meaning, example)


def _temperature(name: str, example: float, *, nullable: bool = False) -> Field:
    meaning = "a temperature, judged by its values and its place beside a clock time"
    return Field(name, "number", "°C", -20.0, 200.0, nullable, meaning, example)


def _clock(name: str, example: str, *, nullable: bool = False) -> Field:
    meaning = "time of day at which a step begins or is measured"
    return Field(name, "clock", "minutes after midnight", 0.0, DAY, nullable, meaning, example)


def _range(name: str, example: str, *, nullable: bool = False) -> Field:
    meaning = "start and end of a step, which may cross midnight"
    return Field(name, "range", "minutes after midnight", 0.0, DAY, nullable, meaning, example)


FIELDS: tuple[Field, ...] = (
    _amount("A1", 50.0, 1000.0, 300.0),
    _amount("A2", 10.0, 1000.0, 125.0, nullable=True),
    _amount("A3", 50.0, 1500.0, 405.0, nullable=True),
    _amount("A4", 100.0, 3000.0, 700.0),
    _clock("A5", "14:00:00"),
    _temperature("A6", 29.0),
    _clock("A7", "15:40:00", nullable=True),
    _temperature("A8", 80.0, nullable=True),
    _clock("A9", "16:00:00"),
    _temperature("A10", 101.0),
    _clock("A11", "17:00:00"),
    _temperature("A12", 103.0),
    _amount("A13", 0.01, 2.0, 0.2),
    _clock("A14", "18:00:00"),
    _temperature("A15", 104.0),
    _clock("A16", "19:00:00"),
    _temperature("A17", 105.0),
    _amount("A18", 0.01, 2.0, 0.2),
    _amount("A19", 10.0, 2000.0, 200.0),
    _range("A20", "19:00-20:00", nullable=True),
    _amount("A21", 1.0, 500.0, 50.0, nullable=True),
    _amount("A22", 0.5, 50.0, 9.0),
    _amount("A23", 0.5, 50.0, 5.0, nullable=True),
    _clock("A24", "20:00:00", nullable=True),
    _temperature("A25", 80.0, nullable=True),
    _clock("A26", "21:00:00", nullable=True),
    _temperature("A27", 73.0, nullable=True),
    _range("A28", "21:00-22:00"),
    _amount("B1", 1.0, 5000.0, 320.0, nullable=True),
    _amount("B2", 0.01, 50.0, 3.5, nullable=True),
    _amount("B3", 0.01, 50.0, 3.5, nullable=True),
    _range("B4", "22:00-23:00"),
    _clock("B5", "23:00:00", nullable=True),
    _temperature("B6", 80.0),
    _clock("B7", "1:00:00"),
    _temperature("B8", 45.0, nullable=True),
    _range("B9", "1:00-2:30"),
    _range("B10", "2:30-4:00", nullable=True),
    _range("B11", "4:00-5:00", nullable=True),
    _amount("B12", 50.0, 5000.0, 1200.0, nullable=True),
    _amount("B13", 0.005, 2.0, 0.15, nullable=True),
    _amount("B14", 10.0, 2000.0, 400.0),
)
"""The 42 inputs in the order of the published header."""

TARGET = Field(
    name="收率",
    kind="number",
    unit="fraction of the theoretical yield",
    low=0.3,
    high=1.1,
    nullable=False,
    meaning="yield of the batch; now and then a little above 1, as the plant's own measurements are",
    example=0.93,
)
"""What is predicted."""

"""From record to vector."""

import hashlib
from pathlib import Path

import numpy as np
import pytest

import model.clock
import model.features
from model.features import CLOCKS, FEATURES, NUMBERS, SPANS, RecordError, source_sha256, vectorise
from model.records import Dataset
from model.schema import FIELDS, IDENTIFIER

RECORD = {field.name: field.example for field in FIELDS}


def _feature(name: str, **changed: object) -> float:
    return float(vectorise([{**RECORD, **changed}])[0, FEATURES.index(name)])


def test_features_read_the_fields_of_the_schema() -> None:
    """Schema and features agree on every field and its kind, and the identifier is no feature."""
    kinds = {
        **dict.fromkeys(NUMBERS, "number"),
        **dict.fromkeys(CLOCKS, "clock"),
        **dict.fromkeys(SPANS, "range"),
    }
    assert kinds == {field.name: field.kind for field in FIELDS}
    assert len(FIELDS) == 42
    assert len(set(FEATURES)) == len(FEATURES)
    assert not any(IDENTIFIER in feature for feature in FEATURES)


def test_a_row_is_the_same_alone_and_in_a_batch(data: Dataset) -> None:
    """The vector of a record does not depend on the records around it, bit by bit."""
    batch = vectorise(data.records)
    assert batch.shape == (len(data.records), len(FEATURES))
    assert batch.dtype == np.float64
    for at, record in enumerate(data.records):
        assert vectorise([record]).tobytes() == batch[at].tobytes()


def test_no_records_give_no_rows() -> None:
    """An empty batch keeps its width."""
    assert vectorise([]).shape == (0, len(FEATURES))


def test_absent_null_and_empty_are_missing() -> None:
    """A field that is absent, null or empty is NaN, and the rest of the row stands."""
    without = {name: value for name, value in RECORD.items() if name != "B11"}
    rows = vectorise([without, {**RECORD, "B11": None}, {**RECORD, "B11": ""}])
    assert len({row.tobytes() for row in rows}) == 1
    assert np.isnan(rows).any()
    assert np.isfinite(vectorise([RECORD])).all()


def test_unknown_fields_and_the_identifier_change_nothing() -> None:
    """What is no field of the schema is not looked at."""
    assert vectorise([{**RECORD, IDENTIFIER: "sample_1", "ZZ": 1}]).tobytes() == vectorise([RECORD]).tobytes()


def test_durations_cross_midnight() -> None:
    """The time between two steps is right across midnight; a small step back stays small."""
    assert _feature("A5>A9", A5="23:30:00", A9="1:00:00") == 90
    assert _feature("A5>A9", A5="8:00:00", A9="7:40:00") == -20
    assert _feature("B4.start>B4.end", B4="23:30-0:15") == 45


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("A6", "warm", "not a number"),
        ("A6", True, "not a number"),
        ("A6", [29], "not a number"),
        ("A6", float("nan"), "not a finite number"),
        ("A5", "25:61", "not a time of day"),
        ("A5", {}, "not a time"),
        ("A20", "21:00", "not a span"),
        ("A20", 700, "not a span"),
    ],
)
def test_what_cannot_be_understood_names_its_field(field: str, value: object, reason: str) -> None:
    """A value that cannot be understood is refused with the name of its field and the reason."""
    with pytest.raises(RecordError) as error:
        vectorise([RECORD, {**RECORD, field: value}])
    assert (error.value.index, error.value.field) == (1, field)
    assert reason in error.value.reason


def test_slips_of_the_pen_give_the_clean_vector() -> None:
    """A dirty cell and the clean one it was meant to be are one recipe."""
    clean = vectorise([{**RECORD, "A5": "7:00:00", "A28": "14:30-15:00", "A25": 70}])
    dirty = vectorise([{**RECORD, "A5": 700, "A28": "14；30-15:0", "A25": "1900/3/10 0:00"}])
    assert clean.tobytes() == dirty.tobytes()


def test_source_sum_covers_the_source_of_the_features() -> None:
    """The sum in the manifest changes with the code that derives the features."""
    sources = [Path(module.__file__ or "").read_bytes() for module in (model.features, model.clock)]
    assert source_sha256() == hashlib.sha256(b"".join(sources)).hexdigest()

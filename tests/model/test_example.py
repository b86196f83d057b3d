"""The made-up records: the shape of the real ones, the same each time."""

import csv
import io

import numpy as np
import pytest

from model.evaluation import recipes_of
from model.example import example_csv
from model.features import vectorise
from model.probes import is_dirty
from model.records import parse
from model.schema import FIELDS, IDENTIFIER, TARGET

MANY = 1000


@pytest.fixture(scope="module")
def text() -> str:
    """Enough records to count shares."""
    return example_csv(MANY, seed=3)


def test_same_arguments_give_the_same_text(text: str) -> None:
    """The seed decides; another seed gives other records."""
    assert example_csv(MANY, seed=3) == text
    assert example_csv(MANY, seed=4) != text


@pytest.mark.parametrize("rows", [1, 2, 50])
def test_as_many_records_as_asked_for(rows: int) -> None:
    """The header stands above exactly so many rows, each with an identifier of its own."""
    header, *body = csv.reader(io.StringIO(example_csv(rows, seed=0)))
    assert header == [IDENTIFIER, *(field.name for field in FIELDS), TARGET.name]
    assert len(body) == len({row[0] for row in body}) == rows


def test_gaps_repeats_and_dirt_are_those_of_the_real_file(text: str) -> None:
    """Missing values, repeated recipes and slips of the pen are about as frequent as in the real file."""
    data = parse(text, "example")
    share = {f.name: np.mean([r[f.name] is None for r in data.records]) for f in FIELDS}
    assert share["A2"] == pytest.approx(0.97, abs=0.02)
    assert share["A7"] == pytest.approx(0.89, abs=0.04)
    assert share["B10"] == pytest.approx(0.175, abs=0.04)
    assert share["B11"] == pytest.approx(0.61, abs=0.05)
    assert not any(share[field.name] for field in FIELDS if not field.nullable)
    assert 0.7 < len(set(recipes_of(vectorise(data.records)))) / MANY < 0.85
    assert 0.02 < np.mean([is_dirty(record) for record in data.records]) < 0.08


def test_yield_is_spread_like_the_real_one(text: str) -> None:
    """The target has the real one's mean and variance, nearly."""
    target = parse(text, "example").target
    assert target.mean() == pytest.approx(0.923, abs=0.01)
    assert target.var() == pytest.approx(9.5e-4, rel=0.4)

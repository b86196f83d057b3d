"""The estimator of this repository."""

import numpy as np
import pytest

from model.pipeline import HIGHEST_YIELD, LOWEST_YIELD, MISSING, build_pipeline
from model.schema import FIELDS


def _fitted(rows: np.ndarray, target: np.ndarray, ask: np.ndarray) -> list[float]:
    predicted: list[float] = build_pipeline(0).fit(rows, target).predict(ask).tolist()
    return predicted


@pytest.fixture(scope="module")
def rows() -> np.ndarray:
    """Rows of which one feature tells the target."""
    return np.random.default_rng(0).normal(size=(60, 3))


def test_batches_that_went_wrong_do_not_pull_as_hard(rows: np.ndarray) -> None:
    """Yields below 0.80 and above 1.00 count as these, those between as they are."""
    wide = np.clip(0.9 + 0.1 * rows[:, 0], 0.5, 1.2)
    assert wide.min() < LOWEST_YIELD < HIGHEST_YIELD < wide.max()
    assert _fitted(rows, wide, rows) == _fitted(rows, np.clip(wide, 0.80, 1.00), rows)
    assert _fitted(rows, wide, rows) != _fitted(rows, np.clip(wide, 0.81, 1.00), rows)
    assert _fitted(rows, wide, rows) != _fitted(rows, np.clip(wide, 0.80, 0.99), rows)


def test_missing_is_told_from_every_value() -> None:
    """What stands for a missing value is below anything that a field, or a time between two, can be."""
    assert min(field.low for field in FIELDS) > MISSING
    assert MISSING < -24 * 60 / 2


def test_feature_that_no_row_has_says_nothing(rows: np.ndarray) -> None:
    """A feature missing throughout the fit does not fail it, and its value later changes nothing."""
    rows = np.column_stack([rows, np.full(len(rows), np.nan)])
    asked = np.column_stack([rows[:, :3], np.arange(len(rows))])
    target = 0.9 + 0.02 * rows[:, 0]
    assert _fitted(rows, target, rows) == _fitted(rows, target, asked)

"""Trees as arrays: thresholds, look-ups, and their way into the served form."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.served import ServedModel
from model.trees import Forest, Tree, search_tree, single_precision_limit

STEPS = [(0.0, 1.0), (1.0, 2.0), (float("inf"), 3.0)]


def _served(*trees: Tree, offset: float = 0.0, width: int = 1) -> ServedModel:
    return ServedModel.from_bytes(Forest(trees, offset).to_bytes(width))


@given(st.floats(-1e6, 1e6), st.integers(-3, 3))
def test_single_precision_folds_into_the_threshold(threshold: float, steps: int) -> None:
    """Comparing in double precision with the limit decides as comparing the rounded value does."""
    limit = float(single_precision_limit(np.array([threshold]))[0])
    value = np.float64(limit)
    for _ in range(abs(steps)):
        value = np.nextafter(value, np.sign(steps) * np.inf)
    assert (value <= limit) == (np.float64(np.float32(value)) <= threshold)


@pytest.mark.parametrize(
    ("value", "expected"),
    [(-5.0, 1), (0.0, 1), (-0.0, 1), (np.nextafter(0, 1), 2), (1.0, 2), (1.5, 3), (1e308, 3), (np.nan, 9)],
)
def test_search_tree_looks_up_a_step_function(value: float, expected: float) -> None:
    """Limits are inclusive, and a missing value has a value of its own."""
    model = _served(search_tree(0, STEPS, missing=9.0))
    assert model.predict(np.array([[value]])).tolist() == [expected]


def test_trees_and_offset_add_up() -> None:
    """A prediction is the offset plus a leaf of every tree, whatever their depth and order."""
    deep, shallow = search_tree(0, STEPS, missing=0.0), search_tree(1, STEPS[2:], missing=5.0)
    rows = np.array([[0.5, 0.0], [2.0, np.nan]])
    expected = [10 + 2 + 3, 10 + 3 + 5]
    assert _served(shallow, deep, offset=10.0, width=2).predict(rows).tolist() == expected
    assert _served(deep, shallow, offset=10.0, width=2).predict(rows).tolist() == expected


def test_filled_tree_sees_the_fill() -> None:
    """Where a value is missing, the tree goes where the value filled in would go."""
    tree = Tree(
        column=np.zeros(3, dtype=np.int64),
        threshold=np.array([0.1, 0.0, 0.0]),
        left=np.array([1, 1, 2]),
        right=np.array([2, 1, 2]),
        missing_left=np.zeros(3, dtype=np.bool_),
        value=np.array([0.0, -1.0, 1.0]),
    )
    for fill, expected in ((-1.0, -1.0), (0.1, -1.0), (7.0, 1.0)):
        assert _served(tree.filled(np.array([fill]))).predict(np.array([[np.nan]])).tolist() == [expected]


def test_scaling_scales_the_prediction() -> None:
    """A scaled forest predicts as many times as much, offset included."""
    forest = Forest((search_tree(0, STEPS, missing=9.0),), 4.0).scaled(0.5)
    assert ServedModel.from_bytes(forest.to_bytes(1)).predict(np.array([[1.0]])).tolist() == [3.0]

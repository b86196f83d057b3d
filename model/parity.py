"""Proof that the served form predicts what scikit-learn predicts, where it is most likely not to.

Two implementations of a tree differ at its thresholds, if anywhere. So for each threshold of the model a
training row that reaches such a split is put on the threshold, on the doubles beside it, and on the
single-precision numbers beside it.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.errors import ParityError
from model.export import forest_of
from model.served import ServedModel
from model.trees import Floats, Forest, Tree, single_precision_limit

TOLERANCE = 1e-9
"""The largest difference that passes."""

_LARGEST = np.finfo(np.float32).max  # scikit-learn refuses larger values; no threshold but infinity is beyond


@dataclass(frozen=True, slots=True)
class Parity:
    """What was compared, and how far apart the two were."""

    rows: int
    """Training rows."""
    threshold_rows: int
    """Rows placed at thresholds."""
    largest_difference: float
    """Between served form and pipeline, over both."""


def prove_parity(pipeline: Any, served: ServedModel, rows: Floats) -> Parity:  # noqa: ANN401 - scikit-learn ships no types
    """Compare the served form with its pipeline on the training rows and at every threshold.

    Raises:
        ParityError: they differ by more than `TOLERANCE` somewhere.
    """
    placed = threshold_rows(forest_of(pipeline), rows)
    everything = np.concatenate([rows, placed])
    difference = np.abs(served.predict(everything) - pipeline.predict(everything)).max()
    if not difference <= TOLERANCE:
        raise ParityError(
            f"The served form differs from scikit-learn by {difference:.3g} (at most {TOLERANCE:g} is "
            "allowed); nothing was written. Mend model.export for this pipeline."
        )
    return Parity(len(rows), len(placed), float(difference))


def threshold_rows(forest: Forest, rows: Floats) -> Floats:
    """Return rows that lie on and around every threshold of the forest.

    Args:
        forest: the model.
        rows: training rows, from which each placed row takes its other values.
    """
    spots = np.concatenate([_spots(tree, rows) for tree in forest.trees])
    _, first = np.unique(spots[:, :2], axis=0, return_index=True)
    column, threshold, base = spots[first][np.abs(spots[first, 1]) < _LARGEST].T
    placed = []
    for value in _around(threshold):
        copies = rows[base.astype(np.int64)]
        copies[np.arange(len(copies)), column.astype(np.int64)] = value
        placed.append(copies)
    return np.concatenate(placed)


def _around(threshold: Floats) -> list[Floats]:
    single = threshold.astype(np.float32)
    limit = single_precision_limit(threshold)
    singles = [single, np.nextafter(single, np.float32(-np.inf)), np.nextafter(single, np.float32(np.inf))]
    doubles = [near for at in (threshold, limit) for near in _beside(at)]
    return [*doubles, *(value.astype(np.float64) for value in singles)]


def _beside(at: Floats) -> tuple[Floats, Floats, Floats]:
    return at, np.nextafter(at, -np.inf), np.nextafter(at, np.inf)


def _spots(tree: Tree, rows: Floats) -> Floats:
    """Return column, threshold and the number of a row that reaches it, per split of a tree."""
    reached = _a_row_per_node(tree, rows)
    splits = tree.splits
    return np.stack([tree.column[splits], tree.threshold[splits], reached[splits]], axis=1)


def _a_row_per_node(tree: Tree, rows: Floats) -> NDArray[np.int64]:
    reached = np.zeros(len(tree.column), dtype=np.int64)
    index = np.arange(len(rows))
    node = np.zeros(len(rows), dtype=np.int64)
    while (moving := tree.splits[node]).any():
        reached[node] = index
        value = rows[index, tree.column[node]]
        left = np.where(np.isnan(value), tree.missing_left[node], value <= tree.threshold[node])
        node = np.where(moving, np.where(left, tree.left[node], tree.right[node]), node)
    return reached

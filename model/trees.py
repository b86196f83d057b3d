"""Decision trees as arrays, and how a forest of them becomes the bytes of the served form."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
_LARGEST = np.finfo(np.float64).max
_NOT_MISSING = np.inf  # a threshold that only a missing value exceeds


@dataclass(frozen=True, slots=True)
class Tree:
    """One decision tree over the columns of a row; node 0 is the root, a leaf is its own child."""

    column: Integers
    """Per node, which column it compares."""
    threshold: Floats
    """Per node, the largest value that goes left."""
    left: Integers
    """Per node, where values up to the threshold go."""
    right: Integers
    """Per node, where larger values go."""
    missing_left: NDArray[np.bool_]
    """Per node, whether a missing value goes left."""
    value: Floats
    """Per node, what the tree adds to the prediction when it ends there."""
    single: bool = False
    """Whether values are rounded to single precision before they are compared."""

    @property
    def splits(self) -> NDArray[np.bool_]:
        """Per node, whether it is a split rather than a leaf."""
        return np.not_equal(self.left, np.arange(len(self.left)))

    def scaled(self, factor: float) -> Self:
        """Return the tree with all its leaf values multiplied."""
        return replace(self, value=self.value * factor)

    def filled(self, fill: Floats) -> Self:
        """Return the tree that sees `fill[column]` where a value is missing."""
        seen = fill[self.column]
        if self.single:
            seen = seen.astype(np.float32).astype(np.float64)
        return replace(self, missing_left=seen <= self.threshold)

    def exact(self) -> Self:
        """Return a tree that decides alike by comparing in double precision."""
        if not self.single:
            return self
        return replace(self, threshold=single_precision_limit(self.threshold), single=False)


@dataclass(frozen=True, slots=True)
class Forest:
    """Trees whose leaf values add up, with the offset, to a prediction."""

    trees: tuple[Tree, ...]
    """In any order."""
    offset: float
    """The prediction before any tree has spoken."""

    def scaled(self, factor: float) -> Self:
        """Return the forest whose predictions are multiplied."""
        trees = tuple(tree.scaled(factor) for tree in self.trees)
        return replace(self, trees=trees, offset=self.offset * factor)

    def to_bytes(self, width: int) -> bytes:
        """Return the served form (see `model.served`) for rows of `width` features."""
        return save(_arrays([tree.exact() for tree in self.trees], self.offset, width))


def single_precision_limit(threshold: Floats) -> Floats:
    """Return the largest doubles that, rounded to single precision, are at most the thresholds.

    Rounding is to the nearest, ties to even, so the limit is the midpoint of the two neighbouring
    singles or the double below it.
    """
    nearest = threshold.astype(np.float32)
    below = np.where(nearest > threshold, np.nextafter(nearest, np.float32(-np.inf)), nearest)
    above = np.nextafter(below, np.float32(np.inf))
    middle = (below.astype(np.float64) + above.astype(np.float64)) / 2
    return np.where(middle.astype(np.float32) == below, middle, np.nextafter(middle, -np.inf))


def search_tree(column: int, steps: Sequence[tuple[float, float]], missing: float) -> Tree:
    """Return a balanced tree over one column that looks up a step function.

    Args:
        column: the column.
        steps: pairs of upper limit (inclusive, ascending, the last one infinite) and value.
        missing: the value where the column is missing.
    """
    rows: list[list[float]] = [[_NOT_MISSING, 1, 0, 0.0]]

    def grow(first: int, last: int) -> int:
        node = len(rows)
        rows.append([0.0, node, node, steps[first][1]])
        if first < last:
            middle = (first + last) // 2
            rows[node][:3] = [steps[middle][0], grow(first, middle), grow(middle + 1, last)]
        return node

    grow(0, len(steps) - 1)
    rows[0][2] = len(rows)
    rows.append([0.0, len(rows), len(rows), missing])
    threshold, left, right, value = np.array(rows).T
    return Tree(
        column=np.full(len(rows), column),
        threshold=threshold,
        left=left.astype(np.int64),
        right=right.astype(np.int64),
        missing_left=np.zeros(len(rows), dtype=np.bool_),
        value=value,
    )


def _arrays(trees: Sequence[Tree], offset: float, width: int) -> dict[str, NDArray[np.generic]]:
    """Lay the nodes out level by level, both children side by side, the deepest tree first."""
    laid_out = sorted((_breadth_first(tree, width) for tree in trees), key=lambda pair: -pair[1])
    depths = np.array([depth for _, depth in laid_out], dtype=np.int64)
    sizes = np.array([len(tree.column) for tree, _ in laid_out], dtype=np.int64)
    root = np.cumsum(sizes) - sizes
    parts = [(tree, start) for (tree, _), start in zip(laid_out, root, strict=True)]
    return {
        "column": np.concatenate([tree.column for tree, _ in parts]).astype(np.int32),
        "threshold": np.concatenate([tree.threshold for tree, _ in parts]),
        "child": np.concatenate([tree.left + start for tree, start in parts]).astype(np.int32),
        "value": np.concatenate([tree.value for tree, _ in parts]),
        "root": root.astype(np.int32),
        "active": np.array([(depths > level).sum() for level in range(max(depths))], dtype=np.int32),
        "offset": np.array([offset]),
        "width": np.array([width], dtype=np.int32),
    }


def _breadth_first(tree: Tree, width: int) -> tuple[Tree, int]:
    """Renumber a tree so that each split's children are neighbours; return it and its depth."""
    order, depth, level = [0], 0, [0]
    while level := [child for node in level for child in _children(tree, node)]:
        order.extend(level)
        depth += 1
    place = np.empty(len(tree.column), dtype=np.int64)
    place[order] = np.arange(len(order))
    node = np.array(order)
    split = tree.splits[node]
    send_right = split & ~tree.missing_left[node]
    return Tree(
        column=np.where(split, tree.column[node] + width * send_right, 0),
        threshold=np.where(split, np.minimum(tree.threshold[node], _LARGEST), np.inf),
        left=place[tree.left[node]],
        right=place[tree.right[node]],
        missing_left=tree.missing_left[node],
        value=np.where(split, 0.0, tree.value[node]),
    ), depth


def _children(tree: Tree, node: int) -> tuple[int, ...]:
    left, right = int(tree.left[node]), int(tree.right[node])
    return () if left == node else (left, right)

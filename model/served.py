"""The served form: one forest of decision trees in named arrays, evaluated with numpy alone.

Whatever was fitted (boosted trees, random trees, ridge on categories, a blend of them), `model.export`
writes as trees whose leaf values add up to the prediction. A split sends `x <= threshold` to the first
child and everything else to the second, which is stored right after it. All arithmetic is in double
precision; what scikit-learn compares in single precision is folded into the thresholds.

The arrays are data: nothing in them is executed, and their shape is checked before the first prediction.
"""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load

ARRAYS = {
    "column": "int32",
    "threshold": "float64",
    "child": "int32",
    "value": "float64",
    "root": "int32",
    "active": "int32",
    "offset": "float64",
    "width": "int32",
}
"""Name and type of every array; `ServedModel` says what each holds."""

_ROWS_AT_ONCE = 128  # keeps the walk of a large batch within the processor's cache


class ServedFormError(ValueError):
    """The bytes are no served form; the message says why."""


@dataclass(frozen=True, slots=True)
class ServedModel:
    """A fitted model that predicts what scikit-learn predicts.

    Nodes of all trees share one numbering. A leaf is its own child.
    """

    column: NDArray[np.intp]
    """Per node, which column it compares; those of `width` and up send missing values right."""
    threshold: NDArray[np.float64]
    """Per node, the largest value that goes to the first child; infinite in a leaf."""
    child: NDArray[np.intp]
    """Per node, its first child; the second one follows it."""
    value: NDArray[np.float64]
    """Per node, what the tree adds to the prediction when it ends there."""
    root: NDArray[np.intp]
    """Per tree, its first node; the deepest trees come first."""
    active: NDArray[np.intp]
    """Per level, how many trees reach below it."""
    offset: NDArray[np.float64]
    """Shape (1,): the prediction before any tree has spoken."""
    width: NDArray[np.intp]
    """Shape (1,): how many features a row has."""

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """Read a served form.

        Raises:
            ServedFormError: the bytes are not one, or its arrays contradict each other.
        """
        try:
            arrays = load(data)
        except SafetensorError as error:
            raise ServedFormError(f"not a safetensors file: {error}") from None
        if {name: array.dtype.name for name, array in arrays.items()} != ARRAYS:
            raise ServedFormError("the arrays are not those of a served form")
        model = cls(**{name: _as_used(array) for name, array in arrays.items()})
        model._check()
        return model

    def predict(self, rows: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return one prediction per row; a row's is the same, bit by bit, alone and among others.

        Args:
            rows: shape (n, width), NaN where a value is missing.

        Raises:
            ValueError: the rows have another width.
        """
        if rows.ndim != 2 or rows.shape[1] != self.width[0]:  # noqa: PLR2004 - rows and columns
            raise ValueError(f"expected rows of {self.width[0]} features, got shape {rows.shape}")
        blocks = [rows[at : at + _ROWS_AT_ONCE] for at in range(0, len(rows), _ROWS_AT_ONCE)]
        return np.concatenate([self._predict(block) for block in blocks] or [np.empty(0)])

    def _predict(self, rows: NDArray[np.float64]) -> NDArray[np.float64]:
        """Walk all trees for all rows in step: tree by tree, and within a tree row by row."""
        missing, count = np.isnan(rows), len(rows)
        seen = np.concatenate([np.where(missing, -np.inf, rows), np.where(missing, np.inf, rows)], axis=1)
        first = np.tile(np.arange(count) * seen.shape[1], len(self.root))
        flat, node = seen.ravel(), np.repeat(self.root, count)
        for trees in self.active.tolist():
            at = node[: trees * count]
            value = flat.take(self.column.take(at) + first[: trees * count])
            node[: trees * count] = self.child.take(at) + (value > self.threshold.take(at))
        # Summed along the trees of each row, so that numpy adds in the same order for any batch.
        leaves = self.value.take(node.reshape(len(self.root), count).T)
        total: NDArray[np.float64] = leaves.sum(axis=1) + self.offset[0]
        return total

    def _check(self) -> None:
        nodes, trees = len(self.column), len(self.root)
        if any(getattr(self, name).ndim != 1 for name in ARRAYS) or not (
            len(self.threshold) == len(self.child) == len(self.value) == nodes
            and len(self.offset) == len(self.width) == 1
        ):
            raise ServedFormError("the arrays do not fit together")
        bounds = ((self.column, 2 * int(self.width[0])), (self.child, nodes), (self.root, nodes))
        if any(array.size and not 0 <= array.min() <= array.max() < limit for array, limit in bounds):
            raise ServedFormError("an array points outside the forest")
        splits = self.child != np.arange(nodes)
        if (self.child[splits] + 1 >= nodes).any() or (np.diff(self.active) > 0).any():
            raise ServedFormError("a tree is not closed")
        if self.active.size and not 0 < self.active.min() <= self.active.max() <= trees:
            raise ServedFormError("a level has more trees than the forest")
        finite = np.isfinite(self.value).all() and np.isfinite(self.offset).all()
        if not finite or np.isnan(self.threshold).any():
            raise ServedFormError("a number is not finite")


def _as_used(array: NDArray[Any]) -> NDArray[Any]:
    """Give indices the machine's own width, which spares a conversion at every step of the walk."""
    return array.astype(np.intp) if array.dtype == np.int32 else array

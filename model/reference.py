"""Reference distributions: how the training data lay, for drift to be measured against."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from model.clock import clock, number, span
from model.records import Dataset
from model.schema import FIELDS, TARGET
from model.trees import Floats

BINS = 10
"""The most bins that a field has."""


def distributions(data: Dataset) -> Mapping[str, Any]:
    """Return, per field and for the target, how many values fell into which bin.

    A value belongs to bin i when `edges[i-1] < value <= edges[i]`; the outermost bins are open, so there
    is one more count than there are edges. A span of time counts by its start.
    """
    fields = {f.name: _distribution(_values(f.kind, [r[f.name] for r in data.records])) for f in FIELDS}
    return {"rows": len(data.records), "fields": fields, "target": {TARGET.name: _distribution(data.target)}}


def _values(kind: str, raw: Sequence[object]) -> Floats:
    read = {"number": number, "clock": clock, "range": _start}[kind]
    return np.array([np.nan if value is None else read(value) for value in raw], dtype=np.float64)


def _start(value: object) -> float:
    return span(value)[0]


def _distribution(values: Floats) -> Mapping[str, Any]:
    known = values[~np.isnan(values)]
    if not len(known):
        return {"missing": len(values), "edges": [], "counts": [0]}
    edges = np.unique(np.quantile(known, np.linspace(0, 1, BINS + 1)[1:-1], method="inverted_cdf"))
    bins = np.searchsorted(edges, known, side="left")
    return {
        "missing": len(values) - len(known),
        "edges": edges.tolist(),
        "counts": np.bincount(bins, minlength=len(edges) + 1).tolist(),
    }

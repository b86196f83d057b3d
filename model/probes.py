"""Golden requests: records from the training data with the prediction that is known for them."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from model.records import Record
from model.schema import FIELDS
from model.trees import Floats

COUNT = 10
"""How many probes a package has, as far as there are records."""

_DIRTY = 3
_PLAIN = {
    "clock": re.compile(r"\d{1,2}:\d{2}:\d{2}"),
    "range": re.compile(r"\d{1,2}:\d{2}-\d{1,2}:\d{2}"),
}


def choose_probes(records: Sequence[Record], predictions: Floats) -> list[Mapping[str, Any]]:
    """Return the probes: the emptiest record, some with slips of the pen, the rest from lowest to highest.

    Args:
        records: the training records.
        predictions: the served form's prediction for each.
    """
    keys = [json.dumps(record, ensure_ascii=False, sort_keys=True) for record in records]
    emptiest = min(range(len(records)), key=lambda at: (sum(v is not None for v in records[at].values()), at))
    dirty = [at for at, record in enumerate(records) if is_dirty(record)][:_DIRTY]
    chosen = {keys[emptiest]: ("missing values", emptiest)}
    for at in dirty:
        chosen.setdefault(keys[at], ("slip of the pen", at))
    rest: dict[str, int] = {}
    for at in np.argsort(predictions, kind="stable").tolist():
        if keys[at] not in chosen:
            rest.setdefault(keys[at], at)
    chosen |= {keys[at]: ("typical", at) for at in _spread(list(rest.values()), COUNT - len(chosen))}
    return [
        {
            "name": f"{number:02d} {why}",
            "record": dict(records[at]),
            "prediction": float(predictions[at]),
        }
        for number, (why, at) in enumerate(chosen.values(), start=1)
    ]


def _spread(values: Sequence[int], count: int) -> list[int]:
    """Return so many of the values, or all, evenly from the first to the last."""
    if len(values) <= count:
        return list(values)
    return [values[at] for at in np.linspace(0, len(values) - 1, count).round().astype(int)]


def is_dirty(record: Record) -> bool:
    """Return whether a time of the record is written otherwise than `H:MM:SS` or `H:MM-H:MM`."""
    texts = [(_PLAIN[field.kind], record[field.name]) for field in FIELDS if field.kind in _PLAIN]
    return any(isinstance(text, str) and not plain.fullmatch(text) for plain, text in texts)

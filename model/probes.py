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
    """Return the probes: the emptiest record, some with slips of the pen, the rest from low to high.

    Args:
        records: the training records.
        predictions: the served form's prediction for each.
    """
    order = np.argsort(predictions, kind="stable")
    even = order[np.linspace(0, len(order) - 1, COUNT).round().astype(int)].tolist()
    emptiest = min(range(len(records)), key=lambda at: (sum(v is not None for v in records[at].values()), at))
    dirty = [at for at, record in enumerate(records) if is_dirty(record)][:_DIRTY]
    named = [("missing values", emptiest), *(("slip of the pen", at) for at in dirty)]
    named += [("typical", at) for at in even]
    chosen: dict[str, Mapping[str, Any]] = {}
    for why, at in named:
        key = json.dumps(records[at], ensure_ascii=False, sort_keys=True)
        if len(chosen) < COUNT and key not in chosen:
            chosen[key] = {
                "name": f"{len(chosen) + 1:02d} {why}",
                "record": dict(records[at]),
                "prediction": float(predictions[at]),
            }
    return list(chosen.values())


def is_dirty(record: Record) -> bool:
    """Return whether a time of the record is written otherwise than `H:MM:SS` or `H:MM-H:MM`."""
    texts = [(_PLAIN[field.kind], record[field.name]) for field in FIELDS if field.kind in _PLAIN]
    return any(isinstance(text, str) and not plain.fullmatch(text) for plain, text in texts)

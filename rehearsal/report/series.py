"""A run over time, in as many stretches as a chart can show, however long it was."""

import math
from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

from rehearsal.judge.judgement import Judgement
from rehearsal.judge.requests import Request, percentile

MOST: Final = 240
"""Stretches that a run is divided into at most."""


def series(judgement: Judgement) -> dict[str, Any]:
    """Return who answered, what was lost and how long it took, for each stretch of whole seconds."""
    played = judgement.played
    length = max(1, math.ceil((played.end - played.start) / MOST))
    starts = range(0, math.ceil(played.end - played.start), length)
    return {
        "length_s": length,
        "rows": [
            {
                "t": start,
                **_row(
                    judgement.requests.between(
                        played.start + start, min(played.start + start + length, played.end)
                    )
                ),
            }
            for start in starts
        ],
    }


def _row(requests: Sequence[Request]) -> dict[str, Any]:
    times = [request.ms for request in requests if not request.lost]
    answers = Counter(request.version for request in requests if not request.lost)
    lost = Counter(request.verdict for request in requests)
    ranks = {name: percentile(times, share) for name, share in (("p50", 0.5), ("p95", 0.95), ("p99", 0.99))}
    return {
        "answers": dict(sorted(answers.items())),
        "failed": lost["failed"],
        "wrong": lost["wrong"],
        **{f"{name}_ms": None if rank is None else round(rank, 1) for name, rank in ranks.items()},
    }

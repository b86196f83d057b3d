"""The load's lines as values, by the time at which they were due."""

import json
import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Self

Verdict = Literal["ok", "failed", "wrong"]


@dataclass(frozen=True, slots=True)
class Request:
    """One request and what came of it."""

    due: float
    """Unix time at which the schedule had it."""
    ms: float
    """From then to the last byte of its answer."""
    connection: str
    kind: str
    body: int
    status: int
    """0 when there was no answer."""
    version: str
    """The model version that answered; empty when no version did."""
    verdict: Verdict
    reason: str
    lag: float = 0.0
    """Milliseconds after its time at which it left."""

    @property
    def left(self) -> float:
        """Unix time at which it was sent."""
        return self.due + self.lag / 1000

    @property
    def answered(self) -> float:
        """Unix time of its answer's last byte."""
        return self.due + self.ms / 1000

    @property
    def lost(self) -> bool:
        """Whether a client was let down: no answer, an error, or a wrong answer."""
        return self.verdict != "ok"


@dataclass(frozen=True, slots=True)
class Requests:
    """Requests by the time at which they were due, with the times apart to search in."""

    all: Sequence[Request]
    _due: Sequence[float]

    @classmethod
    def of(cls, requests: Sequence[Request]) -> Self:
        """Put them in order."""
        ordered = sorted(requests, key=lambda request: request.due)
        return cls(ordered, [request.due for request in ordered])

    @classmethod
    def read(cls, path: Path, offset: int = 0) -> Self:
        """Read `load.jsonl` from a byte on; a line that is not there whole is left out."""
        with path.open("rb") as file:
            file.seek(max(0, offset - 1))
            lines = file.read().split(b"\n")
        whole = lines[1 if offset else 0 : -1]
        return cls.of([_request(json.loads(line)) for line in whole])

    def between(self, start: float, end: float) -> Sequence[Request]:
        """Return those that were due from `start` on and before `end`."""
        return self.all[bisect_left(self._due, start) : bisect_left(self._due, end)]


def percentile(values: Sequence[float], share: float) -> float | None:
    """Return the smallest value that this share of the values does not exceed; None when there are none."""
    if not values:
        return None
    return sorted(values)[max(0, math.ceil(len(values) * share) - 1)]


def _request(line: dict[str, Any]) -> Request:
    names = Request.__slots__
    return Request(**{name: line[name] for name in names if name in line})

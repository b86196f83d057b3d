"""What a load's lines come to: which requests were lost, which answers were wrong, and who gave them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

from rehearsal.shift import Colour

LATE: Final = 2.0
"""Seconds, from when a request was due, after which its answer is late."""
TOLERANCE: Final = 1e-9
Kind = Literal["lost", "late", "wrong", "wrong colour"]


@dataclass(frozen=True)
class Expected:
    """The answers that are right: for each colour its version, and its predictions for each body."""

    versions: Mapping[Colour, str]
    predictions: Mapping[Colour, Sequence[Sequence[float]]]


@dataclass(frozen=True)
class Request:
    """One request of the load: when it was due, how long it took, who answered, and what was bad about it."""

    count: int
    at: float
    seconds: float
    kind: str
    colour: Colour | None
    bad: str | None


@dataclass(frozen=True)
class Verdict:
    """What happened between two points in time, while only one colour, or either, may answer."""

    name: str
    requests: Sequence[Request]
    faults: Mapping[Kind, Sequence[Request]]
    seconds: float

    @property
    def faultless(self) -> bool:
        """Whether every request got the right answer, in time, from the right colour."""
        return not any(self.faults.values())

    def __str__(self) -> str:
        times = sorted(request.seconds for request in self.requests) or [0.0]
        half, most = (times[int(len(times) * share)] * 1000 for share in (0.5, 0.99))
        rate = len(self.requests) / max(self.seconds, 0.001)
        told = ", ".join(f"{len(found)} {kind}" for kind, found in self.faults.items() if found)
        examples = "".join(f"\n  {request}" for found in self.faults.values() for request in found[:2])
        return (
            f"{self.name}: {len(self.requests)} requests in {self.seconds:.1f} s ({rate:.0f}/s), "
            f"p50 {half:.0f} ms, p99 {most:.0f} ms: {told or 'no fault'}{examples}"
        )


def judge(
    name: str,
    requests: Sequence[Request],
    *,
    window: tuple[float, float],
    allowed: Sequence[Colour],
) -> Verdict:
    """Judge the requests that were due within a window; only the allowed colours may have answered."""
    chosen = [request for request in requests if window[0] <= request.at < window[1]]
    faults: dict[Kind, list[Request]] = {
        "lost": [request for request in chosen if request.bad == "lost"],
        "late": [request for request in chosen if request.bad is None and request.seconds > LATE],
        "wrong": [request for request in chosen if request.bad not in {None, "lost"}],
        "wrong colour": [
            request for request in chosen if request.colour is not None and request.colour not in allowed
        ],
    }
    return Verdict(name, chosen, faults, window[1] - window[0])


def read(path: Path, expected: Expected) -> list[Request]:
    """Read what a load has written so far; a line that is half written is left for later."""
    text = path.read_text(encoding="utf-8")
    return [
        _request(json.loads(line), expected) for line in text.splitlines(keepends=True) if line[-1] == "\n"
    ]


def complete(requests: Sequence[Request], *, until: float) -> bool:
    """Whether every request that was due before a point in time has come to an end."""
    counts = {request.count for request in requests}
    later = [request.count for request in requests if request.at >= until]
    return bool(later) and counts.issuperset(range(min(later)))


def _request(line: Mapping[str, Any], expected: Expected) -> Request:
    colour, bad = None, None
    if line["status"] != 200:
        bad = "lost" if line["status"] in {0, 502, 503, 504} else f"status {line['status']}"
        bad = bad if bad == "lost" else f"{bad}: {line.get('answer')}"
    else:
        answer = line["answer"]
        by_version = {version: colour for colour, version in expected.versions.items()}
        colour = by_version.get(answer["model"]["version"])
        found = answer["predictions"] if "predictions" in answer else [answer["prediction"]]
        if colour is None:
            bad = f"unknown version {answer['model']['version']}"
        elif not _same(found, expected.predictions[colour][line["body"]]):
            bad = f"{found} is not what {colour} predicts"
    return Request(line["count"], line["at"], line["seconds"], line["kind"], colour, bad)


def _same(found: Sequence[float], right: Sequence[float]) -> bool:
    return len(found) == len(right) and all(
        abs(one - two) <= TOLERANCE for one, two in zip(found, right, strict=True)
    )

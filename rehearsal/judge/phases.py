"""What was going on when: steady, or within a release its install, shift, bake and way back.

What the load balancer did (its weights) counts before what an engine said of itself, because a client feels
the former. A release of the rolling strategy moves no weights: all of it is a shift.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, Literal

from rehearsal.judge.played import Event, Played, Release
from rehearsal.judge.weights import Shares

Name = Literal["steady", "install", "shift", "bake", "rollback", "fault"]
NAMES: Final[tuple[Name, ...]] = ("steady", "install", "shift", "bake", "rollback", "fault")
SETTLE: Final = 2.0
"""Seconds after the last move of weights that still belong to the shift: connections follow it then."""
_TRAFFIC: Final = frozenset({"AllowTraffic", "PRODUCTION_TRAFFIC_SHIFT"})
_BAD: Final = frozenset({"failed", "stopped"})


@dataclass(frozen=True, slots=True)
class Phase:
    """A stretch of time, in Unix time, and the release that it belongs to; none when empty."""

    name: Name
    start: float
    end: float
    release: str = ""


def phases(played: Played) -> list[Phase]:
    """Return every phase of a run, by time; the steady ones are what is left."""
    shares = Shares.of(played.events)
    busy = [phase for release in played.releases for phase in of_release(release, played.events, shares)]
    inside = [(release.started, release.ended) for release in played.releases]
    for fault in played.faults:
        busy += [Phase("fault", *gap) for gap in gaps(inside, fault.started, fault.ended)]
    taken = [(phase.start, phase.end) for phase in busy]
    steady = [Phase("steady", *gap) for gap in gaps(taken, played.start, played.end)]
    return sorted([*steady, *busy], key=lambda phase: (phase.start, phase.end))


def of_release(release: Release, events: Sequence[Event], shares: Shares) -> list[Phase]:
    """Return the phases of a release, in order; those without length are left out."""
    begun, ended = release.started, release.ended
    if release.strategy == "rolling":
        return [Phase("shift", begun, ended, release.id)]
    own = lifecycle(release, events)
    steps = shares.of_newcomer(begun, ended)
    back = _back(steps, own, ended)
    shift = min([at for at, share in steps if share > 0] + _times(own, _TRAFFIC) + [back])
    full = min([at + SETTLE for at, share in steps if share >= 1] + [back])
    bounds: tuple[tuple[Name, float, float], ...] = (
        ("install", begun, shift),
        ("shift", shift, full),
        ("bake", full, back),
        ("rollback", back, ended),
    )
    return [Phase(name, start, end, release.id) for name, start, end in bounds if end > start]


def moving(found: Iterable[Phase]) -> list[Phase]:
    """Return the phases in which a release's traffic moved: its shift, and the way back of what had some."""
    phases = list(found)
    shifted = {phase.release for phase in phases if phase.name == "shift"}
    return [phase for phase in phases if phase.name in {"shift", "rollback"} and phase.release in shifted]


def lifecycle(release: Release, events: Sequence[Event]) -> list[Event]:
    """Return the lifecycle events of a release, by time."""
    return [event for event in events if event["kind"] == "lifecycle" and event.get("release") == release.id]


def gaps(taken: Iterable[tuple[float, float]], start: float, end: float) -> list[tuple[float, float]]:
    """Return what of a stretch of time none of the others takes."""
    free = []
    for begun, ended in sorted(taken):
        if begun > start:
            free.append((start, min(begun, end)))
        start = max(start, ended)
    free.append((start, end))
    return [(since, until) for since, until in free if until > since]


def _back(steps: Sequence[tuple[float, float]], own: Sequence[Event], ended: float) -> float:
    """Return when the way back began: traffic went back, or something failed; else the release's end."""
    fallen = [at for (_, before), (at, share) in pairwise(steps) if share < before]
    failed = [float(event["at"]) for event in own if str(event.get("status", "")).casefold() in _BAD]
    return min([*fallen, *failed, ended])


def _times(own: Sequence[Event], names: frozenset[str]) -> list[float]:
    quiet = {"pending", "skipped", *_BAD}
    return [
        float(event["at"])
        for event in own
        if event.get("event") in names and str(event.get("status", "")).casefold() not in quiet
    ]

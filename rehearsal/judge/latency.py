"""Latency from the schedule to the last byte, per phase and before, during and after each release."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from rehearsal.judge import phases
from rehearsal.judge.phases import NAMES, Phase
from rehearsal.judge.played import Played, Release
from rehearsal.judge.requests import Request, Requests, percentile

AROUND = 10.0
"""Seconds before and after a release that are compared with it."""


@dataclass(frozen=True, slots=True)
class Latency:
    """Requests of a phase and the percentiles of those that were answered well, in milliseconds."""

    requests: int
    lost: int
    p50: float | None
    p95: float | None
    p99: float | None
    lag: float = 0.0
    """p99 of how much later than it should each was sent: what this machine, not the service, was slow by."""

    @classmethod
    def of(cls, requests: Iterable[Request]) -> Self:
        """Count and rank."""
        chosen = list(requests)
        times = [request.ms for request in chosen if not request.lost]
        ranks = [percentile(times, share) for share in (0.50, 0.95, 0.99)]
        p50, p95, p99 = [None if rank is None else round(rank, 1) for rank in ranks]
        lag = percentile([request.lag for request in chosen], 0.99) or 0.0
        return cls(len(chosen), sum(request.lost for request in chosen), p50, p95, p99, round(lag, 1))


def per_phase(found: Sequence[Phase], played: Played, requests: Requests) -> dict[str, Latency]:
    """Return the latency of every phase that occurred, without what a bad version itself answered."""
    chosen: dict[str, list[Request]] = {}
    for phase in found:
        chosen.setdefault(phase.name, []).extend(_own(phase, played, requests))
    return {name: Latency.of(chosen[name]) for name in NAMES if name in chosen}


def while_moving(
    found: Sequence[Phase], played: Played, requests: Requests
) -> tuple[dict[str, Latency], Latency | None]:
    """Return the latency while traffic moved, of each release by its id and of all; None when none did.

    What a bad version itself answered is left out here too.
    """
    chosen: dict[str, list[Request]] = {}
    for phase in phases.moving(found):
        chosen.setdefault(phase.release, []).extend(_own(phase, played, requests))
    every = [request for part in chosen.values() for request in part]
    return {name: Latency.of(part) for name, part in chosen.items()}, Latency.of(every) if chosen else None


def _own(phase: Phase, played: Played, requests: Requests) -> list[Request]:
    bad = {release.version for release in played.releases if release.bad and release.id == phase.release}
    return [request for request in requests.between(phase.start, phase.end) if request.version not in bad]


def around(release: Release, requests: Requests) -> Mapping[str, Latency]:
    """Return the latency before, during and after a release, a bad version's own answers included."""
    return {
        "before": Latency.of(requests.between(release.started - AROUND, release.started)),
        "during": Latency.of(requests.between(release.started, release.ended)),
        "after": Latency.of(requests.between(release.ended, release.ended + AROUND)),
    }

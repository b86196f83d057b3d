"""Latency from the schedule to the last byte, per phase and before, during and after each release."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

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

    @classmethod
    def of(cls, requests: Iterable[Request]) -> Self:
        """Count and rank."""
        chosen = list(requests)
        times = [request.ms for request in chosen if not request.lost]
        ranks = [percentile(times, share) for share in (0.50, 0.95, 0.99)]
        p50, p95, p99 = [None if rank is None else round(rank, 1) for rank in ranks]
        return cls(len(chosen), sum(request.lost for request in chosen), p50, p95, p99)


def per_phase(found: Sequence[Phase], played: Played, requests: Requests) -> dict[str, Latency]:
    """Return the latency of every phase that occurred, without what a bad version itself answered."""
    bad = {release.id: release.version for release in played.releases if release.bad}
    chosen: dict[str, list[Request]] = {}
    for phase in found:
        own = requests.between(phase.start, phase.end)
        theirs = bad.get(phase.release)
        chosen.setdefault(phase.name, []).extend(
            request for request in own if theirs is None or request.version != theirs
        )
    return {name: Latency.of(chosen[name]) for name in NAMES if name in chosen}


def around(release: Release, requests: Requests) -> Mapping[str, Latency]:
    """Return the latency before, during and after a release, a bad version's own answers included."""
    return {
        "before": Latency.of(requests.between(release.started - AROUND, release.started)),
        "during": Latency.of(requests.between(release.started, release.ended)),
        "after": Latency.of(requests.between(release.ended, release.ended + AROUND)),
    }

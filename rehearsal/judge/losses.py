"""Which lost requests a bad version's canary share accounts for, and which nothing does.

A wrong answer tells its version. An error does not: the load balancer sends each request to the new colour
with the probability that is its share, so within the share are at most as many as chance allows (four
standard deviations), less those that the version is known to have answered. All others were lost outside.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from rehearsal.judge.played import Played, Release
from rehearsal.judge.requests import Request, Requests
from rehearsal.judge.weights import Shares, share_at

ECHO: Final = 1.0
"""Seconds for which a request may still be at the bad version after traffic has left it."""
HEAD_START: Final = 0.3
"""Seconds by which traffic may move before the timeline tells of it."""
_DEVIATIONS: Final = 4.0


@dataclass(frozen=True, slots=True)
class Loss:
    """The lost requests of a stretch of time."""

    inside: Sequence[Request]
    """Accounted for by the share of a bad version, or by a task that died."""
    outside: Sequence[Request]


def split(played: Played, requests: Requests) -> Loss:
    """Divide all lost requests of a run."""
    shares = Shares.of(played.events)
    inside = [
        request
        for release in played.releases
        if release.bad
        for request in within_share(release, shares, requests)
    ]
    inside += _at_tasks(played, requests, inside)
    known = {id(request) for request in inside}
    outside = [request for request in requests.all if request.lost and id(request) not in known]
    return Loss(inside, outside)


def _at_tasks(played: Played, requests: Requests, inside: Sequence[Request]) -> list[Request]:
    """Return the lost requests that faults account for which take a task down with all that it has."""
    known = {id(request) for request in inside}
    found: list[Request] = []
    for fault in played.faults:
        due = requests.between(fault.started, fault.ended)
        lost = [request for request in due if request.lost and id(request) not in known]
        found += lost[: fault.bearable]
    return found


def within_share(release: Release, shares: Shares, requests: Requests) -> list[Request]:
    """Return the lost requests that the canary share of a bad version accounts for."""
    steps = shares.of_newcomer(release.started, release.ended)
    due = requests.between(release.started, release.ended + ECHO)
    chances = {id(request): _chance(steps, request.due) for request in due}
    exposed = [request for request in due if chances[id(request)] > 0]
    own = [request for request in exposed if request.version == release.version]
    silent = [request for request in exposed if request.lost and not request.version]
    most = _most([chances[id(request)] for request in exposed]) - len(own)
    return [request for request in own if request.lost] + silent[: max(0, most)]


def _chance(steps: Sequence[tuple[float, float]], due: float) -> float:
    """Return with which probability a request met the canary; a version that has everything is no canary."""
    share = max(share_at(steps, at) for at in (due - ECHO, due, due + HEAD_START))
    return share if share < 1 else 0.0


def _most(chances: Sequence[float]) -> int:
    mean = sum(chances)
    deviation = math.sqrt(sum(chance * (1 - chance) for chance in chances))
    return math.floor(mean + _DEVIATIONS * deviation)

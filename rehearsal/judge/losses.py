"""Which lost requests a bad version's canary share accounts for, and which nothing does.

A wrong answer tells its version. An error does not, but a bad version fails its clients in a way that is
known (`Release.fails_with`): whatever was lost for another reason was lost outside. And the load balancer
sends each request to the new colour with the probability that is its share, so within the share are at most
as many as chance allows (four standard deviations), less those that the version is known to have answered.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from rehearsal.judge.played import Fault, Played, Release
from rehearsal.judge.requests import Request, Requests
from rehearsal.judge.weights import ECHO, Shares, met_by
from rehearsal.load.schedule import UNSENT

DYING: Final = 3.0
"""Seconds after a task's death for which the load balancer may still send it requests."""
TOLD: Final = 1.0
"""Seconds after a death by which the timeline has told of it."""
_DEVIATIONS: Final = 4.0
_NO_TASK: Final = frozenset({0, 502, 503, 504})
"""What a client gets when the load balancer has no answer of a task; 0 is none at all."""


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
    known = {id(request) for request in inside}
    for fault in played.faults:
        died = [request for request in at_task(fault, requests) if id(request) not in known]
        inside += died
        known |= {id(request) for request in died}
    outside = [request for request in requests.all if request.lost and id(request) not in known]
    return Loss(inside, outside)


def within_share(release: Release, shares: Shares, requests: Requests) -> list[Request]:
    """Return the lost requests that the canary share of a bad version accounts for."""
    met = exposed(release, shares, requests)
    own = [request for request, _ in met if request.version == release.version]
    silent = [
        request
        for request, _ in met
        if request.lost and not request.version and request.reason in release.fails_with
    ]
    most = _most([chance for _, chance in met]) - len(own)
    return [request for request in own if request.lost] + silent[: max(0, most)]


def exposed(release: Release, shares: Shares, requests: Requests) -> list[tuple[Request, float]]:
    """Return the requests that may have met a release's canary, and with which probability.

    A version that has everything is no canary: it accounts for nothing.
    """
    steps = shares.of_newcomer(release.started, release.ended)
    due = requests.between(release.started, release.ended + ECHO)
    chances = [max((share for share in met_by(steps, one) if share < 1), default=0.0) for one in due]
    return [(request, chance) for request, chance in zip(due, chances, strict=True) if chance > 0]


def at_task(fault: Fault, requests: Requests) -> list[Request]:
    """Return the lost requests that a fault accounts for which takes a task down with all that it has."""
    struck = fault.struck
    if struck is None:
        return []
    due = requests.between(fault.started, struck + DYING)
    died = [one for one in due if one.answered >= struck - TOLD and _lost_its_task(one)]
    return died[: fault.bearable]


def _lost_its_task(request: Request) -> bool:
    """Whether a request was sent, and no task answered it."""
    return request.verdict == "failed" and request.status in _NO_TASK and request.reason != UNSENT


def _most(chances: Sequence[float]) -> int:
    mean = sum(chances)
    deviation = math.sqrt(sum(chance * (1 - chance) for chance in chances))
    return math.floor(mean + _DEVIATIONS * deviation)

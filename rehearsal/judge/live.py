"""The promise that only the version answers that has the traffic, at any time of the run.

Between releases that is the one that serves. Within a release it is the one before for as long as the
newcomer has no share, the newcomer when it has everything, and both in between. A release of the rolling
strategy moves no weights: both may answer all the time.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Self

from rehearsal.judge.facts import Facts, Found, listed
from rehearsal.judge.played import Played, Release
from rehearsal.judge.requests import Request
from rehearsal.judge.weights import ECHO, Shares, Steps, met_by

PROOF: Final = 20.0
"""Requests that canaries should have had by their share, from which on it is no chance that they had none."""


@dataclass(frozen=True, slots=True)
class Met:
    """What a request may have met."""

    versions: frozenset[str]
    """Who may have answered it."""
    newcomer: str = ""
    """The version whose canary it may have met; empty when weights do not tell."""
    share: float = 0.0
    """The canary's share, when it was the same for as long as the request was under way; else 0."""


@dataclass(frozen=True, slots=True)
class Turn:
    """A release as who may answer: the version before, the new one, and the share of the latter."""

    release: Release
    before: str
    steps: Steps

    def met(self, request: Request) -> Met:
        """Return what a request may have met that was under way during the release."""
        newcomer = self.release.version
        if self.release.strategy == "rolling":
            return Met(frozenset({self.before, newcomer}))
        shares = met_by(self.steps, request)
        old = {self.before} if any(share < 1 for share in shares) else set()
        new = {newcomer} if any(share > 0 for share in shares) else set()
        share = min(shares) if len(shares) == 1 and min(shares) < 1 else 0.0
        return Met(frozenset(old | new), newcomer, share)


@dataclass(frozen=True, slots=True)
class Course:
    """Who may answer when, in a whole run."""

    played: Played
    turns: Sequence[Turn]
    edges: Sequence[float]
    """Every time at which that may change."""
    _known: dict[tuple[int, int], Met] = field(default_factory=dict)

    @classmethod
    def of(cls, played: Played, shares: Shares) -> Self:
        """Read a run."""
        turns = [
            Turn(one, _serving(played, one.started), shares.of_newcomer(one.started, one.ended))
            for one in played.releases
        ]
        edges = [at for turn in turns for at in (turn.release.started, turn.release.ended)]
        return cls(played, turns, sorted([*edges, *(at for turn in turns for at, _ in turn.steps)]))

    def met(self, request: Request) -> Met:
        """Return what a request may have met; the same for all between the same edges."""
        start, end = request.left - ECHO, request.answered + ECHO
        between = bisect_right(self.edges, start), bisect_right(self.edges, end)
        if between not in self._known:
            self._known[between] = self._met(request, start, end)
        return self._known[between]

    def _met(self, request: Request, start: float, end: float) -> Met:
        during = [
            turn.met(request)
            for turn in self.turns
            if turn.release.started <= end and start < turn.release.ended
        ]
        if not during:
            return Met(frozenset({_serving(self.played, start)}))
        if len(during) == 1:
            return during[0]
        return Met(frozenset(version for met in during for version in met.versions))


def judge(facts: Facts) -> Found:
    """Whether every answer was of a version that had traffic when it was asked."""
    course = Course.of(facts.played, facts.shares)
    every = [(request, course.met(request)) for request in facts.requests.all]
    asked = [(request.version, met) for request, met in every if request.version]
    others = Counter(version[:12] for version, met in asked if version not in met.versions)
    if not asked:
        return "not played", "Nobody answered."
    if others:
        told = f"{others.total():,} of {len(asked):,} answers were of versions without traffic by then"
        return "fail", f"{told}: {listed(others)}."
    expected, came, met = _canaries(facts, every)
    if expected > PROOF and not came:
        return "fail", f"No canary answered any of {met:,} requests, and {expected:.0f} should have met one."
    told = f"All {len(asked):,} answers were of a version that had traffic."
    if not met:
        return "pass", told
    return "pass", f"{told} Canaries had {came / met:.1%} of the requests by weights of {expected / met:.1%}."


def _serving(played: Played, at: float) -> str:
    """Return the version that should serve at a time between releases."""
    ended = sorted((one.ended, one.serves) for one in played.releases if one.serves)
    return ([played.first] + [version for end, version in ended if end <= at])[-1]


def _canaries(facts: Facts, every: Sequence[tuple[Request, Met]]) -> tuple[float, int, int]:
    """Return how many requests canaries should have had by their shares, had, and of how many."""
    lost = {id(request) for request in facts.loss.inside}
    expected, came, met = 0.0, 0, 0
    for request, found in every:
        if found.share > 0:
            expected, met = expected + found.share, met + 1
            came += request.version == found.newcomer or (not request.version and id(request) in lost)
    return expected, came, met

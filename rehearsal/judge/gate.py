"""The promise that no version takes traffic before its gate has passed.

Two ways to see it: what answered, by the version that an answer names, and what traffic did. The former
cannot tell two images with the same model apart; the latter can.
"""

from collections.abc import Mapping
from typing import Final

from rehearsal.judge.facts import Facts, Found, listed
from rehearsal.judge.phases import lifecycle
from rehearsal.judge.played import Release
from rehearsal.judge.weights import rises

GATE: Final = frozenset({"AfterAllowTestTraffic", "POST_TEST_TRAFFIC_SHIFT"})
"""The lifecycle events in which the gate's hook asks the new version, of either engine."""
NOTICED: Final = 0.1
"""Seconds by which the times of an event and of what followed it may be told the wrong way round."""


def judge(facts: Facts) -> Found:
    """Whether every version answered, and every release got traffic, after the gate only."""
    ungated = [release.id for release in facts.played.releases if not _asked_first(release, facts)]
    first = _first(facts)
    early = _early(facts, first)
    asked = [release for release in facts.played.releases if release.gated and _passed(release, facts)]
    if ungated:
        return "fail", f"Took traffic before its gate had passed: {listed(ungated)}."
    if early:
        return "fail", f"Answered before its gate had passed: {listed(version[:12] for version in early)}."
    if not asked:
        return "not played", "No release asked a version before traffic came."
    told = f"{len(first)} versions answered, each after its gate; {len(asked)} releases passed it."
    return "pass", told


def _asked_first(release: Release, facts: Facts) -> bool:
    """Whether the gate passed before each time that traffic began to move, and after the time before."""
    if not release.gated:
        return True
    times = _passed(release, facts)
    since = release.started
    for rise in rises(facts.shares.of_newcomer(release.started, release.ended)):
        if not any(since <= at <= rise + NOTICED for at in times):
            return False
        since = rise + NOTICED
    return True


def _passed(release: Release, facts: Facts) -> list[float]:
    """Return when the gate passed in a release."""
    return [float(event["at"]) for event in lifecycle(release, facts.played.events) if _has_passed(event)]


def _has_passed(event: Mapping[str, object]) -> bool:
    return event.get("event") in GATE and str(event.get("status", "")).casefold() == "succeeded"


def _early(facts: Facts, first: Mapping[str, float]) -> list[str]:
    """Return the versions that answered before any release of theirs had passed its gate."""
    played = facts.played
    passed = {played.first: played.start}
    for release in played.releases:
        times = _passed(release, facts)
        if release.version and (times or not release.gated):
            at = min(times, default=release.started)
            passed[release.version] = min(at, passed.get(release.version, at))
    return [v for v, at in first.items() if at < passed.get(v, float("inf")) - NOTICED]


def _first(facts: Facts) -> dict[str, float]:
    """Return when each version first answered."""
    first: dict[str, float] = {}
    for request in facts.requests.all:
        if request.version:
            first[request.version] = min(request.answered, first.get(request.version, request.answered))
    return first

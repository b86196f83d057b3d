"""The promise that every release ends as it should; a bad one in the way that it was played for.

A version that is to turn bad under traffic proves nothing when it never meets any: one that cannot start, or
that the gate refuses, is rolled back just as well.
"""

from typing import Final

from rehearsal.judge import losses
from rehearsal.judge.facts import Facts, Found, listed, verdict
from rehearsal.judge.played import Release
from rehearsal.judge.weights import rises

SLOW_MS: Final = 1000.0
"""From when on an answer of a bad version that loses nothing is bad."""


def judge(facts: Facts) -> Found:
    """Whether every release had the outcome that it should, and every bad one met clients."""
    releases = facts.played.releases
    off = [f"{one.id} {one.outcome}, not {one.expected}" for one in releases if not one.as_expected]
    off += [f"{one.id}: {why}" for one in releases if one.bad and (why := _untried(one, facts))]
    if not releases:
        return "not played", "No release was played."
    return verdict(not off), f"{listed(off)}." if off else f"All {len(releases)} releases did."


def _untried(release: Release, facts: Facts) -> str:
    """Return what a bad release failed to show; nothing when clients met it and an alarm turned it back."""
    began = rises(facts.shares.of_newcomer(release.started, release.ended))
    if not began or not _felt(release, facts):
        return "the bad version never met clients"
    red = [
        event
        for event in facts.played.events
        if event["kind"] == "alarm"
        and event.get("state") == "ALARM"
        and began[0] <= event["at"] <= release.ended
    ]
    if not red or (release.reason and "alarm" not in release.reason.casefold()):
        return "no alarm turned the bad version back"
    return ""


def _felt(release: Release, facts: Facts) -> bool:
    """Whether clients within the canary's share were let down as the version does it."""
    if release.fails_with:
        return bool(losses.within_share(release, facts.shares, facts.requests))
    met = losses.exposed(release, facts.shares, facts.requests)
    own = [request for request, _ in met if request.version == release.version]
    return any(request.lost or request.ms >= SLOW_MS for request in own)

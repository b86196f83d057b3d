"""The promise of latency: while traffic moves, clients wait hardly longer than when nothing happens.

Judged for each release and for all of them, because a slow shift would vanish among quick ones. A release on
which a fault was played counts among all of them only: tasks that die and start anew take their share of the
machine. A machine that is itself too slow shows nothing, and a promise of which nothing is shown is not kept.
"""

from typing import Final

from rehearsal.judge.facts import Facts, Found, listed, verdict
from rehearsal.judge.latency import Latency

MOST_SLOWER: Final = 2.0
"""How many times the steady p99 the p99 may be while traffic moves."""
PROMISE: Final = (
    "p99 while traffic moves (to the new version or back) is at most 2 times the steady p99, "
    "in each release without a fault and over all."
)
FEWEST: Final = 200
"""Requests that a p99 must rest on, else it shows nothing."""
NOISY_MS: Final = 100.0
"""Steady p99 above which nothing can be compared with it."""
LATE_MS: Final = 50.0
"""p99 of the load generator's own lag above which it was the machine that was slow.

Where traffic that moves was too slow, a lag says so that is as long as all that it may be slower by.
"""
_TOLD: Final = ("install", "bake")
"""Phases in which no traffic moves: their p99 is told, and not judged."""


def judge(facts: Facts) -> Found:
    """Whether the p99 while traffic moved was near the steady one, in each release and over all."""
    steady, moved = facts.latency.get("steady"), facts.moved
    if moved is None:
        return "not played", "No traffic was moved."
    struck = {release.id for release in facts.played.releases if release.fault}
    each = {name: own for name, own in facts.moving.items() if name not in struck}
    few = [name for name, own in (each or {"any release": moved}).items() if not _enough(own)]
    if steady is None or steady.p99 is None or not _enough(steady):
        return "fail", "Too few requests were answered while nothing happened to compare with."
    if few:
        return "fail", f"Too few requests were answered while traffic moved: {listed(few)}."
    told = _told(facts, steady, moved)
    most = MOST_SLOWER * steady.p99
    slow = [f"{own.p99:.1f} ms in {name}" for name, own in each.items() if (own.p99 or 0.0) > most]
    holds = not slow and (moved.p99 or 0.0) <= most
    late = LATE_MS if holds else min(LATE_MS, most - steady.p99)
    if noise := _noise(steady, max(steady.lag, moved.lag, *(own.lag for own in each.values())), late):
        return "fail", f"Too noisy to say: {noise}. {told}"
    return verdict(holds), f"{told} Slower: {listed(slow)}." if slow else told


def _enough(found: Latency) -> bool:
    return found.requests - found.lost >= FEWEST


def _noise(steady: Latency, lag: float, most: float) -> str:
    """Return why nothing can be compared here; nothing when it can.

    Args:
        steady: When nothing happened.
        lag: p99 of how late the load itself was, in milliseconds, where that was most.
        most: Above which it may account for what was slower.
    """
    reasons = []
    if (steady.p99 or 0.0) > NOISY_MS:
        reasons.append(f"the steady p99 is above {NOISY_MS:.0f} ms")
    if lag > most:
        reasons.append(f"k6 itself was up to {lag:.0f} ms late (p99)")
    return " and ".join(reasons)


def _told(facts: Facts, steady: Latency, moved: Latency) -> str:
    times = (moved.p99 or 0.0) / max(steady.p99 or 0.0, 0.1)
    others = [f"{facts.latency[name].p99 or 0:.1f} ms in {name}" for name in _TOLD if name in facts.latency]
    beside = f" Told, not judged: {', '.join(others)}." if others else ""
    return (
        f"{moved.p99 or 0:.1f} ms while traffic moved, {steady.p99 or 0:.1f} ms steady: {times:.2f} times; "
        f"k6's own lag was {max(steady.lag, moved.lag):.1f} ms.{beside}"
    )

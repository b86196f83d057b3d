"""The promises that every request is answered, and rightly."""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Final

from rehearsal.judge.facts import Facts, Found, clock, verdict
from rehearsal.judge.phases import phases
from rehearsal.judge.requests import Request

_REASONS: Final = 2
_LONGEST: Final = 80


def nothing_lost(facts: Facts) -> Found:
    """Whether every request got an answer, but for those that a bad version accounts for."""
    return _judge(facts, "failed", lambda request: request.verdict == "failed")


def nothing_wrong(facts: Facts) -> Found:
    """Whether every answer was right, but for those that a bad version accounts for."""
    return _judge(facts, "were answered wrongly", lambda request: request.verdict == "wrong")


def _judge(facts: Facts, word: str, is_one: Callable[[Request], bool]) -> Found:
    sent = len(facts.requests.all)
    inside, outside = (
        [one for one in part if is_one(one)] for part in (facts.loss.inside, facts.loss.outside)
    )
    if not sent:
        return "fail", "No request was sent."
    share = f" outside a bad version's canary share, {len(inside):,} within it" if inside else ""
    told = f"{len(outside):,} of {sent:,} requests {word}{share}."
    return verdict(not outside), f"{told} {_when_and_why(facts, outside)}" if outside else told


def _when_and_why(facts: Facts, lost: Sequence[Request]) -> str:
    """Tell the commonest reasons, from when until when, and what was going on."""
    reasons = Counter(request.reason[:_LONGEST] or "no reason" for request in lost).most_common(_REASONS)
    why = ", ".join(f"{reason} ({count:,})" for reason, count in reasons)
    first, last = min(one.due for one in lost), max(one.due for one in lost)
    start = facts.played.start
    during = dict.fromkeys(
        phase.name
        for phase in phases(facts.played)
        if any(phase.start <= request.due < phase.end for request in lost)
    )
    return f"Mostly: {why}; due from {clock(first - start)} to {clock(last - start)}, in {', '.join(during)}."

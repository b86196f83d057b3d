"""The promise that the load was there: what was never sent cannot have been lost.

The schedule is known, so what is missing from it can be counted: as many requests over new connections as
over kept ones, at a constant rate, single records and batches in turn.
"""

from collections.abc import Iterable
from itertools import pairwise, product
from typing import Final

from rehearsal.judge.facts import Facts, Found, listed
from rehearsal.judge.requests import Request

CONNECTIONS: Final = ("new", "reused")
KINDS: Final = ("single", "batch")
FEW: Final = 2
"""Requests at either end of a run that a count may be off by."""
STEPS: Final = 5
"""Steps of its schedule that may lie between two requests over the same sort of connection."""
LONGEST: Final = 1.0
"""Seconds that may lie between two requests of the same kind over the same sort of connection."""


def judge(facts: Facts) -> Found:
    """Whether all that was due was sent, or is known not to have been, at all times and of every kind."""
    played, every = facts.played, facts.requests.all
    if not every:
        return "fail", "No request was sent."
    if played.rate <= 0:
        return "fail", "Nobody told how many requests were due."
    missing = [*_missing(facts), *_silent(facts)]
    if abs(played.unaccounted) > FEW:
        missing.append(f"{played.unaccounted:,} requests could not be sent, and nobody knows when")
    if missing:
        return "fail", f"{listed(missing)}."
    told = f"All {len(every):,} requests that were due at {played.rate:g} per second are accounted for"
    return "pass", f"{told}, over new and reused connections, single and batch."


def _missing(facts: Facts) -> Iterable[str]:
    """Yield where another number of requests was sent than was due."""
    played = facts.played
    due = played.rate / 2 * (played.end - played.start)
    for connection in CONNECTIONS:
        sent = sum(request.connection == connection for request in facts.requests.all)
        if abs(sent - due) > FEW:
            yield f"{sent:,} requests over {connection} connections, not {due:,.0f}"


def _silent(facts: Facts) -> Iterable[str]:
    """Yield where nothing was sent for too long."""
    played = facts.played
    most = STEPS * 2 / played.rate
    for connection in CONNECTIONS:
        own = [request for request in facts.requests.all if request.connection == connection]
        if (pause := _pause(own, played.start, played.end)) > most:
            yield f"{pause:.2f} s without a request over {connection} connections"
    for connection, kind in product(CONNECTIONS, KINDS):
        own = [one for one in facts.requests.all if (one.connection, one.kind) == (connection, kind)]
        if (pause := _pause(own, played.start, played.end)) > LONGEST:
            yield f"{pause:.1f} s without a {kind} request over {connection} connections"


def _pause(requests: Iterable[Request], start: float, end: float) -> float:
    """Return the longest time between two of them, or between them and either end."""
    times = [start, *(request.due for request in requests), end]
    return max(after - before for before, after in pairwise(times))

"""Faults that lie in the version itself: it is shipped, and what it did is looked for afterwards."""

from rehearsal.faults.strike import Strike
from rehearsal.releases import Ended

_LATE_MS = 2500.0


def crashes(strike: Strike) -> Ended:
    """Ship a version whose tasks end by themselves."""
    ended = strike.ship()
    for event in strike.events("task", what="stopped", image=strike.image.digest):
        if event["exit_code"] == 1:  # what SIGTERM ends has 143
            strike.struck(f"a task ended with {event['exit_code']}", at=event["at"])
    return ended


def never_ready(strike: Strike) -> Ended:
    """Ship a version whose tasks run and are never healthy."""
    ended = strike.ship()
    if not strike.events("task", what="healthy", image=strike.image.digest):
        for event in strike.events("task", what="started", image=strike.image.digest):
            strike.struck("tasks ran, and none became healthy", at=event["at"])
    return ended


def wrong_answers(strike: Strike) -> Ended:
    """Ship a version that predicts something else than its model package."""
    ended = strike.ship()
    refused = strike.events("lifecycle", event="AfterAllowTestTraffic", status="Failed")
    if refused and "instead of" in strike.gate_log():
        strike.struck("the gate got a wrong prediction", at=refused[0]["at"])
    return ended


def takes_memory(strike: Strike) -> Ended:
    """Ship a version that takes more memory than its tasks have."""
    ended = strike.ship()
    for event in strike.events("task", what="killed", image=strike.image.digest):
        strike.struck("a task was killed for its memory", at=event["at"])
    return ended


def slow(strike: Strike) -> Ended:
    """Ship a version that is slow to clients only."""
    ended = strike.ship()
    for request in strike.requests():
        if request.version == strike.version.model and request.ms > _LATE_MS:
            strike.struck(f"a client waited {request.ms / 1000:.1f} s", at=request.due)
    return ended


def errors(strike: Strike) -> Ended:
    """Ship a version that fails clients only."""
    ended = strike.ship()
    for request in strike.requests():
        if request.status == 500:  # noqa: PLR2004 - what bad/errors_in_production.py answers
            strike.struck("a client got a 500", at=request.due)
    return ended

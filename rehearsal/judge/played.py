"""What the judge is told of a run: its releases and faults, and what each was meant to come to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Event = Mapping[str, Any]
"""A line of the timeline."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """One release as it was played."""

    id: str
    kind: str
    """`ship`, `rollback` or `promote`."""
    strategy: str
    engine: str
    expected: str
    """The outcome that it should have, in the words of the release's record."""
    outcome: str
    """The outcome that it had."""
    started: float
    """Unix time."""
    ended: float
    version: str
    """The model version that it rolls out; empty when it was refused before it could."""
    serves: str
    """The version that must take all traffic from its end on; empty when it must change nothing."""
    bad: bool = False
    """Whether the version turns bad under production traffic: it must meet some, an alarm must turn it back,
    and its canary share may lose requests. Not so for one that its gate, or its tasks' end, keeps from it."""
    fails_with: tuple[str, ...] = ()
    """Reasons, as the load tells them, with which a bad version lets clients down (`status 500: no`). None
    for one that is slow. Whatever is lost for another reason is not this version's doing."""
    gated: bool = True
    """Whether a hook asks the version before traffic comes; not so for a strategy without test traffic."""
    fault: str = ""
    """The fault during which it was played; empty for none."""
    reason: str = ""
    """Why it ended as it did, in the words of its record; empty when it shipped."""

    @property
    def as_expected(self) -> bool:
        """Whether it ended as it should."""
        return self.outcome == self.expected


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One fault of the catalogue as it was played."""

    name: str
    expected: str
    """What should come of it, for people."""
    observed: str
    """What came of it, for people."""
    passed: bool
    """Whether its detector found that it ended as it should; lost requests are counted by the judge."""
    started: float
    """Unix time."""
    ended: float
    recovered_s: float | None
    """Seconds from the fault until everything was as it should be; None when it never was."""
    bearable: int = 0
    """Most requests that it may cost beside a bad version's canary share: a task that dies has some."""
    struck: float | None = None
    """Unix time at which it struck; None when it never did, and then it may cost nothing."""
    speed: float | None = None
    """How fast AWS's waits went by in it, when not as in the rest of the run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """How long a target's end must take at least, in seconds of this machine."""

    drain: float
    """From its deregistration until it is told to end: its target groups' deregistration delay."""
    stop: float
    """From there until it is killed: its task definition's stop timeout."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """A whole run."""

    start: float
    """Unix time at which the load began."""
    end: float
    first: str
    """The version that served when the load began; it had passed its gate before."""
    releases: Sequence[Release]
    faults: Sequence[Fault]
    events: Sequence[Event]
    """The timeline, by time."""
    rate: float = 0.0
    """Requests per second that were to be sent, half of them over new connections. Without it the promise of
    the load is broken: nobody could tell what is missing."""
    unaccounted: int = 0
    """Requests that the load says it could not send, and that no line of it tells of."""
    due: Due | None = None
    """What the control plane describes; without it, whoever ends a task is believed how long that takes."""

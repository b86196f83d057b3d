"""What promises are judged by, and how their evidence is put into words."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from rehearsal.judge.latency import Latency
from rehearsal.judge.losses import Loss
from rehearsal.judge.played import Played
from rehearsal.judge.requests import Requests
from rehearsal.judge.weights import Shares

Verdict = Literal["pass", "fail", "not played"]
Found = tuple[Verdict, str]
"""A verdict, and in a sentence what it rests on."""
_NAMED: Final = 3


@dataclass(frozen=True, slots=True)
class Facts:
    """What the promises are judged by."""

    played: Played
    requests: Requests
    shares: Shares
    loss: Loss
    latency: Mapping[str, Latency]
    """Of each phase."""
    moving: Mapping[str, Latency]
    """Of each release, by its id, while traffic moved."""
    moved: Latency | None
    """Of all releases while traffic moved; None when none did."""


def verdict(holds: bool) -> Verdict:  # noqa: FBT001 - nothing but the answer
    """Return whether a promise was kept."""
    return "pass" if holds else "fail"


def listed(items: Iterable[str]) -> str:
    """Name the first few, and how many more there are."""
    names = list(items)
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more


def clock(seconds: float) -> str:
    """Return a time since the load began, as minutes and seconds."""
    minutes, rest = divmod(int(abs(seconds)), 60)
    return f"{'-' if seconds <= -1 else ''}{minutes}:{rest:02d}"

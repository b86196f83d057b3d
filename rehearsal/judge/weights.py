"""How the load balancer shared production traffic between the colours, over time."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Self

from rehearsal.judge.played import Event
from rehearsal.judge.requests import Request

ECHO: Final = 0.3
"""Seconds by which traffic may have moved before or after the timeline tells of it."""

Steps = Sequence[tuple[float, float]]
"""The newcomer's share over time: since when, which share."""


@dataclass(frozen=True, slots=True)
class Shares:
    """The share of production traffic of each colour, from 0 to 1, from each point in time on."""

    times: Sequence[float]
    shares: Sequence[Mapping[str, float]]

    @classmethod
    def of(cls, events: Sequence[Event]) -> Self:
        """Read the timeline's weights."""
        told = [event for event in events if event["kind"] == "weights" and event.get("production")]
        return cls([float(event["at"]) for event in told], [_shares(event["production"]) for event in told])

    def at(self, time: float) -> Mapping[str, float]:
        """Return the shares that held at a time; before the first, those of the first."""
        if not self.times:
            return {}
        return self.shares[max(0, bisect_right(self.times, time) - 1)]

    def of_newcomer(self, start: float, end: float) -> list[tuple[float, float]]:
        """Return the share that was not the live colour's at `start`, as (since when, share), up to `end`."""
        before = self.at(start)
        live = max(before, key=lambda colour: before[colour], default="")
        steps = [(start, 1 - before.get(live, 1.0))]
        for time, shares in zip(self.times, self.shares, strict=True):
            share = 1 - shares.get(live, 0.0)
            if start < time <= end and share != steps[-1][1]:
                steps.append((time, share))
        return steps


def share_at(steps: Steps, time: float) -> float:
    """Return the share that held at a time."""
    place = bisect_right(steps, time, key=_since) - 1
    return steps[place][1] if place >= 0 else 0.0


def met_by(steps: Steps, request: Request) -> set[float]:
    """Return every share that may have held while a request was under way."""
    start, end = request.left - ECHO, request.answered + ECHO
    first, last = (bisect_right(steps, at, key=_since) for at in (start, end))
    return {share_at(steps, start), *(share for _, share in steps[first:last])}


def rises(steps: Steps) -> list[float]:
    """Return each time at which the newcomer began to take traffic."""
    shares = [0.0, *(share for _, share in steps)]
    return [at for (at, share), before in zip(steps, shares, strict=False) if share > 0 >= before]


def _since(step: tuple[float, float]) -> float:
    return step[0]


def _shares(weights: Mapping[str, float]) -> dict[str, float]:
    total = sum(weights.values())
    return {colour: weight / total if total else 0.0 for colour, weight in weights.items()}

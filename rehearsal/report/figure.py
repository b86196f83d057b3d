"""A chart that is ready to be drawn, and the bars that stand in all of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rehearsal.report.charts import Bar, Frame, Label, Line, Tick, clock


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One chart, ready to be drawn."""

    frame: Frame
    height: float
    bars: Sequence[Bar] = ()
    lines: Sequence[Line] = ()
    bands: Sequence[Bar] = ()
    """Behind everything: when releases ran."""
    marks: Sequence[Bar] = ()
    """Before everything: single moments."""
    labels: Sequence[Label] = ()
    values: Sequence[Tick] = ()
    legend: Sequence[tuple[str, str]] = ()
    """Style and what it stands for."""

    @property
    def times(self) -> Sequence[Tick]:
        """The marks of the time axis."""
        return self.frame.times()


def span_bar(frame: Frame, y: float, span: Mapping[str, Any], words: str, phase: str, height: float) -> Bar:
    """Return a bar for a stretch of time in the style of a phase."""
    start, end = frame.x(span["t"]), frame.x(span["until_t"])
    title = f"{words}, {clock(span['t'])} to {clock(span['until_t'])}"
    return Bar(start, y, round(max(end - start, 1.0), 1), height, f"phase {phase}", title)


def stroke(frame: Frame, t: float, place: tuple[float, float], words: str, style: str) -> Bar:
    """Return a stroke for a single moment; `place` is where it begins and how high it is."""
    y, height = place
    return Bar(round(frame.x(t) - 0.5, 1), y, 1, height, style, f"{clock(t)} {words}")

"""The geometry of the report's charts: numbers in, shapes in SVG's units out; the template draws them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

WIDTH: Final = 960.0
LEFT: Final = 64.0
RIGHT: Final = 84.0
_STEPS: Final = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600)
_MOST_TICKS: Final = 12
_GRID: Final = 4


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark on an axis."""

    at: float
    label: str


@dataclass(frozen=True, slots=True)
class Label:
    """Words within a chart; `anchor` is SVG's: which end of them stands at x."""

    x: float
    y: float
    anchor: str
    text: str


@dataclass(frozen=True, slots=True)
class Bar:
    """A rectangle with a style and words for whoever points at it."""

    x: float
    y: float
    width: float
    height: float
    style: str
    title: str


@dataclass(frozen=True, slots=True)
class Line:
    """A line with a style and a name; its label stands at the right, where it does not cover another."""

    points: Sequence[str]
    """Pieces, for a line may have holes."""
    style: str
    name: str
    label_at: float


@dataclass(frozen=True, slots=True)
class Frame:
    """Where a chart's plane lies, and how time and values map to it."""

    seconds: float
    top: float
    height: float
    most: float = 1.0

    def x(self, t: float) -> float:
        """Return the place of a time."""
        share = min(max(t / self.seconds, 0.0), 1.0) if self.seconds else 0.0
        return round(LEFT + share * (WIDTH - LEFT - RIGHT), 1)

    def y(self, value: float) -> float:
        """Return the place of a value."""
        share = min(value / self.most, 1.0) if self.most else 0.0
        return round(self.top + self.height * (1 - share), 1)

    @property
    def bottom(self) -> float:
        """The place of the time axis."""
        return self.top + self.height

    def times(self) -> list[Tick]:
        """Return marks of the time axis, at round times."""
        step = next((step for step in _STEPS if self.seconds / step <= _MOST_TICKS), _STEPS[-1])
        return [Tick(self.x(t), clock(t)) for t in range(0, int(self.seconds) + 1, step)]

    def values(self, label: Callable[[float], str] = "{:g}".format) -> list[Tick]:
        """Return marks of the value axis."""
        marks = [self.most * part / _GRID for part in range(_GRID + 1)]
        return [Tick(self.y(value), label(value)) for value in marks]


def clock(t: float) -> str:
    """Return seconds since the load began as minutes and seconds: `1:05`."""
    return f"{int(t) // 60}:{int(t) % 60:02d}"


def stacked(
    frame: Frame, spans: Sequence[tuple[float, float, Sequence[tuple[str, str, float]]]]
) -> list[Bar]:
    """Return stacked bars, the first part at the bottom.

    Args:
        frame: The plane.
        spans: For each stretch of time its start, its end and its parts: style, words and value.
    """
    bars = []
    for start, end, parts in spans:
        floor = 0.0
        for style, title, value in parts:
            if value > 0:
                x, y = frame.x(start), frame.y(floor + value)
                # A hair wider than it is, or seams would show between neighbours.
                width = round(frame.x(end) - x + 0.3, 1)
                bars.append(Bar(x, y, width, round(frame.y(floor) - y, 1), style, title))
            floor += value
    return bars


def lines(
    frame: Frame, rows: Sequence[Mapping[str, Any]], names: Sequence[tuple[str, str, str]]
) -> list[Line]:
    """Return a line for each of these members of the rows.

    Args:
        frame: The plane.
        rows: Stretches of time with `t` and values; None makes a hole.
        names: Member, style and the name that people read; the uppermost line first.
    """
    found = []
    lowest = frame.top
    for member, style, name in names:
        known = [row[member] for row in rows if row[member] is not None]
        at = max(frame.y(known[-1]) if known else frame.bottom, lowest)
        found.append(Line(_pieces(frame, rows, member), style, name, at))
        lowest = at + 15
    over = max(0.0, lowest - 15 - frame.bottom)
    return [Line(line.points, line.style, line.name, line.label_at - over) for line in found]


def ceiling(value: float) -> float:
    """Return the next round number, for the upper end of an axis: 1, 2, 4, 8 times a power of ten."""
    power = 1.0
    while power * 10 <= value:
        power *= 10
    return next(power * factor for factor in (1, 2, 4, 8, 10) if power * factor >= value)


def _pieces(frame: Frame, rows: Sequence[Mapping[str, Any]], member: str) -> list[str]:
    pieces: list[list[str]] = [[]]
    for row in rows:
        if row[member] is None:
            pieces.append([])
        else:
            pieces[-1].append(f"{frame.x(row['t'])},{frame.y(row[member])}")
    return [" ".join(piece) for piece in pieces if piece]

"""Where things stand in a chart."""

import pytest

from rehearsal.report.charts import Bar, Frame, Tick, ceiling, clock, lines, stacked

FRAME = Frame(100, 10, 100, 50)


def test_time_and_values_map_to_the_plane() -> None:
    """From the left edge to the right one, from the bottom to the top; what is beyond stays at the edge."""
    assert [FRAME.x(t) for t in (-5, 0, 50, 100, 200)] == [64.0, 64.0, 470.0, 876.0, 876.0]
    assert [FRAME.y(value) for value in (0, 25, 50, 80)] == [110.0, 60.0, 10.0, 10.0]


def test_marks_stand_at_round_times() -> None:
    """No more than fit; minutes and seconds."""
    assert FRAME.times()[:3] == [Tick(64.0, "0:00"), Tick(145.2, "0:10"), Tick(226.4, "0:20")]
    assert [tick.label for tick in Frame(900, 0, 1).times()][:3] == ["0:00", "2:00", "4:00"]
    assert clock(3725.9) == "62:05"


def test_parts_are_stacked_from_the_bottom() -> None:
    """A part without a value leaves no bar."""
    bars = stacked(FRAME, [(0, 50, [("a", "ten", 10), ("b", "none", 0), ("c", "forty", 40)])])
    assert bars == [Bar(64.0, 90.0, 406.3, 20.0, "a", "ten"), Bar(64.0, 10.0, 406.3, 80.0, "c", "forty")]


def test_lines_have_holes_and_labels_that_do_not_meet() -> None:
    """A stretch without an answer breaks the line; labels stand 15 apart at least, and within the plane."""
    rows: list[dict[str, int | None]] = [
        {"t": 0, "a": 1, "b": 1},
        {"t": 50, "a": None, "b": 2},
        {"t": 100, "a": 1, "b": 1},
    ]
    upper, lower = lines(FRAME, rows, [("a", "s", "A"), ("b", "s", "B")])
    assert upper.points == ["64.0,108.0", "876.0,108.0"]
    assert lower.points == ["64.0,108.0 470.0,106.0 876.0,108.0"]
    assert (upper.label_at, lower.label_at) == (95.0, 110.0)


@pytest.mark.parametrize(("value", "expected"), [(0.5, 1), (1, 1), (3, 4), (9, 10), (200, 200), (201, 400)])
def test_axes_end_at_round_numbers(value: float, expected: float) -> None:
    """The smallest of 1, 2, 4, 8 times a power of ten that is enough."""
    assert ceiling(value) == expected

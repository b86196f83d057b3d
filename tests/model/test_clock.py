"""Cells as the plant writes them."""

import math
from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.clock import DAY, CellError, clock, excel_serial, number, span

CLOCKS = [
    ("21:00:00", 1260),
    ("0:00:00", 0),
    ("9:05", 545),
    (" 7:30:00 ", 450),
    ("24:00", 0),
    ("10:15:30", 615.5),
    (":30:00", 30),  # the step before was at 23:30, the one after at 1:30
    ("700", 420),  # before it 5:00, after it 7:30
    (700, 420),
    (1600.0, 960),
    ("1900/1/21 0:00", 1260),  # the next step is at 22:30
    ("1900/1/22 0:00", 1320),  # the next step is at 0:00
    ("1900/1/12 0:00", 720),  # the step before was at 11:00
    ("1900-01-21 00:00:00", 1260),
    ("1900/1/0 8:15", 495),
]

SPANS = [
    ("21:00-21:30", (1260, 1290)),
    ("23:30-0:30", (1410, 30)),
    ("14；00-14:30", (840, 870)),
    ("20;30-22；00", (1230, 1320)),
    ('22"00-0:00', (1320, 0)),
    ("6:00-6:30分", (360, 390)),
    ("14::30-15:30", (870, 930)),
    ("2:00-4::00", (120, 240)),
    ("6:30-7:0", (390, 420)),
    ("14:0-14:30", (840, 870)),
    ("19:-20:05", (1140, 1205)),
    ("15:00-1600", (900, 960)),
    ("18:00:-18:30", (1080, 1110)),
    ("16:00-17:002", (960, 1020)),
    ("21：00－21：30", (1260, 1290)),
    ("8:00 - 9:00", (480, 540)),
]

NO_CLOCKS = [
    *("25:61", "24:01", "7:60", "7:00:60", "7:5", "soon", "7", ":30", "21:00-21:30", "1900/13/1 0:00"),
    *("-700", "1900/2/30 0:00", "2700", "7.5", "", "12:00:00:00"),
]
NO_SPANS = [
    "21:00",
    "21:00-",
    "-",
    "21:00-21:30-22:00",
    "21:00-25:61",
    "21-22",
    "1900/1/21 0:00",
    "6:00-6:30分分",
]


@pytest.mark.parametrize(("cell", "minutes"), CLOCKS)
def test_clock_is_read(cell: object, minutes: float) -> None:
    """A time of day is read, also with the slips that the published file has."""
    assert clock(cell) == minutes


@pytest.mark.parametrize("cell", ["1900/1/29 0:00", "1900/3/13 0:00", "1900/1/9 7:00", "1900/1/1 2:30"])
def test_date_that_was_no_hour_says_nothing(cell: str) -> None:
    """A spreadsheet's date that cannot have been a time of day counts as missing, not as a guess."""
    assert math.isnan(clock(cell))


@pytest.mark.parametrize("cell", [*NO_CLOCKS, True, None, 7.25, [700], 10**400, math.inf])
def test_what_is_no_clock_is_refused(cell: object) -> None:
    """Whatever is not known to be a time is refused, with the cell in the reason."""
    with pytest.raises(CellError, match="is not a time"):
        clock(cell)


@pytest.mark.parametrize(
    "read_and_cell",
    [
        *(
            (clock, cell)
            for cell in ("２１:00:00", "٢١:٠٠", "７00", "1900/1/２1 0:00", "：３0：00", "19：０")
        ),
        *((clock, cell) for cell in ("18:00:３", "18:0０:")),
        *((span, cell) for cell in ("21:00-２１:30", "２１:00-21:30")),
        *((number, cell) for cell in ("２１", "1900/3/１0 0:00")),
    ],
)
def test_digits_are_those_of_ascii(read_and_cell: tuple[Callable[[object], object], str]) -> None:
    """Digits of other scripts are refused in times as in numbers, while full-width punctuation is known."""
    read, cell = read_and_cell
    with pytest.raises(CellError):
        read(cell)


@pytest.mark.parametrize(("cell", "minutes"), SPANS)
def test_span_is_read(cell: str, minutes: tuple[float, float]) -> None:
    """A span is read, also across midnight and with the slips that the published file has."""
    assert span(cell) == minutes


@pytest.mark.parametrize("cell", [*NO_SPANS, 700, None])
def test_what_is_no_span_is_refused(cell: object) -> None:
    """Whatever is not known to be a span is refused."""
    with pytest.raises(CellError):
        span(cell)


@given(st.integers(0, DAY - 1))
def test_every_minute_reads_back(minute: int) -> None:
    """Each minute of the day is read from the way it is written."""
    assert clock(f"{minute // 60}:{minute % 60:02d}:00") == minute


@given(st.text(max_size=12))
def test_garbage_is_refused_in_words(text: str) -> None:
    """Any text is a time of day, says nothing, or is refused with a reason; nothing else can happen."""
    with suppress(CellError):
        minutes = clock(text)
        assert math.isnan(minutes) or 0 <= minutes < DAY


@pytest.mark.parametrize(
    ("cell", "value"),
    [("3.5", 3.5), (" 80 ", 80), ("-1e2", -100), (".5", 0.5), (7, 7), (0.2, 0.2), ("1900/3/10 0:00", 70)],
)
def test_number_is_read(cell: object, value: float) -> None:
    """A number is read, also one that a spreadsheet turned into a date."""
    assert number(cell) == value


NO_NUMBERS = ["abc", "1,5", "1_000", "0x10", "nan", "-Infinity", "1e999", "1900/3/10 7:00"]


@pytest.mark.parametrize("cell", [*NO_NUMBERS, True, None, float("nan"), float("inf"), 10**400])
def test_what_is_no_number_is_refused(cell: object) -> None:
    """Text, truth values and numbers without end are no numbers."""
    with pytest.raises(CellError, match="number"):
        number(cell)


@pytest.mark.parametrize(
    ("date", "serial"),
    [
        ("1900/1/1", (1, 0)),
        ("1900/2/28 0:00", (59, 0)),
        ("1900/2/29", (60, 0)),
        ("1900/3/1", (61, 0)),
        ("1901/1/1", None),
    ],
)
def test_days_count_as_in_excel(date: str, serial: tuple[int, float] | None) -> None:
    """Days count from 1900 and through the 29 February that Excel believes in."""
    assert excel_serial(date) == serial


@pytest.mark.parametrize("read", [number, clock, span])
@pytest.mark.parametrize("value", ["9" * 5000, "x" * 5000, ["x" * 5000] * 99, {"x": "y" * 5000}])
def test_long_value_is_cut_short(read: Callable[[object], object], value: object) -> None:
    """A value without end is refused with its beginning alone or its two ends."""
    with pytest.raises(CellError) as error:
        read(value)
    assert "..." in str(error.value)
    assert len(str(error.value)) < 700


def test_number_is_refused_as_it_was_written() -> None:
    """What was written is told, not what became of it."""
    with pytest.raises(CellError, match="'1e999' is not a finite number"):
        number("1e999")

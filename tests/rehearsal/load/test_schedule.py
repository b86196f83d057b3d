"""When requests were due, worked out from what k6 numbers and when it sent it."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from rehearsal.load.schedule import UNENDED, UNSENT, complete, left_out, settle

START = 1000.0


def line(number: int, *, lag: float = 0.0, ms: float = 3.0, connection: str = "new") -> dict[str, Any]:
    """A line as k6 prints it at 20 requests per second: every tenth of a second one of each connection."""
    due = START + number / 10
    told = {"due": due, "ms": ms, "connection": connection, "kind": "single", "body": 0, "status": 200}
    return {**told, "version": "v1", "verdict": "ok", "reason": "", "number": number, "lag": lag}


def test_what_was_not_sent_has_a_line_of_its_own() -> None:
    """After two that were left out, the numbers are two steps behind, and the latency was 3 ms."""
    lines = [line(0), line(1), line(2, lag=200.0, ms=203.0), line(3, lag=204.0, ms=207.0)]
    settled = settle(lines, rate=20, end=START + 0.6, dropped=2)
    assert [(one["due"], one["ms"], one["reason"]) for one in settled] == [
        (1000.0, 3.0, ""),
        (1000.1, 3.0, ""),
        (1000.2, 0.0, UNSENT),
        (1000.3, 0.0, UNSENT),
        (1000.4, 3.0, ""),
        (1000.5, 7.0, ""),
    ]
    assert [one["verdict"] for one in settled if one["reason"]] == ["failed", "failed"]


def test_what_was_left_out_is_counted_beyond_the_end_too() -> None:
    """k6 counts until it is stopped; what no lag shows is accounted for by no line."""
    lines = [line(0), line(1), line(2, lag=200.0), line(3, lag=204.0)]
    kept = [line(0, connection="reused"), line(1, lag=100.0, connection="reused")]
    assert left_out([*lines, *kept], rate=20, dropped=3) == 3
    assert left_out([line(0), line(1)], rate=20, dropped=50) == 0
    assert left_out([], rate=20, dropped=1) == 0


def test_a_late_start_is_latency_and_no_gap() -> None:
    """Where k6 left nothing out, what it sent late was late."""
    lines = [line(0), line(1, lag=250.0, ms=260.0), line(2, lag=150.0, ms=160.0)]
    assert [one["ms"] for one in settle(lines, rate=20, end=START + 0.3, dropped=0)] == [3.0, 260.0, 160.0]


def test_what_never_ended_has_failed() -> None:
    """A number that is missing, in the middle or at the end, is a request without an answer."""
    settled = settle([line(0), line(2)], rate=20, end=START + 0.4, dropped=0)
    assert [(one["due"], one["verdict"], one["reason"]) for one in settled] == [
        (1000.0, "ok", ""),
        (1000.1, "failed", UNENDED),
        (1000.2, "ok", ""),
        (1000.3, "failed", UNENDED),
    ]


def test_nothing_is_told_of_what_was_due_after_the_end() -> None:
    """The load goes on while it waits for answers; what it sent meanwhile does not count."""
    assert [one["due"] for one in settle([line(0), line(1)], rate=20, end=START + 0.1, dropped=0)] == [START]


def test_a_load_is_complete_when_nothing_earlier_is_under_way() -> None:
    """Both kinds of connection have come past the end, and none of their numbers is missing before it."""
    kept = [line(number, connection="reused") for number in range(3)]
    assert complete([line(0), line(1), *kept], end=START + 0.1)
    assert not complete([line(0), *kept], end=START + 0.1)
    assert not complete([line(1), *kept], end=START + 0.1)
    assert not complete([line(0), line(1)], end=START + 0.1)


@given(
    st.lists(st.booleans(), min_size=3, max_size=60), st.lists(st.integers(0, 85), min_size=60, max_size=60)
)
def test_whatever_is_left_out_is_found(sent: list[bool], jitter: list[int]) -> None:
    """Any may be left out: every time has its line, and what was sent keeps its latency."""
    sent = [True, *sent, True]
    due = [place for place, was in enumerate(sent) if was]
    late = [*jitter[: len(due) - 1], 0]
    lines = [
        line(number, lag=(place - number) * 100 + late[number], ms=(place - number) * 100 + late[number] + 3)
        for number, place in enumerate(due)
    ]
    settled = settle(lines, rate=20, end=START + len(sent) / 10 - 0.05, dropped=sent.count(False))
    assert [one["verdict"] == "ok" for one in settled] == sent
    assert [round(one["ms"] - 3, 2) for one in settled if one["verdict"] == "ok"] == [
        round(x, 2) for x in late
    ]

"""When each request was due, also when some before it could not be sent.

k6 numbers the requests that it sends and leaves out those for which it had no sender, so after a gap the
numbers run behind the schedule by exactly the gap. A request starts at its time or a little later, never
earlier. So what all later requests of a scenario lag behind at least, in whole steps, was left out before.
"""

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

UNSENT: Final = "not sent: every sender was waiting for an answer"
UNENDED: Final = "no answer"
_MILLISECONDS: Final = 1000.0
_CLOCK: Final = 0.1
"""What a lag may be too short by, in steps: the clock counts whole milliseconds."""

Line = dict[str, Any]


def settle(lines: Iterable[Mapping[str, Any]], *, rate: float, end: float, dropped: int) -> list[Line]:
    """Return a line for every request that was due before `end`, by the time at which it was due.

    Args:
        lines: What k6 printed.
        rate: Requests per second, of both scenarios together.
        end: Unix time; nothing that is due later is told.
        dropped: How many requests k6 says it could not send. A lag is no gap where it names none.
    """
    given = [dict(line) for line in lines]
    settled: list[Line] = []
    for connection in ("new", "reused"):
        own = sorted((line for line in given if line["connection"] == connection), key=_number)
        settled += _settled(own, step=2.0 / rate, end=end, dropped=dropped)
    return sorted((line for line in settled if line["due"] < end), key=lambda line: float(line["due"]))


def left_out(lines: Iterable[Mapping[str, Any]], *, rate: float, dropped: int) -> int:
    """Return how many requests the lines show to have been left out, also of those due after the end."""
    given = [dict(line) for line in lines]
    found = 0
    for connection in ("new", "reused"):
        own = sorted((line for line in given if line["connection"] == connection), key=_number)
        found += max(_gaps(own, step=2.0 / rate, dropped=dropped), default=0)
    return found


def complete(lines: Iterable[Mapping[str, Any]], *, end: float) -> bool:
    """Whether every request that was due before `end` has come to an end."""
    for connection in ("new", "reused"):
        own = [line for line in lines if line["connection"] == connection]
        later = [line["number"] for line in own if line["due"] + line["lag"] / _MILLISECONDS >= end]
        if not later or len({line["number"] for line in own if line["number"] < min(later)}) < min(later):
            return False
    return True


def dumped(lines: Iterable[Mapping[str, Any]]) -> str:
    """Return lines as text, one line each."""
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)


def _settled(own: Sequence[Line], *, step: float, end: float, dropped: int) -> list[Line]:
    if not own:
        return []
    start = own[0]["due"] - own[0]["number"] * step
    settled: list[Line] = []
    place, gap = 0, 0
    for line, gap_before in zip(own, _gaps(own, step=step, dropped=dropped), strict=True):
        due = line["number"] + gap_before
        unsent = gap_before - gap
        reasons = [UNSENT] * unsent + [UNENDED] * (due - place - unsent)
        settled += [_missing(line, start + at * step, why) for at, why in enumerate(reasons, place)]
        settled.append(_moved(line, gap_before * step))
        place, gap = due + 1, gap_before
    silent = range(place, max(place, math.ceil((end - start) / step)))
    return settled + [_missing(own[-1], start + at * step, UNENDED) for at in silent]


def _gaps(own: Sequence[Line], *, step: float, dropped: int) -> list[int]:
    """Return how many requests had been left out before each of these."""
    gaps: list[int] = []
    least = float(dropped)
    for line in reversed(own):
        least = min(least, line["lag"] / _MILLISECONDS / step)
        gaps.append(int(least + _CLOCK))
    return gaps[::-1]


def _moved(line: Line, seconds: float) -> Line:
    late = seconds * _MILLISECONDS
    moved = {"due": line["due"] + seconds, "ms": line["ms"] - late, "lag": line["lag"] - late}
    return line | {name: round(value, 3) for name, value in moved.items()}


def _missing(like: Line, due: float, reason: str) -> Line:
    told = {
        "due": round(due, 3),
        "ms": 0.0,
        "status": 0,
        "version": "",
        "verdict": "failed",
        "reason": reason,
    }
    return {"connection": like["connection"], "kind": like["kind"], "body": -1} | told | {"lag": 0.0}


def _number(line: Mapping[str, Any]) -> int:
    number: int = line["number"]
    return number

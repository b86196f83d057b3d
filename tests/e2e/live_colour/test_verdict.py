import json
from pathlib import Path
from typing import Any

import pytest

from .verdict import Expected, Kind, complete, judge, read

EXPECTED = Expected({"blue": "b", "green": "g"}, {"blue": [[1.0]], "green": [[2.0]]})
RIGHT: dict[str, Any] = {"count": 0, "at": 10.0, "seconds": 0.1, "kind": "new", "body": 0, "status": 200}


def answered(version: str, prediction: float) -> dict[str, Any]:
    """A line whose answer has this version and prediction."""
    return RIGHT | {"answer": {"prediction": prediction, "model": {"version": version}}}


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        (answered("b", 1.0), None),
        (answered("b", 1.0) | {"seconds": 2.5}, "late"),
        (answered("g", 2.0), "wrong colour"),
        (answered("b", 2.0), "wrong"),
        (answered("x", 1.0), "wrong"),
        (RIGHT | {"status": 0, "error": "ConnectionResetError"}, "lost"),
        (RIGHT | {"status": 503, "answer": "no healthy upstream"}, "lost"),
        (RIGHT | {"status": 422, "answer": {}}, "wrong"),
    ],
)
def test_every_request_that_was_not_answered_rightly_is_a_fault(
    tmp_path: Path, line: dict[str, Any], fault: Kind | None
) -> None:
    """Of the kind that says what was wrong; while blue is live, green's right answer is one too."""
    file = tmp_path / "lines"
    file.write_text(json.dumps(line) + "\n" + '{"count": 1', encoding="utf-8")
    verdict = judge("a test", read(file, EXPECTED), window=(9.0, 11.0), allowed=["blue"])
    assert [kind for kind, found in verdict.faults.items() if found] == ([fault] if fault else [])
    assert verdict.faultless is (fault is None)


def test_requests_outside_the_window_are_not_judged(tmp_path: Path) -> None:
    """What was due before or after belongs to another verdict."""
    file = tmp_path / "lines"
    file.write_text(json.dumps(answered("g", 2.0)) + "\n", encoding="utf-8")
    verdict = judge("a test", read(file, EXPECTED), window=(11.0, 12.0), allowed=["blue"])
    assert (verdict.faultless, len(verdict.requests)) == (True, 0)


def test_nothing_is_judged_while_a_request_that_was_due_is_under_way(tmp_path: Path) -> None:
    """A request that hangs is not overlooked because a later one came back."""
    file = tmp_path / "lines"
    lines = [answered("b", 1.0) | {"count": count, "at": 10.0 + count} for count in (0, 2, 3)]
    file.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    assert complete(read(file, EXPECTED), until=11.0) is False
    with file.open("a", encoding="utf-8") as output:
        output.write(json.dumps(answered("b", 1.0) | {"count": 1, "at": 11.0}) + "\n")
    assert complete(read(file, EXPECTED), until=11.0) is True

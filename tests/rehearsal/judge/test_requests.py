"""The load's lines are read as they are written."""

import json
from pathlib import Path

from rehearsal.judge.requests import Request, Requests


def test_lines_are_read_in_order_and_half_a_line_is_left(tmp_path: Path) -> None:
    """By the time at which each was due, with what other members a line has left out."""
    line = {
        "due": 2.0,
        "ms": 1.5,
        "connection": "new",
        "kind": "single",
        "body": 0,
        "status": 200,
        "version": "v1",
        "verdict": "ok",
        "reason": "",
        "number": 7,
        "lag": 1,
    }
    early = line | {"due": 1.0, "verdict": "failed", "lag": 0}
    path = tmp_path / "load.jsonl"
    path.write_text(f'{json.dumps(line)}\n{json.dumps(early)}\n{{"due": 3', encoding="utf-8")
    requests = Requests.read(path)
    assert [(one.due, one.lost) for one in requests.all] == [(1.0, True), (2.0, False)]
    assert requests.between(1.5, 9) == [
        Request(2.0, 1.5, "new", "single", 0, 200, "v1", "ok", "", 1),
    ]
    assert requests.all[1].answered == 2.0015

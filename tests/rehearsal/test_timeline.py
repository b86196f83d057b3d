from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from rehearsal.timeline import NAME, Timeline


def test_what_is_added_is_read_back_by_time(tmp_path: Path) -> None:
    """Whatever order it was written in, with every detail and any alphabet."""
    timeline = Timeline.of(tmp_path)
    timeline.add("task", "收率 gone", at=2.0, what="stopped")
    timeline.add("weights", "90 to blue", at=1.5, production={"blue": 90, "green": 10})
    assert timeline.read() == [
        {"at": 1.5, "kind": "weights", "text": "90 to blue", "production": {"blue": 90, "green": 10}},
        {"at": 2.0, "kind": "task", "text": "收率 gone", "what": "stopped"},
    ]


def test_nobody_cuts_anothers_line(tmp_path: Path) -> None:
    """Lines of many writers stand whole, however long they are."""
    timeline = Timeline.of(tmp_path)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: timeline.add("note", f"{number} " * 3000, number=number), range(64)))
    found = timeline.read()
    assert sorted(event["number"] for event in found) == list(range(64))
    assert all(event["text"] == f"{event['number']} " * 3000 for event in found)


def test_a_line_that_is_half_written_is_left_for_later(tmp_path: Path) -> None:
    """And a run that has not begun has no events."""
    timeline = Timeline.of(tmp_path)
    assert timeline.read() == []
    timeline.add("note", "whole", at=1.0)
    with (tmp_path / NAME).open("a", encoding="utf-8") as file:
        file.write('{"at": 2.0, "kind": "no')
    assert timeline.read() == [{"at": 1.0, "kind": "note", "text": "whole"}]

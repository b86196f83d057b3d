"""What an act can reach, and that it is put back."""

import json
import threading
import time
from pathlib import Path

import pytest

from rehearsal.errors import StepFailed

from .stand_in import BLUE_TO_GREEN, NEW, OLD, StandIn, answered, task


def test_the_first_trace_counts(tmp_path: Path) -> None:
    """The time to recover begins with it."""
    strike = StandIn(tmp_path).strike()
    strike.struck("a task ended", at=10.0)
    strike.struck("another one", at=11.0)
    assert strike.hit is not None
    assert (strike.hit.at, strike.hit.trace) == (10.0, "a task ended")


def test_what_was_changed_is_put_back_last_first(tmp_path: Path) -> None:
    """Also when one of them fails."""
    strike, done = StandIn(tmp_path).strike(), list[str]()

    def fail() -> None:
        done.append("failed")
        raise StepFailed("refused")

    strike.finally_do(lambda: done.append("first"))
    strike.finally_do(fail)
    strike.finally_do(lambda: done.append("last"))
    with pytest.raises(StepFailed):
        strike.close()
    assert done == ["last", "failed", "first"]


def test_a_moment_that_does_not_come_is_said(tmp_path: Path) -> None:
    """Rather than waited for."""
    with pytest.raises(StepFailed, match=r"A red alarm did not come within 0 s\."):
        StandIn(tmp_path).strike().until(lambda: None, "A red alarm", seconds=0.0)


def test_the_canary_is_awaited_and_not_taken_for_what_was_there(tmp_path: Path) -> None:
    """Before it, all traffic goes to one colour; then the other has a share."""
    stand_in = StandIn(tmp_path, [BLUE_TO_GREEN[0]])
    stand_in.strike().ship()
    strike = stand_in.strike()
    with pytest.raises(StepFailed, match="Production traffic for the new version"):
        strike.until(strike.is_shared, "Production traffic for the new version", seconds=0.2)
    StandIn(tmp_path, [BLUE_TO_GREEN[1]]).strike().ship()
    strike.canary()


def test_only_tasks_that_are_well_can_be_struck(tmp_path: Path) -> None:
    """By their image."""
    strike = StandIn(
        tmp_path, [task("started", OLD), task("healthy", OLD), task("healthy", NEW), task("draining", NEW)]
    ).strike()
    strike.ship()
    assert [event["what"] for event in strike.tasks(OLD)] == ["healthy"]
    assert strike.tasks(NEW) == []


def test_requests_under_way_are_waited_for(tmp_path: Path) -> None:
    """One that is given up after seconds counts for the moment at which it was due."""
    strike = StandIn(tmp_path).strike()
    line = answered(status=0, verdict="failed", version="")

    def give_up() -> None:
        time.sleep(0.6)
        (tmp_path / "load.jsonl").write_text(json.dumps(line) + "\n", encoding="utf-8")

    late = threading.Thread(target=give_up)
    late.start()
    found = strike.requests_until(strike.began + 2.0, rate=1)
    late.join()
    assert [request.verdict for request in found] == ["failed"]


def test_a_line_of_the_load_that_was_half_written_when_it_began_is_left_out(tmp_path: Path) -> None:
    """And every one that came after is read."""
    (tmp_path / "load.jsonl").write_text('{"due": 1.0, "m', encoding="utf-8")
    strike = StandIn(tmp_path, lines=[answered(ms=1.0), answered(ms=2.0)]).strike()
    with (tmp_path / "load.jsonl").open("a", encoding="utf-8") as load:
        load.write('s": 9.0}\n')
    strike.ship()
    assert [request.ms for request in strike.requests()] == [1.0, 2.0]

"""However a rehearsal ends, it leaves nothing behind."""

import signal
import time
from pathlib import Path

import pytest

from rehearsal import processes, workspace

from .conftest import ROOT, Stage

pytestmark = pytest.mark.slow

PHASES = ("train", "control plane", "synth", "bootstrap", "deploy", "traffic", "first release")


@pytest.mark.parametrize("phase", PHASES)
def test_ctrl_c_in_any_phase_leaves_nothing_behind(stage: Stage, phase: str) -> None:
    """Exit code 130, a sentence, and no process or folder of the run."""
    running = stage.start()
    running.wait_for(f"… {phase}")
    running.interrupt()
    assert running.finish() == 130, running.said()
    assert "interrupted by SIGINT" in running.said()
    assert "Traceback" not in running.said()
    stage.assert_nothing_remains()


def test_a_second_ctrl_c_does_not_cut_the_cleaning_short(stage: Stage) -> None:
    """Impatience does not leave processes behind."""
    running = stage.start()
    running.wait_for("… synth")
    running.interrupt()
    for _ in range(5):
        running.interrupt()
    assert running.finish() == 130, running.said()
    stage.assert_nothing_remains()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_being_told_to_end_leaves_nothing_behind(stage: Stage, number: signal.Signals) -> None:
    """A service manager and a closed terminal are heard as Ctrl-C is."""
    running = stage.start()
    running.wait_for("… control plane")
    running.interrupt(number)
    assert running.finish() == 130, running.said()
    stage.assert_nothing_remains()


def test_bad_records_are_the_callers_to_mend(stage: Stage, tmp_path: Path) -> None:
    """Exit code 2, and one sentence that names file, row and column; nothing remains."""
    bad = tmp_path / "bad.csv"
    text = stage.data.read_text(encoding="utf-8").splitlines()
    row = dict(zip(text[0].split(","), text[3].split(","), strict=True)) | {"A6": "hot"}
    bad.write_text("\n".join([*text[:3], ",".join(row.values())]), encoding="utf-8")
    running = stage.start("--data", str(bad))
    assert running.finish() == 2, running.said()
    last = running.said().splitlines()[-1]
    assert last.endswith(f"{bad}, row 4, column A6: 'hot' is not a number; mend the cell.")
    stage.assert_nothing_remains()


def test_the_next_rehearsal_clears_what_kill_9_left(stage: Stage) -> None:
    """A run that could not clean up is cleaned up after; its processes and folders are gone."""
    killed = stage.start()
    killed.wait_for("… deploy")
    left = processes.of_marker(stage.marker)
    killed.process.kill()
    killed.process.communicate()
    assert left
    following = stage.start()
    following.wait_for("… train")
    assert [process.pid for process in left if process.is_running()] == []
    assert len(list(stage.home.glob("run-*"))) == 1
    following.interrupt()
    assert following.finish() == 130
    stage.assert_nothing_remains()


def test_a_rehearsal_ends_when_its_parent_is_killed(stage: Stage) -> None:
    """`make` cannot pass `kill -9` on, so the rehearsal notices that its parent is gone."""
    running = stage.start(by_make=True)
    running.wait_for("… synth")
    running.process.kill()
    running.process.communicate()
    deadline = time.monotonic() + 20
    while "interrupted by SIGTERM" not in running.said():
        assert time.monotonic() < deadline, running.said()
        time.sleep(0.1)
    with workspace.opened(ROOT, stage.build) as space:
        workspace.close(space)
    stage.assert_nothing_remains()

import os
import sys
import time
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from rehearsal import processes, timeline, workspace
from rehearsal.errors import Busy, Misuse, StepFailed
from rehearsal.isolation import MARKER
from rehearsal.timeline import Timeline

SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]
IGNORE = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN)"
STUBBORN = [sys.executable, "-c", f"{IGNORE}; print('up', flush=True); time.sleep(60)"]


def environment(marker: str) -> dict[str, str]:
    """The little that a Python process needs, and the marker."""
    return {"PATH": os.environ["PATH"], MARKER: marker}


@pytest.mark.slow
def test_what_a_killed_run_left_behind_is_gone_when_the_next_one_starts(tmp_path: Path) -> None:
    """Processes and folders of a run that died without cleaning up are found by their marker."""
    left = tmp_path / "rehearsal" / "run-1-a"
    left.mkdir(parents=True)
    orphan = processes.start(
        "orphan", SLEEP, environment=environment(str(left)), cwd=tmp_path, log=left / "log"
    )
    with workspace.opened(tmp_path, tmp_path) as space:
        assert orphan.process.poll() is not None
        assert not left.exists()
        assert space.temporary.is_dir()


@pytest.mark.slow
def test_a_process_of_another_build_folder_is_left_alone(tmp_path: Path) -> None:
    """Two checkouts on one machine do not end each other's rehearsals."""
    (tmp_path / "other").mkdir()
    other = processes.start(
        "other",
        SLEEP,
        environment=environment(str(tmp_path / "other" / "rehearsal" / "run-1-a")),
        cwd=tmp_path,
        log=tmp_path / "log",
    )
    try:
        assert workspace.stop(tmp_path / "other-one") == 0
        with workspace.opened(tmp_path, tmp_path / "mine"):
            assert other.process.poll() is None
    finally:
        other.process.kill()
        other.process.wait()


@pytest.mark.slow
def test_a_process_that_ignores_sigterm_is_killed(tmp_path: Path) -> None:
    """Nothing that a rehearsal started can refuse to end."""
    program = processes.start(
        "stubborn", STUBBORN, environment=environment("stubborn"), cwd=tmp_path, log=tmp_path / "log"
    )
    while "up" not in program.tail():
        time.sleep(0.02)
    assert processes.end([psutil.Process(program.process.pid)], grace=0.3) == 1
    program.process.wait()
    assert not psutil.pid_exists(program.process.pid)


@pytest.mark.slow
def test_a_program_that_fails_shows_the_end_of_its_output(tmp_path: Path) -> None:
    """The person at the terminal need not look for a log."""
    command = [sys.executable, "-c", "print('the reason'); raise SystemExit(3)"]
    with pytest.raises(StepFailed, match=r"exit code 3(?s:.*)the reason"):
        processes.run(
            "it", command, environment=environment("x"), cwd=tmp_path, log=tmp_path / "log", timeout=30
        )


@pytest.mark.slow
def test_a_program_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    """Every wait of a rehearsal is bounded."""
    with pytest.raises(StepFailed, match="more than 0 s"):
        processes.run(
            "it", SLEEP, environment=environment("too-long"), cwd=tmp_path, log=tmp_path / "log", timeout=0.2
        )
    assert processes.of_marker("too-long") == []


def test_a_second_run_in_the_same_folder_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two runs would end each other's processes, so the second waits and then says why it cannot start."""
    monkeypatch.setattr(workspace, "_WAIT_SECONDS", 0.0)
    with (
        workspace.opened(tmp_path, tmp_path),
        pytest.raises(Busy, match="running"),
        workspace.opened(tmp_path, tmp_path),
    ):
        pass


def test_closing_removes_the_run_and_keeps_its_logs(tmp_path: Path) -> None:
    """After a run only its logs and its report remain; the logs of a second stage as well."""
    with workspace.opened(tmp_path, tmp_path) as space:
        space.log("deploy").write_text("a line\n", encoding="utf-8")
        second = replace(space, run=space.run / "production")
        second.run.mkdir()
        Timeline.of(second.run).add("note", "it begins")
        second.log("region").touch()
        (space.temporary / "npm.log").touch()
        workspace.close(space)
        assert not space.run.exists()
    logs = tmp_path / "rehearsal" / "logs"
    kept = {str(path.relative_to(logs)) for path in logs.rglob("*") if path.is_file()}
    assert kept == {"deploy.log", "production/region.log", f"production/{timeline.NAME}"}
    assert (logs / "deploy.log").read_text(encoding="utf-8") == "a line\n"


@pytest.mark.slow
def test_logs_that_cannot_be_kept_hinder_no_cleaning(tmp_path: Path) -> None:
    """A file stands where the logs should go; the run's program is ended all the same."""
    with workspace.opened(tmp_path, tmp_path) as space:
        program = processes.start(
            "it", SLEEP, environment=environment(space.marker), cwd=tmp_path, log=space.log("it")
        )
        space.logs.touch()
        workspace.close(space)
        assert program.process.poll() is not None
        assert not space.run.exists()


@pytest.mark.slow
def test_a_kept_rehearsal_is_ended_though_its_folder_was_removed(tmp_path: Path) -> None:
    """`rm -rf build` by hand does not hide what still runs."""
    marker = str(tmp_path / "rehearsal" / "run-1-a")
    program = processes.start(
        "it", SLEEP, environment=environment(marker), cwd=tmp_path, log=tmp_path / "log"
    )
    assert workspace.stop(tmp_path) == 1
    assert program.process.poll() is not None


def test_a_build_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    """A file where the folder should be is a sentence, not a traceback."""
    (tmp_path / "file").touch()
    with pytest.raises(Misuse, match="cannot write"), workspace.opened(tmp_path, tmp_path / "file"):
        pass

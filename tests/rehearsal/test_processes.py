"""Programs of a run, and waiting for them."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from rehearsal import processes
from rehearsal.errors import StepFailed
from rehearsal.processes import Program


@contextmanager
def running(folder: Path, script: str) -> Iterator[Program]:
    """Run a script of the shell."""
    log = folder / "log"
    program = processes.start("it", ["/bin/sh", "-c", script], environment={}, cwd=folder, log=log)
    try:
        yield program
    finally:
        program.process.kill()
        program.wait()


def test_a_program_is_waited_for_until_it_is_ready(tmp_path: Path) -> None:
    """And no longer."""
    looks = iter((False, False, True))
    with running(tmp_path, "exec sleep 60") as program:
        program.wait_until(lambda: next(looks), within=30, otherwise="It did not start:")
    assert not list(looks)


@pytest.mark.parametrize(("script", "within"), [("echo no >&2; exit 1", 30), ("echo no; exec sleep 60", 0.5)])
def test_a_program_that_ends_or_takes_too_long_is_told(tmp_path: Path, script: str, within: float) -> None:
    """At once, or after the time that it has; with the end of its output."""
    began = time.monotonic()
    with (
        running(tmp_path, script) as program,
        pytest.raises(StepFailed, match=r"^It did not start:\nno$"),
    ):
        program.wait_until(lambda: False, within=within, otherwise="It did not start:")
    assert time.monotonic() - began < 10


def test_a_program_that_has_ended_is_not_what_is_ready(tmp_path: Path) -> None:
    """Another one answers where it should: nobody may take that for this one."""
    with running(tmp_path, "echo taken; exit 1") as program:
        program.wait()
        with pytest.raises(StepFailed, match=r"^It did not start:\ntaken$"):
            program.wait_until(lambda: True, within=30, otherwise="It did not start:")

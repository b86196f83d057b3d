"""Starting programs and ending them, so that none outlives its run.

Every program of a run carries the run's marker in its environment, and its children inherit it.
Whoever cleans up, the run itself or a later one after `kill -9`, finds them all by that marker.
"""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from weakref import WeakSet

import psutil

from rehearsal.errors import ProgramFailed, StepFailed
from rehearsal.isolation import MARKER

_TAIL_LINES = 25
_WATCH_SECONDS = 0.25
_LOOK_SECONDS = 0.1
"""Oftener, looks that a load balancer has no answer for would turn its alarm on errors red."""
_STARTED: Final[WeakSet[subprocess.Popen[bytes]]] = WeakSet()
"""What this process has started, so that it can see the end of each."""


@dataclass(frozen=True, slots=True)
class Program:
    """A program that was started, and where its output goes."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path

    @property
    def has_ended(self) -> bool:
        """Whether it runs no longer."""
        return self.process.poll() is not None

    @property
    def exit_code(self) -> int | None:
        """What it exited with, as a shell has it: 128 and a signal's number; None while it runs."""
        code = self.process.poll()
        return 128 - code if code is not None and code < 0 else code

    def send(self, number: signal.Signals) -> None:
        """Send it a signal, if there still is a process."""
        with contextlib.suppress(ProcessLookupError):
            self.process.send_signal(number)

    def wait(self) -> None:
        """Wait until it has ended."""
        self.process.wait()

    def wait_until(self, ready: Callable[[], bool], *, within: float, otherwise: str) -> None:
        """Wait until something is so that this program brings about.

        Args:
            ready: Whether it is so.
            within: Seconds.
            otherwise: What is said when it does not come about, before the end of the program's output.

        Raises:
            StepFailed: The program has ended before, or it takes too long.
        """
        deadline = time.monotonic() + within
        # What is ready although the program has ended is somebody else's.
        while not ready() or self.has_ended:
            if self.has_ended or time.monotonic() > deadline:
                raise StepFailed(f"{otherwise}\n{self.tail()}")
            time.sleep(_LOOK_SECONDS)

    def reason(self) -> str:
        """Return why it ended, when others know that better than its exit code says."""
        return ""

    def newest_line(self) -> str:
        """Return the last line of its output that is not empty, or nothing."""
        lines = [line for line in self.tail().splitlines() if line.strip()]
        return lines[-1].strip() if lines else ""

    def tail(self) -> str:
        """Return the last lines of its output."""
        text = self.log.read_text(encoding="utf-8", errors="replace")
        return "\n".join(text.splitlines()[-_TAIL_LINES:])


def start(
    name: str, command: Sequence[str], *, environment: Mapping[str, str], cwd: Path, log: Path
) -> Program:
    """Start a program in a session of its own, so that Ctrl-C reaches the rehearsal alone."""
    with log.open("ab") as output:
        process = subprocess.Popen(
            list(command),
            cwd=cwd,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    _STARTED.add(process)
    return Program(name, process, log)


def run(
    name: str,
    command: Sequence[str],
    *,
    environment: Mapping[str, str],
    cwd: Path,
    log: Path,
    timeout: float,
    watch: Callable[[str], None] = lambda _line: None,
) -> None:
    """Run a program to its end, showing `watch` the newest line of its output from time to time.

    Raises:
        ProgramFailed: It exited with an error; the end of its output is in the message.
        StepFailed: It took longer than `timeout` seconds and was ended.
    """
    program = start(name, command, environment=environment, cwd=cwd, log=log)
    deadline = time.monotonic() + timeout
    while (code := _wait(program, _WATCH_SECONDS)) is None:
        watch(program.newest_line())
        if time.monotonic() > deadline:
            end([psutil.Process(program.process.pid)])
            program.process.wait()
            raise StepFailed(f"{name} took more than {timeout:.0f} s and was ended.\n{program.tail()}")
    if code != 0:
        raise ProgramFailed(name, code=code, output=program.tail())


def of_marker(prefix: str) -> list[psutil.Process]:
    """Return the living processes, other than this one, whose marker starts with `prefix`."""
    return [
        process
        for process in psutil.process_iter()
        if process.pid != os.getpid() and _carries(process, prefix)
    ]


def end(processes: Iterable[psutil.Process], *, grace: float = 5.0) -> int:
    """End processes: SIGTERM, then SIGKILL after `grace` seconds. Return how many there were."""
    victims = list(processes)
    for process in victims:
        with contextlib.suppress(psutil.Error):
            process.terminate()
    _, stubborn = psutil.wait_procs(victims, timeout=grace)
    for process in stubborn:
        with contextlib.suppress(psutil.Error):
            process.kill()
    psutil.wait_procs(stubborn, timeout=grace)
    for child in list(_STARTED):
        child.poll()
    return len(victims)


def end_marked(prefix: str, *, attempts: int = 5) -> int:
    """End every process that carries the marker, also such as are just being started."""
    count = 0
    for _ in range(attempts):
        found = of_marker(prefix)
        if not found:
            break
        count += end(found)
        time.sleep(0.05)
    return count


def _wait(program: Program, seconds: float) -> int | None:
    with contextlib.suppress(subprocess.TimeoutExpired):
        return program.process.wait(seconds)
    return None


def _carries(process: psutil.Process, prefix: str) -> bool:
    try:
        return (
            process.environ().get(MARKER, "").startswith(prefix) and process.status() != psutil.STATUS_ZOMBIE
        )
    except (psutil.Error, OSError):
        return False

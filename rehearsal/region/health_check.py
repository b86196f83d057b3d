"""A container's health check under way: its command as a program, which ends by itself or is ended."""

import contextlib
import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Checking:
    """A command that was started, and when it has taken too long."""

    process: subprocess.Popen[bytes]
    deadline: float

    def passed(self, now: float) -> bool | None:
        """Return whether it exited with 0, or None while nobody knows."""
        code = self.process.poll()
        if code is not None:
            return code == 0
        if now < self.deadline:
            return None
        self.end()
        return False

    def end(self) -> None:
        """End it and whatever it started."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


def begin(
    command: Sequence[str], *, environment: Mapping[str, str], folder: Path, deadline: float
) -> Checking:
    """Start a check in a container's folder and with its environment.

    Raises:
        OSError: There is no such program.
    """
    process = subprocess.Popen(
        list(command),
        cwd=folder,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    return Checking(process, deadline)

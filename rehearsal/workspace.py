"""The folder a rehearsal works in, one run at a time, and what earlier runs left there.

Layout below the build folder:
    package/                    the model package
    images/sha256-…/            images in their process form
    rehearsal/lock              held while a run is under way
    rehearsal/run-…/            logs, temporary files, templates and Envoy's files of one run
    rehearsal/logs/             the logs of the last run that has ended
    rehearsal/report.json       what the last run came to
"""

import contextlib
import fcntl
import os
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from rehearsal import processes
from rehearsal.errors import Busy, Misuse

_WAIT_SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class Workspace:
    """Where everything of a rehearsal lives: the repository, the build folder and this run's own folder."""

    root: Path
    build: Path
    run: Path

    @property
    def marker(self) -> str:
        """What every process of this run carries in its environment."""
        return str(self.run)

    @property
    def temporary(self) -> Path:
        """The run's folder for temporary files."""
        return self.run / "tmp"

    @property
    def images(self) -> Path:
        """The store of images in their process form."""
        return self.build / "images"

    @property
    def report(self) -> Path:
        """The report that outlives the run."""
        return self.build / "rehearsal" / "report.json"

    def log(self, name: str) -> Path:
        """Return the log file of one of the run's programs."""
        return self.run / f"{name}.log"


@contextlib.contextmanager
def opened(root: Path, build: Path) -> Iterator[Workspace]:
    """Open the workspace for one run, alone in it, after clearing what an earlier run left.

    Raises:
        Busy: Another run holds the workspace and did not end within some seconds.
        Misuse: The build folder cannot be written.
    """
    home = build.resolve() / "rehearsal"
    with _locked(home):
        clear(home)
        run = home / f"run-{os.getpid()}-{time.time_ns():x}"
        (run / "tmp").mkdir(parents=True)
        yield Workspace(root=root, build=build.resolve(), run=run)


def close(space: Workspace) -> None:
    """End everything that the run started and remove its folder; its logs go to `rehearsal/logs`."""
    home = space.run.parent
    logs = home / "logs"
    shutil.rmtree(logs, ignore_errors=True)
    logs.mkdir()
    for log in space.run.glob("*.log"):
        shutil.copy(log, logs / log.name)
    clear(home)


def stop(build: Path) -> int:
    """End a rehearsal that was left running, remove its folders, and return how many processes it had."""
    home = build.resolve() / "rehearsal"
    if not home.is_dir():
        return 0
    with _locked(home):
        return clear(home)


def clear(home: Path) -> int:
    """End the processes of earlier runs and remove their folders; the report stays."""
    count = processes.end_marked(f"{home}{os.sep}run-")
    for folder in home.glob("run-*"):
        shutil.rmtree(folder, ignore_errors=True)
    return count


@contextlib.contextmanager
def _locked(home: Path) -> Iterator[None]:
    try:
        home.mkdir(parents=True, exist_ok=True)
        handle = (home / "lock").open("a+b")
    except OSError as error:
        raise Misuse(
            f"The rehearsal cannot write {home} ({error.strerror}): choose another with --build."
        ) from None
    with handle:
        _acquire(handle.fileno())
        yield


def _acquire(descriptor: int) -> None:
    deadline = time.monotonic() + _WAIT_SECONDS
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise Busy(
                    "Another rehearsal of this folder is running: let it end, or press Ctrl-C where it runs."
                ) from None
            time.sleep(0.2)
        else:
            return

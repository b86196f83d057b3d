"""The folder a rehearsal works in, one run at a time, and what earlier runs left there.

Layout below the build folder:
    images/sha256-…/            images in their process form
    rehearsal/lock              held while a run is under way
    rehearsal/package/          the model package of the last run
    rehearsal/run-…/            logs, temporary files, templates and Envoy's files of one run
    rehearsal/logs/             the logs, the timeline and every request of the last run that has ended
    rehearsal/report.json       what the last run came to, for programs
    rehearsal/report.html       the same for people
"""

import contextlib
import fcntl
import os
import shutil
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from rehearsal import docker, processes, timeline
from rehearsal.errors import Busy, Misuse

_WAIT_SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class Workspace:
    """Where everything of a rehearsal lives: the repository, the build folder and this run's own folder."""

    root: Path
    build: Path
    run: Path
    cleared: int
    """How many processes an earlier run had left, all ended by now."""

    @property
    def package(self) -> Path:
        """The model package of the run; `make train` keeps its own."""
        return self.run.parent / "package"

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

    @property
    def page(self) -> Path:
        """The same report as a page."""
        return self.report.with_suffix(".html")

    @property
    def logs(self) -> Path:
        """Where the logs of the run are kept when it has ended."""
        return self.run.parent / "logs"

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
        cleared = clear(home)
        run = home / f"run-{os.getpid()}-{time.time_ns():x}"
        (run / "tmp").mkdir(parents=True)
        yield Workspace(root=root, build=build.resolve(), run=run, cleared=cleared)


def close(space: Workspace) -> None:
    """End everything that the run started and remove its folder; its logs go to `rehearsal/logs`.

    Whatever hinders the saving of logs, a full disk for one, hinders nothing else.
    """
    docker.remove_containers(space.run)
    processes.end_marked(space.marker)
    with contextlib.suppress(OSError):
        shutil.rmtree(space.logs, ignore_errors=True)
        # A second stage of a run has a folder of its own there, with its own timeline.
        for folder in (space.run, *(found.parent for found in space.run.glob(f"*/{timeline.NAME}"))):
            kept = space.logs / folder.relative_to(space.run)
            kept.mkdir()
            for log in (*folder.glob("*.log"), *folder.glob("*.jsonl")):
                shutil.copy(log, kept)
    clear(space.run.parent)


def stop(build: Path) -> int:
    """End a rehearsal that was left running, remove its folders, and return how many processes it had."""
    home = build.resolve() / "rehearsal"
    if not home.is_dir():  # removed by hand, perhaps, while a rehearsal was left running
        return clear(home)
    with _locked(home):
        return clear(home)


def clear(home: Path) -> int:
    """End the processes and containers of earlier runs and remove their folders; the report stays."""
    runs = list(home.glob("run-*"))
    for run in runs:
        docker.remove_containers(run)
    count = processes.end_marked(f"{home}{os.sep}run-")
    for run in runs:
        # Again: whoever starts tasks has ended only now.
        docker.remove_containers(run)
        shutil.rmtree(run, ignore_errors=True)
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
    said = False
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise Busy(
                    "Another rehearsal of this folder is running: let it end, or press Ctrl-C where it runs."
                ) from None
            if not said:
                sys.stderr.write("Waiting for another rehearsal of this folder to end ...\n")
                said = True
            time.sleep(0.2)
        else:
            return

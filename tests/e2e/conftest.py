"""Whole rehearsals, each in a build folder of its own."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from rehearsal import processes

ROOT = Path(__file__).resolve().parents[2]
ROWS = 120


@dataclass
class Stage:
    """A build folder for rehearsals, and small records to play them with."""

    build: Path
    data: Path
    shared_memory: list[Path]
    """What others' Envoys had left in shared memory before."""

    @property
    def home(self) -> Path:
        """Where the runs live."""
        return self.build / "rehearsal"

    @property
    def marker(self) -> str:
        """What every process of every run here carries."""
        return f"{self.home}{os.sep}run-"

    def start(
        self, *arguments: str, by_make: bool = False, environment: Mapping[str, str] | None = None
    ) -> "Running":
        """Start a rehearsal, by itself or as `make rehearse` does."""
        command = [sys.executable, "-m", "rehearsal", "--build", str(self.build), "--data", str(self.data)]
        if by_make:
            command = ["make", "--no-print-directory", "rehearse", f"BUILD={self.build}", f"DATA={self.data}"]
        log = self.build / f"output-{time.monotonic_ns()}.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                [*command, *arguments],
                cwd=ROOT,
                env={**os.environ, **(environment or {})},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=output,
                start_new_session=True,
            )
        return Running(process, log)

    def assert_nothing_remains(self) -> None:
        """No process of any run is alive and no folder of any run is left."""
        assert [process.cmdline() for process in processes.of_marker(self.marker)] == []
        assert list(self.home.glob("run-*")) == []
        assert list(Path("/dev/shm").glob("envoy_*")) == self.shared_memory  # noqa: S108 - only looked at


@dataclass
class Running:
    """A rehearsal under way."""

    process: subprocess.Popen[bytes]
    log: Path

    def wait_for(self, text: str, *, timeout: float = 120) -> None:
        """Wait until it has said something."""
        deadline = time.monotonic() + timeout
        while text not in self.said():
            assert self.process.poll() is None, self.said()
            assert time.monotonic() < deadline, self.said()
            time.sleep(0.05)

    def interrupt(self, number: signal.Signals = signal.SIGINT) -> None:
        """Send it a signal, as a terminal or an init system would."""
        self.process.send_signal(number)

    def finish(self, *, timeout: float = 180) -> int:
        """Wait for its end and return its exit code."""
        self.stdout, _ = self.process.communicate(timeout=timeout)
        return self.process.returncode

    def said(self) -> str:
        """Return what it wrote on stderr so far."""
        return self.log.read_text(encoding="utf-8", errors="replace")


@pytest.fixture(scope="session")
def records(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small file of made-up plant records."""
    path = tmp_path_factory.mktemp("records") / "plant.csv"
    command = [
        sys.executable,
        "-m",
        "model",
        "example",
        "--rows",
        str(ROWS),
        "--seed",
        "7",
        "--out",
        str(path),
    ]
    subprocess.run(command, cwd=ROOT, check=True, timeout=120)
    return path


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory, records: Path) -> Iterator[Stage]:
    """A build folder; whatever a test leaves running in it is ended."""
    before = list(Path("/dev/shm").glob("envoy_*"))  # noqa: S108 - only looked at
    stage = Stage(tmp_path_factory.mktemp("build"), records, before)
    yield stage
    processes.end_marked(stage.marker)


def connections(marker: str) -> set[str]:
    """Return the addresses that the processes of a run are connected to right now."""
    found: set[str] = set()
    for process in processes.of_marker(marker):
        try:
            # A listening socket has no peer: an empty tuple, which the stubs do not know.
            found |= {
                str(peer[0]) for entry in process.net_connections("inet") if (peer := tuple(entry.raddr))
            }
        except psutil.Error:
            continue
    return found

"""Processes that run a function's handler: begun when there is none to spare, and used again.

AWS documentation (Lambda Developer Guide, "Understanding the Lambda execution environment lifecycle"): an
environment serves one invocation at a time and is kept for later ones; after a timeout or an exit it is
begun anew.
"""

import json
import os
import select
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Final

from rehearsal.addresses import unprivileged

_PROGRAM: Final = Path(__file__).with_name("lambda_child.py")
_BALANCERS: Final = ".elb.amazonaws.com"
"""How the names of load balancers end (Elastic Load Balancing User Guide, "DNS name")."""
_CHUNK: Final = 1 << 16


class TimedOut(Exception):  # noqa: N818 - says what happened
    """A function did not answer in time; its process has been ended."""


class Exited(Exception):  # noqa: N818 - says what happened
    """A function's process ended instead of answering."""

    def __init__(self, code: int) -> None:
        super().__init__(f"exit status {code}" if code >= 0 else f"signal {-code}")


@dataclass(frozen=True, slots=True)
class Recipe:
    """All that decides what a function's process is; another one needs another process."""

    handler: str
    folder: Path
    environment: tuple[tuple[str, str], ...]
    load_balancers: tuple[tuple[str, str], ...]
    """Names of load balancers, and the address to which each leads."""

    def argument(self) -> str:
        """Return what the program is told, as JSON."""
        addresses = dict(self.load_balancers)
        network = {"ending": _BALANCERS, "addresses": addresses, "shift": unprivileged(80) - 80}
        return json.dumps({"handler": self.handler, "folder": str(self.folder), "network": network})


@dataclass(slots=True)
class Sandbox:
    """One process, which serves one invocation at a time."""

    recipe: Recipe
    log: IO[bytes] = field(default_factory=tempfile.TemporaryFile)
    process: "subprocess.Popen[bytes]" = field(init=False)
    told: int = 0
    """How much of its output was handed on."""

    def __post_init__(self) -> None:
        """Start it."""
        self.process = subprocess.Popen(
            # -P: without it the folder of the program would be searched for modules first.
            [sys.executable, "-P", str(_PROGRAM), self.recipe.argument()],
            cwd=self.recipe.folder,
            env=dict(self.recipe.environment),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.log,
        )

    def call(self, document: Mapping[str, Any], *, until: float) -> dict[str, Any]:
        """Return the answer to an invocation.

        Args:
            document: The invocation.
            until: The Unix time until which it may take.

        Raises:
            TimedOut: It took longer.
            Exited: The process ended.
        """
        source, sink = self.process.stdin, self.process.stdout
        if source is None or sink is None:
            raise Exited(-1)
        try:
            source.write(json.dumps(document).encode() + b"\n")
            source.flush()
        except BrokenPipeError:
            raise Exited(self.process.wait()) from None
        received = bytearray()
        while not received.endswith(b"\n"):
            ready, _, _ = select.select([sink], [], [], max(0.0, until - time.time()))
            if not ready:
                self.end()
                raise TimedOut
            chunk = os.read(sink.fileno(), _CHUNK)
            if not chunk:
                raise Exited(self.process.wait())
            received += chunk
        answer: dict[str, Any] = json.loads(received)
        return answer

    def output(self) -> str:
        """Return what it has printed since this was last asked."""
        with open(os.dup(self.log.fileno()), "rb") as copy:  # noqa: PTH123 - it has no path
            text = os.pread(copy.fileno(), 1 << 24, self.told)
        self.told += len(text)
        return text.decode(errors="replace")

    def end(self) -> None:
        """End it at once, as Lambda does."""
        self.process.kill()
        self.process.wait()

    def close(self) -> None:
        """End it and let go of its pipes and its output."""
        self.end()
        for stream in (self.process.stdin, self.process.stdout, self.log):
            if stream is not None:
                stream.close()


class Sandboxes:
    """The processes to spare, by what they are; safe to use from many threads."""

    def __init__(self) -> None:
        self._idle: dict[Recipe, list[Sandbox]] = {}
        self._lock = threading.Lock()

    def take(self, recipe: Recipe) -> Sandbox:
        """Return a process of this recipe, a new one if none is to spare."""
        with self._lock:
            idle = self._idle.get(recipe)
            if idle:
                return idle.pop()
        return Sandbox(recipe)

    def give_back(self, sandbox: Sandbox) -> None:
        """Keep a process for the next invocation, unless it has ended."""
        if sandbox.process.poll() is not None:
            sandbox.close()
            return
        with self._lock:
            self._idle.setdefault(sandbox.recipe, []).append(sandbox)

    def close(self) -> None:
        """End all that are to spare."""
        with self._lock:
            for sandbox in [item for idle in self._idle.values() for item in idle]:
                sandbox.close()
            self._idle.clear()

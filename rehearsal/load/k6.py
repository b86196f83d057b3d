"""k6 as a program of the rehearsal: started with a plan, stopped when every answer is in.

k6 documentation: "Constant arrival rate", "k6 options" and "JavaScript API: k6/execution". It runs
without credentials, reports to nobody, keeps no server of its own, and speaks HTTP/1.1 so that a new
connection is one.
"""

import contextlib
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Self

from rehearsal import processes
from rehearsal.errors import StepFailed
from rehearsal.load import schedule
from rehearsal.load.plan import Plan
from rehearsal.load.schedule import Line
from rehearsal.processes import Program

NAME: Final = "load.jsonl"
SCRIPT: Final = Path(__file__).with_name("load.js")
_FIRST_SECONDS: Final = 30.0
_LOOK_SECONDS: Final = 0.1
_ALONE: Final = {
    "K6_NO_USAGE_REPORT": "true",
    "K6_AUTO_EXTENSION_RESOLUTION": "false",
    "K6_BINARY_PROVISIONING": "false",
    "GODEBUG": "http2client=0",
}


@dataclass(frozen=True, slots=True)
class Span:
    """What a load covered, in Unix time, and how many requests it could not send."""

    start: float
    end: float
    dropped: int
    unaccounted: int
    """Those of them that no line tells of: nobody knows when they were due."""


@dataclass(slots=True)
class Load:
    """A load under way; `lines` grows by a line as each request ends."""

    plan: Plan
    program: Program
    lines: Path
    """What is known of each request; after `stop` also of those that were never sent."""
    folder: Path
    """Where the plan and the summary are."""
    _read: list[Line] = field(default_factory=list)
    _offset: int = 0

    @classmethod
    def start(
        cls,
        plan: Plan,
        *,
        run: Path,
        binary: Path,
        environment: Mapping[str, str],
        certificate: Path | None = None,
    ) -> Self:
        """Start sending, and return when the first answer is in.

        Args:
            plan: What to send.
            run: The run's folder; `load.jsonl` and `load.log` stand there, the rest in `load/`.
            binary: k6.
            environment: An isolated one.
            certificate: What vouches for the other side, and nothing else does.

        Raises:
            StepFailed: k6 did not begin.
        """
        folder = run / "load"
        folder.mkdir()
        (folder / "plan.json").write_text(plan.as_json(), encoding="utf-8")
        lines = run / NAME
        lines.touch()
        trust = {"SSL_CERT_FILE": str(certificate), "SSL_CERT_DIR": str(folder)} if certificate else {}
        program = processes.start(
            "load",
            [
                *(str(binary), "run", "--quiet", "--no-color", "--address", "", "--log-format", "raw"),
                *("--env", f"PLAN={folder / 'plan.json'}", "--env", f"SUMMARY={folder / 'summary.json'}"),
                *("--console-output", str(lines), str(SCRIPT)),
            ],
            environment={**environment, **_ALONE, **trust},
            cwd=folder,
            log=run / "load.log",
        )
        load = cls(plan, program, lines, folder)
        load._wait_for_first()
        return load

    def stop(self) -> Span:
        """Stop sending when everything that is due by now has ended, and complete `load.jsonl`.

        Raises:
            StepFailed: k6 had ended before.
        """
        end = time.time()
        deadline = end + self.plan.patience + 1
        while not schedule.complete(self._news(), end=end) and time.time() < deadline:
            self._refuse_an_end()
            time.sleep(_LOOK_SECONDS)
        self.program.process.terminate()
        self.program.process.wait(self.plan.patience + 5)
        dropped = self._dropped()
        printed = self._news()
        settled = schedule.settle(printed, rate=self.plan.rate, end=end, dropped=dropped)
        draft = self.lines.with_suffix(".draft")
        draft.write_text(schedule.dumped(settled), encoding="utf-8")
        draft.rename(self.lines)
        shown = schedule.left_out(printed, rate=self.plan.rate, dropped=dropped)
        return Span(settled[0]["due"], end, dropped, dropped - shown)

    def kill(self) -> None:
        """End k6 at once, whatever it is doing; for a run that was given up."""
        with contextlib.suppress(ProcessLookupError):
            self.program.process.kill()
        self.program.process.wait()

    def _wait_for_first(self) -> None:
        deadline = time.monotonic() + _FIRST_SECONDS
        while not self._news():
            self._refuse_an_end()
            if time.monotonic() > deadline:
                self.kill()
                raise StepFailed(f"The load did not begin.\n{self.program.tail()}")
            time.sleep(_LOOK_SECONDS)

    def _refuse_an_end(self) -> None:
        if self.program.has_ended:
            raise StepFailed(f"The load ended before it was told to.\n{self.program.tail()}")

    def _dropped(self) -> int:
        try:
            summary = json.loads((self.folder / "summary.json").read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise StepFailed(f"The load left no summary.\n{self.program.tail()}") from None
        return int(summary["dropped"])

    def _news(self) -> list[Line]:
        """Return all lines so far, having read those that came since the last look."""
        with self.lines.open("rb") as stream:
            stream.seek(self._offset)
            text, newline, _ = stream.read().rpartition(b"\n")
        self._offset += len(text) + len(newline)
        self._read += [json.loads(line) for line in text.splitlines()]
        return self._read

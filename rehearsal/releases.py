"""Releases as they are played: the program that releases on AWS, and what its record says afterwards."""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from infra.settings import Strategy
from rehearsal.box import Box
from rehearsal.errors import StepFailed
from rehearsal.isolation import ACCOUNT
from rehearsal.judge.played import Release
from rehearsal.processes import Program
from rehearsal.timeline import Timeline
from release.record import CURRENT, Claim, Outcome, Record

SECONDS: Final = 900.0
"""Longest that a release may take here."""
_LOOK: Final = 0.1


@dataclass(frozen=True, slots=True)
class Ended:
    """A release program that has ended."""

    exit_code: int
    output: str
    record: Record | None
    """What it left, when it came so far."""
    started: float
    ended: float


@dataclass(frozen=True, slots=True)
class Releases:
    """Plays releases in a box and keeps the timeline."""

    box: Box
    timeline: Timeline

    def play(
        self,
        *arguments: str,
        expected: Outcome,
        version: str,
        serves: str,
        bad: bool = False,
        fails_with: tuple[str, ...] = (),
        watch: Callable[[str], None] = lambda _line: None,
    ) -> Release:
        """Run one release to its end and return it as the judge reads it.

        Args:
            arguments: Of `python -m release`, the stage left out.
            expected: What must become of it.
            version: The model version that it rolls out.
            serves: The one that must take all traffic afterwards.
            bad: Whether the version turns bad under production traffic.
            fails_with: The reasons with which it then lets them down, as the load tells them.
            watch: Is shown the newest line that it writes.

        Raises:
            StepFailed: It took too long, or left no record.
        """
        ended = self.run(*arguments, watch=watch)
        record = ended.record
        if record is None or record.outcome is None:
            raise StepFailed(f"The release left no record:\n{ended.output}")
        self.timeline.add("release", f"{record.kind} ended: {record.outcome}", release=record.id, what="end")
        return Release(
            id=record.id,
            kind=record.kind,
            strategy=record.strategy,
            engine=record.engine,
            expected=expected,
            outcome=record.outcome,
            started=ended.started,
            ended=ended.ended,
            version=version,
            serves=serves,
            bad=bad,
            fails_with=fails_with,
            gated=self.box.settings.release.strategy is not Strategy.ROLLING,
            reason=record.reason,
        )

    def run(self, *arguments: str, watch: Callable[[str], None] = lambda _line: None) -> Ended:
        """Run `python -m release` for the stage, whatever comes of it."""
        return self.wait(self.begin(*arguments), watch=watch)

    def begin(self, verb: str, *arguments: str) -> "Begun":
        """Start `python -m release` for the stage."""
        stage = ["--stage", self.box.settings.name]
        name = f"release-{len(self.box.started)}"
        started = time.time()
        return Begun(self.box.begin(verb, *stage, *arguments, name=name), started)

    def wait(self, begun: "Begun", *, watch: Callable[[str], None] = lambda _line: None) -> Ended:
        """Wait for the end of a release.

        Raises:
            StepFailed: It takes longer than any release may.
        """
        while not begun.program.has_ended:
            watch(begun.program.newest_line())
            if time.time() > begun.started + SECONDS:
                raise StepFailed(f"A release took more than {SECONDS:.0f} s.\n{begun.program.tail()}")
            time.sleep(_LOOK)
        output = begun.program.log.read_text(encoding="utf-8", errors="replace")
        code = begun.program.process.returncode
        return Ended(code, output, self.current(), begun.started, time.time())

    def current(self) -> Record | None:
        """Return the record of the release that runs, or of the last one; none before the first."""
        bucket = self.box.settings.data_bucket(ACCOUNT)
        try:
            found = self.box.plane.s3.get_object(Bucket=bucket, Key=CURRENT)
        except self.box.plane.s3.exceptions.NoSuchKey:
            return None
        return Claim.from_bytes(found["Body"].read(), where=f"s3://{bucket}/{CURRENT}").record

    def status(self) -> Mapping[str, Any]:
        """Return what `python -m release status` says."""
        program = self.box.begin("status", "--stage", self.box.settings.name, "--json", name="status")
        program.process.wait(SECONDS)
        found: Mapping[str, Any] = json.loads(program.newest_line())
        return found


@dataclass(frozen=True, slots=True)
class Begun:
    """A release that is under way."""

    program: Program
    started: float
    """Unix time."""

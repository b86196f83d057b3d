"""The end of a release: followed, looked at, written down everywhere; or undone, when nothing had moved."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from release.acts import Acts, Result
from release.deployment import Deployment
from release.judgement import Verdict, expected, judged, live_colour
from release.lease import Held
from release.patience import Pace
from release.progress import Progress
from release.record import Outcome, Record, Step, timestamp
from release.records import Records
from release.sentences import ended


@dataclass(slots=True, kw_only=True)
class Ending:
    """What comes after the engine was asked. Every step may be done twice, by another command too."""

    acts: Acts
    records: Records
    progress: Progress
    pace: Pace
    now: Callable[[], datetime]

    def finish(self, held: Held) -> Result:
        """Follow the engine to its end, look what came of it, and write that down everywhere."""
        deployment = self._follow(held)
        verdict = self._verify(held, deployment)
        self.settle(held, verdict)
        return self.close(held, verdict)

    def undo(self, held: Held, reason: str) -> Result:
        """End a release of which nothing has moved."""
        verdict = Verdict(outcome=Outcome.ABANDONED, reason=reason, colour="")
        self.settle(held, verdict)
        return self.close(held, verdict)

    def settle(self, held: Held, verdict: Verdict) -> None:
        """Have CloudFormation and the registry know what came of it."""
        self.progress.step(held, Step.REMEMBER)
        if verdict.colour:
            self.acts.remember(verdict.colour, self.progress.tell.say)
            held.journal(held.record)
        self.supersede()
        if verdict.outcome is Outcome.SHIPPED:
            self.progress.add_warning(self.acts.tag(self.progress.step(held, Step.TAG)))

    def supersede(self) -> None:
        """Have the newest revision be like what runs, or warn: the release has ended without that too."""
        self.progress.add_warning(self.acts.supersede())

    def close(self, held: Held, verdict: Verdict) -> Result:
        """Write the record, let deployments in, and give the stage back."""
        record = self.progress.step(held, Step.RECORD)
        final = self.records.write(
            replace(
                record,
                step=Step.FREE,
                outcome=verdict.outcome,
                reason=verdict.reason,
                colour=verdict.colour,
                ended=timestamp(self.now()),
            )
        )
        self.progress.step(held, Step.FREE)
        self.acts.free()
        held.journal(final)
        return self.result(final)

    def result(self, record: Record) -> Result:
        """Return what a command came to whose release has ended."""
        return Result(
            record=record,
            done=record.outcome is Outcome.SHIPPED,
            sentence=ended(record),
            warnings=tuple(self.progress.warnings),
        )

    def _follow(self, held: Held) -> Deployment:
        while True:
            deployment = self.acts.engine.look(held.record.deployment)
            self.progress.tell.saw(self.acts.look(held.record, deployment))
            if deployment.settled:
                return deployment
            time.sleep(self.pace.poll)
            held.check()

    def _verify(self, held: Held, deployment: Deployment) -> Verdict:
        record = self.progress.step(held, Step.VERIFY)
        wanted = expected(record, deployment)
        deadline = time.monotonic() + self.pace.settle
        while (found := self.acts.compare(wanted)).differences and time.monotonic() < deadline:
            self.progress.tell.say(f"Waiting for what runs to settle: {found.differences[0]}")
            time.sleep(self.pace.poll)
            held.check()
        snapshot = self.acts.look(record, deployment)
        self.progress.tell.saw(snapshot)
        reason = self.acts.reason(deployment) if deployment.state.ended else ""
        for sentence in () if found.wrong else found.unsettled:
            self.progress.add_warning(sentence)
        return judged(deployment, found.wrong, reason, live_colour(snapshot))

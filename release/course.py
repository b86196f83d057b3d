"""The course of a release, and what becomes of one whose command has died.

Preflight, claim, hold, prepare, register, shift, follow, verify, remember, tag, record, free. Each step is
written into the claim before it is begun, and may be done twice. So whoever finds a claim whose holder has
died knows how far it came, and finishes or undoes it before anything of their own.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from botocore.exceptions import BotoCoreError, ClientError

from release.acts import Acts, Audience, Order, Released, Result
from release.adoption import missing
from release.claim import Claims, Seen
from release.ending import Ending
from release.errors import Interrupted, LostSight, Outrun, Refused, ReleaseError, TakenOver
from release.judgement import Inheritance, Verdict, inherited, live_colour
from release.lease import Held, take
from release.progress import Progress
from release.record import Outcome, Record, Step, new_id, timestamp
from release.records import Records
from release.sentences import left_behind


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(slots=True, kw_only=True)
class Course:
    """Releases of one stage, by one command."""

    acts: Acts
    claims: Claims
    records: Records
    tell: Audience
    by: str
    """Who asks for it."""
    now: Callable[[], datetime] = _now
    held: Held | None = None
    """The claim that this command has, or had last."""
    progress: Progress = field(init=False)
    ending: Ending = field(init=False)

    def __post_init__(self) -> None:
        """Give it its progress, and what brings a release to its end."""
        self.progress = Progress(self.tell)
        self.ending = Ending(
            acts=self.acts,
            records=self.records,
            progress=self.progress,
            pace=self.claims.ask.pace,
            now=self.now,
        )

    def ship(self, order: Order) -> Result:
        """Release an image: first what a dead command left is brought to its end, then this one's turn comes.

        Raises:
            Refused: nothing was begun, or what was begun has been undone; the message says why.
            TakenOver: another command goes on with it.
            LostSight: AWS does not answer; the release goes on there.
        """
        while True:
            seen = self.finish_what_was_left()
            image = self.acts.read(order.reference)
            try:
                if self.acts.is_current(image) and not self.acts.compare(image.digest).wrong:
                    return self._mend(seen, image, order)
                past_alarms = self._allowed(image, order)
                held = self._take(self._planned(order, image), seen)
            except Outrun:
                continue  # somebody was quicker: what was looked at may no longer be so
            with self._having(held):
                self._begin(held, image, past_alarms=past_alarms)
                return self.ending.finish(held)

    def finish_what_was_left(self, *, stop: bool = False) -> Seen | None:
        """Bring the release of a dead command to its end; return the claim as it is then.

        Args:
            stop: have its traffic go back first.

        Raises:
            Busy: the command that releases is alive.
        """
        while (seen := self.claims.settled(self.tell.say)) is not None and seen.record.runs:
            self.take_over(seen, stop=stop)
        return seen

    def take_over(self, seen: Seen, *, stop: bool = False) -> Result | None:
        """Take a dead command's release over and bring it to its end; nothing when others were quicker."""
        try:
            held = self._take(seen.record, seen)
        except Outrun:
            return None
        self.tell.say(left_behind(seen))
        with self._having(held):
            return self._inherit(held, stop=stop)

    def find(self, record: Record) -> str | None:
        """Return the deployment of a release, also when it died before it could write down which."""
        return record.deployment or self.acts.engine.find(
            task_definition=record.task_definition, release=record.id
        )

    def let_in(self, seen: Seen) -> None:
        """Let deployments in that are held off although no release runs.

        Raises:
            Outrun: one has just begun.
        """
        with self._reopened(seen, Step.FREE):
            self.acts.free()

    @contextmanager
    def _reopened(self, seen: Seen, step: Step) -> Iterator[None]:
        """Have the stage for what the end of its last release left undone; what became of that stays."""
        held = self._take(replace(seen.record, outcome=None, step=step), seen)
        with self._having(held):
            yield
            held.journal(seen.record)

    def _allowed(self, image: Released, order: Order) -> bool:
        """Refuse what cannot be released now; return whether it is released past the alarms."""
        found = self.acts.objections(image, order.kind)
        if found.against:
            raise Refused(found.against)
        for sentence in found.in_spite_of:
            self.progress.add_warning(f"In spite of this, since it is the way back: {sentence}")
        return found.past_alarms

    def _take(self, record: Record, replacing: Seen | None) -> Held:
        self.held = held = take(self.claims, record, replacing=replacing)
        return held

    @contextmanager
    def _having(self, held: Held) -> Iterator[None]:
        """Give signs of life meanwhile, and send AWS nothing that is no longer ours to send."""
        self.acts.heed(held.check)
        try:
            with held.beating():
                yield
        finally:
            self.acts.heed(_nothing)

    def _planned(self, order: Order, image: Released) -> Record:
        now = self.now()
        return Record(
            id=new_id(now),
            stage=self.acts.stage,
            kind=order.kind,
            image=image.reference,
            model=image.model_version,
            commit=image.commit,
            previous=self.acts.live(),
            source=order.source,
            engine=self.acts.engine.name,
            strategy=self.acts.strategy,
            by=self.by,
            started=timestamp(now),
            step=Step.CLAIM,
        )

    def _begin(self, held: Held, image: Released, *, past_alarms: bool) -> None:
        """Go as far as the engine's first answer; what cannot begin is undone."""
        try:
            self.tell.step(held.record)
            self.progress.step(held, Step.HOLD)
            self.acts.hold()
            self.progress.step(held, Step.PREPARE)
            self.acts.prepare(image)
            self.progress.step(held, Step.REGISTER)
            revision = self.acts.register(image, held.record.id)
            record = self.progress.step(held, Step.SHIFT, task_definition=revision)
            deployment = self.acts.engine.begin(
                task_definition=revision, release=record.id, past_alarms=past_alarms
            )
            self.progress.step(held, Step.FOLLOW, deployment=deployment)
        except TakenOver:
            raise
        except (ReleaseError, Interrupted, ClientError, BotoCoreError) as error:
            if self._never_began(held.record, error):
                self.tell.say("It did not begin: what was prepared is undone.")
                self.ending.undo(held, str(error) or "interrupted")
            raise

    def _never_began(self, record: Record, error: BaseException) -> bool:
        """Return whether the engine has nothing of a release that could not go on.

        Once it was asked, an answer that was lost may have been a yes, and what begins is not listed at once.
        So it is looked for during a lease; a command that must end leaves that to the next one.
        """
        if not record.moves_traffic:
            return True
        if record.deployment or isinstance(error, (Interrupted, LostSight)):
            return False
        deadline = time.monotonic() + self.claims.ask.pace.lease
        while self.find(record) is None:
            if time.monotonic() > deadline:
                return True
            time.sleep(self.claims.ask.pace.poll)
        return False

    def _inherit(self, held: Held, *, stop: bool) -> Result:
        found = self.find(held.record)
        if inherited(held.record, found) is Inheritance.ABANDON or found is None:
            reason = f"Its command died at the step {held.record.step}; nothing had moved."
            return self.ending.undo(held, reason)
        if stop:
            self.acts.engine.stop(found)
        self.progress.step(held, Step.FOLLOW, deployment=found)
        return self.ending.finish(held)

    def _mend(self, seen: Seen | None, image: Released, order: Order) -> Result:
        """Say that the image is live; make up for what the release that brought it may have left undone."""
        sentence = f"{image.digest} is live on {self.acts.stage} already: nothing was released."
        found = missing(self._planned(order, image), order, image, seen, self.records)
        if found is None:
            if seen is not None:
                with self._reopened(seen, Step.REMEMBER):
                    self.ending.supersede()
            return Result(record=None, done=True, sentence=sentence, warnings=tuple(self.progress.warnings))
        held = self._take(found.record, seen)
        with self._having(held):
            colour = live_colour(self.acts.look(found.record, None))
            verdict = Verdict(outcome=Outcome.SHIPPED, reason="", colour=colour)
            self.ending.settle(held, verdict)
            if found.new:
                sentence += f" Its record is {found.record.id} now."
                return replace(self.ending.close(held, verdict), sentence=sentence)
            last = replace(found.record, outcome=Outcome.SHIPPED, step=Step.FREE)
            self.acts.free()
            held.journal(last)
        return Result(record=last, done=True, sentence=sentence, warnings=tuple(self.progress.warnings))


def _nothing() -> None:
    """Keep nothing back."""

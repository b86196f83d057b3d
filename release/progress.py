"""What is written into the claim, and told, as a release goes."""

from dataclasses import dataclass, field

from release.acts import Audience
from release.lease import Held
from release.record import Record, Step


@dataclass(slots=True)
class Progress:
    """The steps and warnings of one command."""

    tell: Audience
    warnings: list[str] = field(default_factory=list)
    """What whoever asked should know besides the outcome."""

    def step(self, held: Held, step: Step, **more: str) -> Record:
        """Write that a step begins, with what the one before it brought, and tell it; return the record.

        Raises:
            TakenOver: another command has the release now.
        """
        record = held.journal(held.record.at(step, **more))
        self.tell.step(record)
        return record

    def add_warning(self, sentence: str) -> None:
        """Say something now, and again with the result; nothing when there is nothing to say."""
        if not sentence:
            return
        self.warnings.append(sentence)
        self.tell.say(sentence)

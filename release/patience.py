"""The patience of a command that waits for an hour: how often it asks AWS, and what it asks again."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from release.aws_errors import expired, passing
from release.clients import Clients
from release.errors import LostSight

T = TypeVar("T")

LEASE: Final = 30.0
"""Seconds without a sign of life before a claim may be taken over; its holder gives six in that time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How often is looked, and for how long is waited; all in seconds."""

    poll: float = 5.0
    """Between two looks at a release under way."""
    patience: float = 900.0
    """Without any answer from AWS before a command gives up; what it began goes on there."""

    lease: float = LEASE
    """Without a sign of life of this command's before another one may take its release over."""

    @property
    def beat(self) -> float:
        """Between two signs of life."""
        return self.lease / 6

    @property
    def settle(self) -> float:
        """For what runs to be as it should once a deployment has ended: tasks take a moment to leave."""
        return 4 * self.lease


@dataclass(frozen=True, slots=True)
class Patient:
    """Repeats what may be repeated while AWS is busy, out of reach, or asks for newer credentials."""

    clients: Clients
    pace: Pace = field(default_factory=Pace)

    def ask(self, question: Callable[[Clients], T]) -> T:
        """Return the answer to a question that changes nothing, or may be put twice.

        The question takes the clients anew each time, because renewed credentials make new ones.

        Raises:
            LostSight: There was no answer for as long as patience lasts.
            botocore.exceptions.ClientError: AWS has answered, with something that waiting does not change.
        """
        deadline = time.monotonic() + self.pace.patience
        while True:
            try:
                answer = question(self.clients)
            except (BotoCoreError, ClientError) as error:
                if not passing(error) or (expired(error) and not self.clients.answered):
                    raise
                if time.monotonic() + self.pace.poll > deadline:
                    raise LostSight(
                        f"AWS has not answered for {self.pace.patience:.0f} s ({error}). What was begun "
                        "goes on there: run `python -m release status` when it answers again."
                    ) from error
                if expired(error):
                    self.clients.renew()
            else:
                self.clients.answered = True
                return answer
            time.sleep(self.pace.poll)

    def until(self, question: Callable[[Clients], T | None], otherwise: str) -> T:
        """Return the first answer that is one; AWS tells what was just changed with a delay now and then.

        Raises:
            LostSight: there was none for as long as patience lasts; `otherwise` begins the message.
        """
        deadline = time.monotonic() + self.pace.patience
        while (answer := self.ask(question)) is None:
            if time.monotonic() + self.pace.poll > deadline:
                raise LostSight(
                    f"{otherwise} after {self.pace.patience:.0f} s: run `python -m release status` to see."
                )
            time.sleep(self.pace.poll)
        return answer

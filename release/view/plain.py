"""A release line by line, for logs: one line for each thing that has changed, with its time."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import TextIO

from release.record import Record
from release.sentences import clean
from release.view import words
from release.view_model import Snapshot


@dataclass(slots=True)
class PlainView:
    """Writes to a stream that is no terminal."""

    out: TextIO
    now: Callable[[], datetime] = words.now
    _known: dict[str, str] = field(default_factory=dict)
    _named: str = ""

    def step(self, record: Record) -> None:
        """Announce a step."""
        if record.id != self._named:
            self._named = record.id
            self._line("release", words.headline(record))
        self._line(record.step, words.doing(record))

    def saw(self, snapshot: Snapshot) -> None:
        """Write a line for everything that is not as it was."""
        for name, text in facts(snapshot):
            if self._known.get(name, "") != text:
                self._known[name] = text
                if text:
                    self._line(name.partition(" ")[0], text)

    def say(self, sentence: str) -> None:
        """Write a sentence."""
        self._line("note", sentence)

    def close(self) -> None:
        """Nothing is open."""

    def _line(self, what: str, text: str) -> None:
        first, *others = str(text).splitlines() or [""]
        self.out.write(f"{words.at(self.now())}  {what:<9} {clean(first)}\n")
        for other in others:
            self.out.write(f"{'':<20} {clean(other)}\n")
        self.out.flush()


def facts(snapshot: Snapshot) -> Iterator[tuple[str, str]]:
    """Yield what is seen, each by a name that stays, so that changes are found by comparing."""
    yield "traffic", words.shares(snapshot)
    yield "tasks", words.healths(snapshot)
    yield "engine", words.standing(snapshot.deployment)
    for number, event in enumerate(words.events(snapshot.deployment)):
        if event.status != "pending":
            took = words.lasted(event, snapshot.at) if event.ended else ""
            message = f": {event.message}" if event.message else ""
            yield f"event {number}", f"{event.name} {event.status}{f' ({took})' if took else ''}{message}"
    yield "alarms", words.alarms(snapshot) if snapshot.alarms else ""
    if snapshot.upcoming is not None:
        yield "next", _next(snapshot)


def _next(snapshot: Snapshot) -> str:
    """Return what comes next without a countdown, which would change with every look."""
    upcoming = snapshot.upcoming
    if upcoming is None:
        return ""
    return upcoming.what + (f" at {words.at(upcoming.at)}" if upcoming.at else "")

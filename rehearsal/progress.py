"""Live progress: every step with its time, a spinner on a terminal and plain lines elsewhere."""

import contextlib
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from rich.console import Console
from rich.markup import escape
from rich.status import Status

_WIDTH = 90
_PLAIN_MARKS = {"…": "..", "✓": "ok", "✗": "!!"}


@dataclass(frozen=True, slots=True)
class Step:
    """A finished step: its name, what it did in a few words and how many seconds it took."""

    name: str
    outcome: str
    seconds: float


@dataclass(slots=True)
class Note:
    """What a step says of itself: `doing` while it is under way, `text` when it is done."""

    name: str
    text: str = ""
    status: Status | None = None

    def doing(self, line: str) -> None:
        """Show what the step is busy with, where there is a terminal to show it on."""
        if self.status is not None and line:
            self.status.update(escape(f"{self.name:<14} {line[:_WIDTH]}"))


@dataclass(slots=True)
class Progress:
    """Tells the person at the terminal what is going on; on stderr, so that stdout stays for results."""

    console: Console = field(default_factory=lambda: Console(stderr=True, highlight=False))
    steps: list[Step] = field(default_factory=list)

    @contextlib.contextmanager
    def step(self, name: str, doing: str) -> Iterator[Note]:
        """Show that a step is under way and, when it has succeeded, what came of it."""
        note = Note(name)
        started = time.monotonic()
        try:
            with self._under_way(note, doing):
                yield note
        except BaseException:
            self._line("red", "✗", name, doing, time.monotonic() - started)
            raise
        done = Step(name, note.text or doing, round(time.monotonic() - started, 3))
        self.steps.append(done)
        self._line("green", "✓", name, done.outcome, done.seconds)

    def say(self, sentence: str) -> None:
        """Print a sentence between steps."""
        self.console.print(sentence, markup=False, soft_wrap=True)

    @contextlib.contextmanager
    def _under_way(self, note: Note, doing: str) -> Iterator[None]:
        text = f"{note.name:<14} {doing}"
        if self.console.is_terminal:
            with self.console.status(escape(text)) as note.status:
                yield
        else:
            self.console.print(f"{self._mark('…')} {text}", markup=False, soft_wrap=True)
            yield

    def _line(self, colour: str, mark: str, name: str, text: str, seconds: float) -> None:
        # Names and outcomes may hold brackets, so only the mark is markup.
        self.console.print(f"[{colour}]{self._mark(mark)}[/{colour}]", end=" ")
        self.console.print(f"{name:<14} {text}  ({seconds:.1f} s)", markup=False, soft_wrap=True)

    def _mark(self, mark: str) -> str:
        return mark if self.console.encoding.startswith("utf") else _PLAIN_MARKS[mark]

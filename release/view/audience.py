"""Who is told: the terminal or the log, and whoever writes the summary at the end."""

import os
import sys
from dataclasses import dataclass
from typing import Protocol

from rich.console import Console

from release.acts import Audience
from release.record import Record
from release.view.live import LiveView
from release.view.plain import PlainView
from release.view_model import Snapshot


class View(Audience, Protocol):
    """Something that shows a release."""

    def close(self) -> None:
        """Show nothing more."""


@dataclass(slots=True)
class Watcher:
    """Passes everything on to a view, and keeps what was seen last."""

    view: View
    last: Snapshot | None = None

    def step(self, record: Record) -> None:
        """Pass a step on."""
        self.view.step(record)

    def saw(self, snapshot: Snapshot) -> None:
        """Pass what was seen on; what was seen of a deployment stays."""
        if snapshot.deployment is not None or self.last is None:
            self.last = snapshot
        self.view.saw(snapshot)

    def say(self, sentence: str) -> None:
        """Pass a sentence on."""
        self.view.say(sentence)


def chosen() -> View:
    """Return the view that fits where standard error goes."""
    if sys.stderr.isatty() and os.environ.get("TERM") != "dumb":
        return LiveView(Console(stderr=True, highlight=False))
    return PlainView(sys.stderr)

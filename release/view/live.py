"""A release on a terminal: one picture that is drawn anew, with everything that can be watched."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from release.record import Record
from release.sentences import clean
from release.view import words
from release.view_model import ColourSeen, Snapshot

_STYLES: Final = {
    "succeeded": "green",
    "failed": "bold red",
    "running": "yellow",
    "skipped": "dim",
    "pending": "dim",
}
_COLOURS: Final = {"blue": "blue", "green": "green"}


@dataclass(slots=True)
class LiveView:
    """Draws to a terminal; sentences scroll by above the picture."""

    console: Console
    now: Callable[[], datetime] = words.now
    _live: Live | None = None
    _record: Record | None = None
    _snapshot: Snapshot | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def step(self, record: Record) -> None:
        """Announce a step, and have the picture say it."""
        with self._lock:
            self._record = record
        self._print(Text.assemble((f"{record.step:<9} ", "bold"), words.doing(record)))

    def saw(self, snapshot: Snapshot) -> None:
        """Draw what was seen."""
        with self._lock:
            self._snapshot = snapshot
        self._open()

    def say(self, sentence: str) -> None:
        """Print a sentence above the picture."""
        self._print(Text(clean(sentence)))

    def close(self) -> None:
        """Leave the last picture where it is."""
        if self._live is not None:
            self._live.stop()
            self._live = None

    def _open(self) -> None:
        if self._live is None:
            self._live = Live(console=self.console, refresh_per_second=2, get_renderable=self._picture)
            self._live.start(refresh=True)

    def _print(self, text: Text) -> None:
        stamped = Text.assemble((f"{words.at(self.now())}  ", "dim"), text)
        self.console.print(stamped, soft_wrap=True)

    def _picture(self) -> RenderableType:
        with self._lock:
            record, snapshot = self._record, self._snapshot
        unicode = self.console.encoding.startswith("utf")
        return picture(record, snapshot, self.now(), unicode=unicode) if snapshot else Text("")


def picture(
    record: Record | None, snapshot: Snapshot, now: datetime, *, unicode: bool = True
) -> RenderableType:
    """Return what was seen as something to draw."""
    record = record or snapshot.record
    parts: list[RenderableType] = [Text("")]
    if record is not None:
        parts.append(Text(words.headline(record), style="bold"))
    parts += [_traffic(snapshot, unicode=unicode), _events(snapshot, now, unicode=unicode)]
    if snapshot.deployment is not None:
        parts.append(Text(words.standing(snapshot.deployment), style="dim"))
    parts.append(_alarms(snapshot))
    if upcoming := words.next_up(snapshot.upcoming, now):
        parts.append(Text.assemble(("next    ", "bold"), upcoming))
    return Group(*parts)


def _traffic(snapshot: Snapshot, *, unicode: bool) -> Table:
    table = Table.grid(padding=(0, 2))
    for colour in snapshot.colours:
        table.add_row(*_row(colour, unicode=unicode))
    return table


def _row(colour: ColourSeen, *, unicode: bool) -> list[Text]:
    style = _COLOURS.get(colour.name, "")
    return [
        Text(f"{colour.name:<6}", style=style),
        Text(words.bar(colour.share, unicode=unicode), style=style),
        Text(f"{colour.share:>3} %"),
        Text(
            f"{colour.healthy} of {colour.targets} healthy",
            style="" if colour.healthy == colour.targets else "yellow",
        ),
        Text(words.digests(colour), style="dim"),
        Text("test traffic" if colour.test else "", style="dim"),
    ]


def _events(snapshot: Snapshot, now: datetime, *, unicode: bool) -> Table:
    table = Table.grid(padding=(0, 2))
    for event in words.events(snapshot.deployment):
        style = _STYLES.get(event.status, "")
        table.add_row(
            Text(words.mark(event.status, unicode=unicode), style=style),
            Text(event.name, style=style),
            Text(words.at(event.started) if event.started else "", style="dim"),
            Text(words.lasted(event, now)),
            Text(clean(event.message), style="red"),
        )
    return table


def _alarms(snapshot: Snapshot) -> Text:
    worst = "green" if words.all_green(snapshot) else "yellow"
    style = "bold red" if words.red(snapshot) else worst
    return Text.assemble(("alarms  ", "bold"), (words.alarms(snapshot), style))

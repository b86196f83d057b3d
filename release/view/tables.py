"""Status and history as tables, for people."""

from typing import Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from release.record import Record
from release.records import History
from release.sentences import clean, short
from release.status import Status
from release.view import words
from release.view_model import ColourSeen

_MODEL: Final = 12
_COMMIT: Final = 10


def show_status(console: Console, status: Status) -> None:
    """Print a stage's status."""
    snapshot = status.snapshot
    table = _table(
        f"{snapshot.stage} at {words.at(snapshot.at)}",
        "colour",
        "traffic",
        "healthy",
        "image",
        "model",
        "commit",
    )
    for colour in snapshot.colours:
        table.add_row(*_colour(status, colour))
    console.print(table)
    for name, text in _lines(status):
        console.print(Text(f"{name:<10} {clean(text)}"), soft_wrap=True)


def show_history(console: Console, stage: str, history: History) -> None:
    """Print the newest releases."""
    columns = ("release", "kind", "outcome", "image", "model", "commit", "ended", "by", "reason")
    table = _table(f"Releases of {stage}, newest first", *columns)
    for record in history.records:
        table.add_row(*(Text(clean(cell)) for cell in _record(record)))
    console.print(table)


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left")
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


def _colour(status: Status, colour: ColourSeen) -> list[Text]:
    records = [status.known(digest) for digest in colour.digests]
    return [
        Text(colour.name + (" (test)" if colour.test else "")),
        Text(f"{colour.share} %"),
        Text(f"{colour.healthy} of {colour.targets}"),
        Text(words.digests(colour)),
        Text(", ".join(record.model[:_MODEL] for record in records if record) or "-"),
        Text(", ".join(record.commit[:_COMMIT] for record in records if record) or "-"),
    ]


def _lines(status: Status) -> list[tuple[str, str]]:
    snapshot = status.snapshot
    lines = [("remembered", f"CloudFormation believes that {snapshot.remembered or 'nothing'} is live")]
    lines.append(("alarms", words.alarms(snapshot)))
    if (record := snapshot.record) is not None:
        lines.append(("release", _release(status, record)))
    if snapshot.deployment is not None:
        lines.append(("engine", words.standing(snapshot.deployment)))
    if upcoming := words.next_up(snapshot.upcoming, snapshot.at):
        lines.append(("next", upcoming))
    return [*lines, ("do", status.advice)]


def _release(status: Status, record: Record) -> str:
    if not record.runs:
        return f"{record.id}: the last one, {record.outcome} at {record.ended}"
    sign = status.snapshot.last_sign
    life = "alive" if status.snapshot.alive else "its command has died"
    ago = f", last sign of life {words.span(sign)} ago" if sign is not None else ""
    return f"{record.id}: under way at the step {record.step}, {life}{ago}; by {record.by}"


def _record(record: Record) -> list[str]:
    return [
        record.id,
        str(record.kind),
        str(record.outcome),
        short(record.digest),
        record.model[:_MODEL],
        record.commit[:_COMMIT] or "-",
        record.ended,
        record.by,
        record.reason or "-",
    ]

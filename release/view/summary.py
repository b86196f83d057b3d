"""What a release came to, as Markdown for a workflow's run ("Adding a job summary", GitHub Docs)."""

import re
from typing import Final

from release.acts import Result
from release.record import Outcome, Record
from release.sentences import clean
from release.view import words
from release.view_model import Snapshot

_SPECIAL: Final = re.compile(r"([\\`*_{}\[\]<>()#+\-.!|~@:&])")
_TITLES: Final = {
    Outcome.SHIPPED: "Shipped",
    Outcome.ROLLED_BACK: "Rolled back",
    Outcome.STOPPED: "Stopped",
    Outcome.ABANDONED: "Nothing was released",
    Outcome.UNCLEAR: "Unclear: somebody must look",
}


def escaped(text: str) -> str:
    """Return text of anybody's as Markdown that shows just this text, in one line."""
    return _SPECIAL.sub(r"\\\1", clean(text))


def summary(result: Result, snapshot: Snapshot | None) -> str:
    """Return the summary of a command."""
    title = _TITLES[result.outcome] if result.outcome else "Nothing was released"
    parts = [f"## {title}", escaped(result.sentence)]
    parts += [f"> ⚠️ {escaped(warning)}" for warning in result.warnings]
    if result.record is not None:
        parts.append(_facts(result.record))
    if snapshot is not None and snapshot.deployment is not None:
        parts.append(_events(snapshot))
    return "\n\n".join(parts) + "\n"


def failure(sentence: str) -> str:
    """Return the summary of a command that came to nothing."""
    lines = [escaped(line) for line in sentence.splitlines()]
    return "\n\n".join(["## Not done", *lines]) + "\n"


def _facts(record: Record) -> str:
    rows = {
        "release": record.id,
        "stage": record.stage,
        "kind": record.kind,
        "image": record.image,
        "model": record.model,
        "commit": record.commit,
        "before": record.previous,
        "strategy": f"{record.strategy} by {record.engine}",
        "by": record.by,
        "began": record.started,
        "ended": record.ended,
    }
    lines = [f"| {name} | {escaped(value)} |" for name, value in rows.items() if value]
    return "\n".join(["| | |", "|---|---|", *lines])


def _events(snapshot: Snapshot) -> str:
    lines = [
        f"| {words.mark(event.status)} {escaped(event.name)} | "
        f"{words.at(event.started) if event.started else ''} | {words.lasted(event, snapshot.at)} |"
        for event in words.events(snapshot.deployment)
    ]
    return "\n".join(["| event | began (UTC) | took |", "|---|---|---|", *lines])

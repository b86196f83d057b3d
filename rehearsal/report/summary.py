"""The table that ends a rehearsal in the terminal: verdicts first, then what they rest on."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from rehearsal import resources
from rehearsal.report.document import Document
from service import contract

_COLOURS: Final = {"pass": "green", "fail": "red", "not played": "dim"}
_MARKS: Final = {"pass": "kept", "fail": "BROKEN", "not played": "not played"}


def show(report: Document, console: Console) -> None:
    """Print what a rehearsal came to."""
    console.print(_promises(report))
    if report["faults"]:
        console.print(_faults(report))
    table = Table(show_header=False, box=None)
    table.add_column(style="bold")
    table.add_column(overflow="fold")
    for name, value in _rows(report):
        table.add_row(name, Text(value))
    console.print(table)


def curl(url: str, record: Mapping[str, Any], certificate: Path | None = None) -> str:
    """Return a command line that asks a service for a prediction."""
    body = json.dumps(record, ensure_ascii=False).replace("'", "'\\''")
    trust = f"--cacert {certificate} " if certificate else ""
    address = url + contract.PREDICT
    return f"curl --noproxy '*' {trust}-H 'Content-Type: application/json' -d '{body}' {address}"


def _promises(report: Document) -> Table:
    verdict = report["verdict"]
    pretended = f", pretending {report['pretend']}" if report["pretend"] else ""
    title = Text(f"Rehearsal of {report['stage']}{pretended}: {verdict}", style=_COLOURS[verdict])
    table = Table(title=title, title_justify="left")
    for name in ("promise", "verdict", "evidence"):
        table.add_column(name, overflow="fold")
    for promise in report["promises"]:
        found = promise["verdict"]
        table.add_row(
            Text(promise["promise"]), Text(_MARKS[found], style=_COLOURS[found]), Text(promise["evidence"])
        )
    return table


def _faults(report: Document) -> Table:
    table = Table(title="Faults", title_justify="left")
    for name in ("fault", "expected", "observed", "speed", "lost", "recovered"):
        table.add_column(name, overflow="fold", no_wrap=name == "fault")
    for fault in report["faults"]:
        seconds = fault["recovered_s"]
        recovered = "never" if seconds is None else f"{seconds:.1f} s"
        cells = (
            fault["name"],
            fault["expected"],
            fault["observed"],
            f"{fault['speed']:g}",
            str(fault["lost"]),
            recovered,
        )
        table.add_row(*map(Text, cells))
    return table


def _rows(report: Document) -> list[tuple[str, str]]:
    sent, counts, p99 = report["requests"], report["resources"], report["p99_ms"]
    releases = [f"{item['kind']} by {item['strategy']}: {item['outcome']}" for item in report["releases"]]
    return [
        ("requests", f"{sent['sent']} sent, {sent['failed']} failed, {sent['wrong']} wrong"),
        ("p99", f"{_ms(p99['steady'])} steady, {_ms(p99['shift'])} while traffic moved"),
        ("releases", "\n".join(releases) or "none"),
        ("resources", ", ".join(f"{counts[fate]} {fate}" for fate in resources.FATES)),
        ("time", f"{report['duration_s']:.0f} s, {report['speed']:g} times faster than AWS waits"),
        *report["facts"].items(),
    ]


def _ms(value: float | None) -> str:
    return "not measured" if value is None else f"{value:.1f} ms"

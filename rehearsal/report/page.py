"""`report.html`: one page that needs nothing but itself, made of `report.json` alone.

Whatever it shows is escaped. It runs no script, loads nothing, and its policy (CSP) allows nothing but its
own style sheet, by that one's digest.
"""

import base64
import hashlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from rehearsal.report.charts import clock
from rehearsal.report.document import Document, pretence
from rehearsal.report.figures import figures

_FOLDER: Final = Path(__file__).with_name("templates")
_SHORT: Final = 8
MARKS: Final = {"pass": "✓", "fail": "✗", "not played": "–"}


def page(report: Document) -> str:
    """Return the page of a report."""
    style = (_FOLDER / "report.css").read_text(encoding="utf-8")
    environment = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "clock": clock,
        "short": short,
        "ms": milliseconds,
        "number": number,
        "time": time,
    }
    return environment.get_template("report.html").render(
        report=report,
        figures=figures(report),
        pretence=pretence(report),
        marks=MARKS,
        # Ours, and it must be the very text that the digest is of.
        style=Markup(style),  # noqa: S704
        digest=digest(style),
    )


def write(report: Document, path: Path) -> None:
    """Write `report.html` as a whole."""
    draft = path.with_suffix(".draft")
    draft.write_text(page(report), encoding="utf-8")
    draft.rename(path)


def digest(text: str) -> str:
    """Return what a content security policy calls a text: its SHA-256."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def short(version: str) -> str:
    """Return the beginning of a version; the page tells the whole of each once."""
    return version[:_SHORT] or "none"


def milliseconds(value: float | None) -> str:
    """Return a latency for people."""
    return "–" if value is None else f"{value:,.1f} ms"


def number(value: Any) -> str:  # noqa: ANN401 - whatever is counted
    """Return a count for people."""
    return f"{value:,}"


def time(at: float) -> str:
    """Return a Unix time for people, in UTC."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")

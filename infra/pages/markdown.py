"""Markdown, as the generated documents write it."""

from collections.abc import Iterable, Sequence


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table, each row in one line, with a line break at its end."""
    lines = [header, ["---"] * len(header), *rows]
    return "".join(f"| {' | '.join(map(cell, line))} |\n" for line in lines)


def cell(text: str) -> str:
    """Return a text as a cell of a table: in one line, with no bar that would end the cell."""
    return " ".join(text.split()).replace("|", "\\|")


def code(text: str) -> str:
    """Return a text in the fixed-width font."""
    return f"`{text}`"


def generated(page: str) -> str:
    """Return the first line of a generated document, for whoever is about to edit it."""
    return f"<!-- Written by `make docs` (infra/pages/{page}); edit the code that it describes instead. -->\n"

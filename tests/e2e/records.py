"""Plant records as a client would send them."""

import csv
from pathlib import Path


def plant_records(path: Path) -> list[dict[str, object]]:
    """Read a CSV file into JSON records: empty cells are null, numbers are numbers, the rest is text."""
    with path.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    return [{name: cell(value) for name, value in row.items() if name != "收率"} for row in rows[:50]]


def cell(text: str) -> object:
    """Return a cell as a client would write it in JSON."""
    if text == "":
        return None
    try:
        return float(text)
    except ValueError:
        return text

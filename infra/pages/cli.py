"""The command line of the generated documents."""

import argparse
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

from infra.pages.files import stale, write
from infra.pages.table import PAGES

ROOT: Final = Path(__file__).resolve().parents[2]
"""The repository."""


def main(
    arguments: Sequence[str] | None = None,
    *,
    pages: Mapping[str, Callable[[], str]] = PAGES,
    root: Path = ROOT,
) -> int:
    """Write the documents, or with `--check` only say which are stale; return the exit code.

    Returns:
        0 when all is well, 1 when `--check` found a stale document; argparse ends with 2 on misuse.
    """
    parser = argparse.ArgumentParser(
        prog="python -m infra.pages", description="Make documents from the code."
    )
    parser.add_argument("--check", action="store_true", help="write nothing; fail when a document is stale")
    if parser.parse_args(arguments).check:
        return _check(pages, root)
    for path in write(pages, root):
        print(f"{path} written")
    return 0


def _check(pages: Mapping[str, Callable[[], str]], root: Path) -> int:
    found = stale(pages, root)
    if not found:
        return 0
    print(f"Not as the code says: {', '.join(found)}. Run make docs and commit what it wrote.")
    return 1

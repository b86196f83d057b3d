"""`python -m tests.rehearsal.ecs.rules`: write the table of rules from the tests that keep them."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Final

HERE: Final = Path(__file__).parent
PAGE: Final = HERE.parents[2] / "docs/reference/rehearsed-ecs.md"
OPENS: Final = "| Rule | Documented in | Test |\n|---|---|---|\n"
_OF: Final = ("machine", "planning", "rolling", "traffic", "questions", "runner", "templates")


def table() -> str:
    """Return the table: one row for each test, in the order of the files."""
    return OPENS + "".join(f"| {rule} | {source} | `{test}` |\n" for rule, source, test in rows())


def rows() -> Iterator[tuple[str, str, str]]:
    """Yield each test's rule, where that is documented, and the test's name."""
    for part in _OF:
        path = HERE / f"test_{part}.py"
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                rule = node.name.removeprefix("test_").replace("_", " ")
                source = (ast.get_docstring(node) or "").removeprefix("See ").replace("\n", " ")
                yield rule, source.replace("|", "\\|"), f"test_{part}.py::{node.name}"


def page() -> str:
    """Return the page with its table written anew; the text before it stays."""
    text, _, _ = PAGE.read_text(encoding="utf-8").partition(OPENS)
    return text + table()


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")

"""`python -m tests.rehearsal.rules`: write the tables of rules from the tests that keep them."""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

HERE: Final = Path(__file__).parent
PAGES: Final = HERE.parents[1] / "docs/reference"
OPENS: Final = "| Rule | Documented in | Test |\n|---|---|---|\n"


@dataclass(frozen=True)
class Rules:
    """The rules of one service, each of which is the name of a test."""

    service: str
    """The folder of the tests, and what the page is named for."""
    parts: Sequence[str]
    """Its modules, in the order of the table."""

    @property
    def page(self) -> Path:
        """The page that holds the table."""
        return PAGES / f"rehearsed-{self.service}.md"

    def rows(self) -> Iterator[tuple[str, str, str]]:
        """Yield each test's rule, where that is documented, and the test's name."""
        for part in self.parts:
            path = HERE / self.service / f"test_{part}.py"
            for node in ast.parse(path.read_text(encoding="utf-8")).body:
                if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                    rule = node.name.removeprefix("test_").replace("_", " ")
                    source = (ast.get_docstring(node) or "").removeprefix("See ").replace("\n", " ")
                    yield rule, source.replace("|", "\\|"), f"test_{part}.py::{node.name}"

    def written(self) -> str:
        """Return the page with its table written anew; the text before it stays."""
        text, _, _ = self.page.read_text(encoding="utf-8").partition(OPENS)
        table = "".join(f"| {rule} | {source} | `{test}` |\n" for rule, source, test in self.rows())
        return text + OPENS + table


SERVICES: Final = (
    Rules("codedeploy", ("machine", "schedule", "appspec", "runner", "api", "resources")),
    Rules("ecs", ("machine", "planning", "rolling", "traffic", "questions", "runner", "templates")),
)

if __name__ == "__main__":
    for rules in SERVICES:
        rules.page.write_text(rules.written(), encoding="utf-8")

"""A release cannot know whether it talks to AWS: its code names nothing of a rehearsal."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
FILES = sorted((ROOT / "release").rglob("*.py"))
TELLING = re.compile(
    r"rehears|localhost|loopback|\b127\.|0\.0\.0\.0|::1|moto|endpoint|aws_endpoint|fake|simulat|sandbox|speed",
    re.IGNORECASE,
)
"""What only code would name that is to know where it is."""
ASKED = {"GITHUB_STEP_SUMMARY", "TERM"}
"""All that the code reads from the environment by name; the workflow's address is read beside these."""


def code_of(path: Path) -> str:
    """Return a module's code without comments and docstrings."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
            node.body = [one for one in node.body if not _is_text(one)] or [ast.Pass()]
    return ast.unparse(tree)


def _is_text(node: ast.stmt) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_release_knows_nothing_of_the_rehearsal(path: Path) -> None:
    """No module of it names an address, a server, a speed or a variable that leads elsewhere."""
    assert TELLING.findall(code_of(path)) == []


def test_a_release_asks_the_environment_for_nothing_that_would_tell() -> None:
    """What it reads from there by name is what decides how it reports, and never what it does."""
    reads = re.compile(r"environ(?:\.get\(|\[)'(\w+)'")
    assert {name for path in FILES for name in reads.findall(code_of(path))} == ASKED


@pytest.mark.parametrize(
    "line",
    [
        "session.client('s3', endpoint_url=url)",
        "if os.environ.get('AWS_ENDPOINT_URL'): pass",
        "host = 'localhost'",
        "import rehearsal.clock",
    ],
)
def test_the_search_finds_what_it_looks_for(tmp_path: Path, line: str) -> None:
    """A line that knows is found, also in a module whose docstring may speak of a rehearsal."""
    module = tmp_path / "module.py"
    module.write_text(f'"""It may be rehearsed."""\n{line}\n', encoding="utf-8")
    assert len(TELLING.findall(code_of(module))) >= 1

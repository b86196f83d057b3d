"""The table of traps names what is there: every module, every test."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
TRAPS = (ROOT / "docs/reference/traps.md").read_text(encoding="utf-8")
ROWS = [line.strip("| ").split(" | ") for line in TRAPS.splitlines() if line.startswith("| ")][1:]


def test_every_trap_has_its_row() -> None:
    """What it is, what is done, where, and the test that proves it."""
    assert len(ROWS) > 30
    for row in ROWS:
        assert len(row) == 4, row
        trap, done, _, proof = row
        assert done, trap
        assert "::" in proof, trap


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0][:50])
def test_what_a_row_names_is_there(row: list[str]) -> None:
    """The module that handles the trap, and the tests that prove it, by their names."""
    _, _, where, proof = row
    assert (ROOT / where.strip("`")).is_file(), where
    for path, name in re.findall(r"`([\w/.]+)::(\w+)`", proof):
        tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
        assert name in {one.name for one in tree.body if isinstance(one, ast.FunctionDef)}, f"{path}::{name}"


def test_operators_are_warned_of_reverting_drift() -> None:
    """`cdk deploy --revert-drift` restores the colour of the last deploy."""
    for path in ("docs/runbooks/wrong-colour.md", "infra/live_colour.py"):
        text = (ROOT / path).read_text(encoding="utf-8")
        assert re.search(r"[Nn]ever[^.]*--revert-drift", text, flags=re.DOTALL), path


def test_operators_are_warned_of_a_new_service_behind_blue() -> None:
    """With green live, another release makes blue live; the parameter written by hand is the outage."""
    text = (ROOT / "docs/runbooks/replace-service.md").read_text(encoding="utf-8")
    assert "CloudFormation makes the new service **behind blue**" in text
    assert re.search(r"\*\*Never\*\* write `blue` into the parameter by hand", text)
    assert re.search(r"^1\. Make blue live: release ", text, flags=re.MULTILINE)

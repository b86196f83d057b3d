"""Generated documents: fresh, complete, and told when they are not."""

from dataclasses import is_dataclass
from enum import Enum
from pathlib import Path
from typing import get_args, get_type_hints

import pytest

from infra.checks import RULES
from infra.checks.protected import REFUSALS
from infra.config import STAGES
from infra.pages.cli import main
from infra.pages.markdown import table
from infra.pages.settings import settings_page
from infra.pages.source import Described, Member, described
from infra.settings import RegistrySettings, StageSettings

ROOT = Path(__file__).parents[3]
SETTINGS = (ROOT / "docs/reference/settings.md").read_text(encoding="utf-8")


def kinds(group: type) -> list[type]:
    """Return a dataclass and every dataclass and enumeration that its fields need."""
    hints = get_type_hints(group)
    used = [part for hint in hints.values() for part in (hint, *get_args(hint))]
    own = [part for part in used if isinstance(part, type) and (is_dataclass(part) or issubclass(part, Enum))]
    return [group, *(kind for part in own for kind in (kinds(part) if is_dataclass(part) else [part]))]


KINDS = [*kinds(StageSettings), RegistrySettings]


def test_the_settings_reference_is_fresh() -> None:
    """It is what the code says now; `make docs` writes it."""
    assert settings_page() == SETTINGS


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_setting_and_every_value_has_its_row(kind: type) -> None:
    """With a meaning, in the section of its own group."""
    if issubclass(kind, Enum):
        names = [f"{kind.__name__}.{value.name}" for value in kind]
    else:
        names = list(get_type_hints(kind))
    for name in names:
        rows = [
            line.strip("| ").split(" | ")
            for line in SETTINGS.splitlines()
            if line.startswith(f"| `{name}` |")
        ]
        assert any(len(row) >= 3 and row[-1] for row in rows), name


def test_the_rules_and_refusals_are_all_there() -> None:
    """Each rule with its promise, each refusal with its reason."""
    rows = SETTINGS.splitlines()
    told_below = [f"| `{refusal.field}` | {refusal.rule().promise} |" for refusal in REFUSALS]
    told_here = {f"| `{rule.field}` | {rule.promise} |" for rule in RULES} - {*told_below}
    assert told_here <= {*rows}
    assert [row for row in told_below if row in rows] == []
    for refusal in REFUSALS:
        assert f"| `{refusal.field}` | {refusal.value} | {refusal.reason} |" in rows


def test_the_rules_may_stand_in_any_order(monkeypatch: pytest.MonkeyPatch) -> None:
    """The page tells the same rows when what a protected stage refuses comes first."""
    rows = sorted(settings_page().splitlines())
    monkeypatch.setattr("infra.pages.settings.RULES", RULES[::-1])
    assert sorted(settings_page().splitlines()) == rows


def test_stages_are_shown_where_they_differ() -> None:
    """Side by side, and nothing else."""
    section = SETTINGS.split("## The stages of this repository")[1]
    rows = [line.strip("| ").split(" | ") for line in section.splitlines() if line.startswith("| `")]
    assert all(len(row) == 1 + len(STAGES) and len(set(row[1:])) > 1 for row in rows)
    assert ["`tasks.cpu`", "512", "512", "1024"] in rows


def test_a_stale_document_is_named_with_the_remedy(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`--check` writes nothing and fails; without it the document is written, once."""
    pages = {"docs/one.md": lambda: "one\n", "docs/two.md": lambda: "two\n"}
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs/one.md").write_text("one\n", encoding="utf-8")
    assert main(["--check"], pages=pages, root=tmp_path) == 1
    assert capsys.readouterr().out == (
        "Not as the code says: docs/two.md. Run make docs and commit what it wrote.\n"
    )
    assert not (tmp_path / "docs/two.md").exists()
    assert main([], pages=pages, root=tmp_path) == 0
    assert capsys.readouterr().out == "docs/two.md written\n"
    assert main(["--check"], pages=pages, root=tmp_path) == 0
    assert main([], pages=pages, root=tmp_path) == 0
    assert capsys.readouterr().out == ""


def test_a_cell_cannot_break_its_table() -> None:
    """Bars and line breaks of a docstring stay in their cell."""
    assert (
        table(["a", "b"], [["x | y", "two\nlines"]]) == "| a | b |\n| --- | --- |\n| x \\| y | two lines |\n"
    )


def test_the_source_is_read_with_the_text_below_each_field(tmp_path: Path) -> None:
    """Names, types, defaults as one would write them, and meanings; methods are no fields."""
    module = tmp_path / "module.py"
    module.write_text(
        "class Way(StrEnum):\n"
        '    """Ways."""\n'
        '    OUT = "out"\n'
        '    """Away."""\n'
        "class Group:\n"
        '    """A group."""\n'
        "    size: int | None = 30_000\n"
        '    """How\n    large."""\n'
        "    way: Way = field(default_factory=Way)\n"
        "    bare: str\n"
        "    def double(self) -> int:\n"
        '        """Twice."""\n',
        encoding="utf-8",
    )
    assert described(module) == {
        "Way": Described(
            name="Way",
            meaning="Ways.",
            enumeration=True,
            members=(Member(name="OUT", kind=None, value="'out'", meaning="Away."),),
        ),
        "Group": Described(
            name="Group",
            meaning="A group.",
            enumeration=False,
            members=(
                Member(name="size", kind="int | None", value="30_000", meaning="How large."),
                Member(name="way", kind="Way", value="Way()", meaning=""),
                Member(name="bare", kind="str", value=None, meaning=""),
            ),
        ),
    }

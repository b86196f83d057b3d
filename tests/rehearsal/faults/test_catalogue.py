"""Which faults there are, and how others are added."""

import re
from pathlib import Path

import pytest

from rehearsal import faults
from rehearsal.errors import Misuse
from rehearsal.faults.catalogue import CATALOGUE, chosen

GUIDE = Path(__file__).resolve().parents[3] / "docs" / "guides" / "faults.md"
NAMES = [fault.name for fault in CATALOGUE]


def example() -> str:
    """Return the Python file that the guide shows."""
    (found,) = re.findall(r"```python\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    return str(found)


def test_all_are_played_when_none_is_named() -> None:
    """In the catalogue's order."""
    assert chosen() == CATALOGUE


def test_three_can_be_played_without_the_protection_against_them() -> None:
    """So that their detectors can be seen red on a whole stage."""
    unprotected = Path(__file__).with_name("unprotected.py")
    added = chosen(files=[unprotected])[len(CATALOGUE) :]
    assert [one.name.removesuffix("-unprotected") for one in added] == [
        "wrong-answers",
        "cdk-deploy",
        "errors-in-production",
    ]


def test_names_choose_and_order() -> None:
    """As on the command line."""
    assert [one.name for one in chosen(["cdk-deploy", "crash-loop"])] == ["cdk-deploy", "crash-loop"]


def test_a_name_that_is_none_is_refused_with_those_that_are() -> None:
    """So that nobody waits for a stage in vain."""
    with pytest.raises(Misuse, match="no fault crashloop: choose among crash-loop, never-ready"):
        chosen(["crashloop"])


def test_every_bad_version_is_there() -> None:
    """And none is left over."""
    used = {one.bad for one in CATALOGUE if one.bad}
    kept = {path.stem for path in (Path(faults.__file__).parent / "bad").glob("*.py")}
    assert used == kept
    assert all(faults.overlay(name)["service/__main__.py"] for name in used)


def test_the_guide_tells_of_every_fault_and_of_no_other() -> None:
    """One row each, in the catalogue's order, with the sentence that the report shows."""
    rows = re.findall(r"^\| `([a-z-]+)` \| (.*?) \|", GUIDE.read_text(encoding="utf-8"), re.MULTILINE)
    assert rows == [(one.name, one.meaning) for one in CATALOGUE]


def test_the_guides_example_adds_a_fault(tmp_path: Path) -> None:
    """It can be named like any other, and stands behind them."""
    path = tmp_path / "mine.py"
    path.write_text(example(), encoding="utf-8")
    assert [one.name for one in chosen(files=[path])] == [*NAMES, "listener-meddled-with"]
    assert [one.name for one in chosen(["listener-meddled-with"], [path])] == ["listener-meddled-with"]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (None, "is no Python file with faults"),
        ("", "defines no FAULTS"),
        ("FAULTS = ['crash-loop']", "defines no FAULTS"),
        ("from rehearsal.faults.catalogue import CATALOGUE as FAULTS", "Two faults are called 'crash-loop'"),
    ],
)
def test_a_file_that_adds_nothing_of_use_is_refused(tmp_path: Path, text: str | None, sentence: str) -> None:
    """With a sentence that says what is wrong."""
    path = tmp_path / "mine.py"
    if text is not None:
        path.write_text(text, encoding="utf-8")
    with pytest.raises(Misuse, match=sentence):
        chosen(files=[path])

"""What is specific to the example stays where it can be replaced."""

import re
from pathlib import Path

import pytest

import model
from model.schema import FIELDS, IDENTIFIER, TARGET

REPLACEABLE = {"schema", "features", "clock", "pipeline", "example"}
SOURCES = sorted(path for folder in model.__path__ for path in Path(folder).glob("*.py"))


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_only_replaceable_modules_name_columns(path: Path) -> None:
    """A model of one's own replaces schema, features and pipeline; no other module names a column."""
    names = [IDENTIFIER, TARGET.name, *(field.name for field in FIELDS)]
    named = re.findall(rf"\b(?:{'|'.join(names)})\b", path.read_text(encoding="utf-8"))
    assert not named or path.stem in REPLACEABLE


def test_generic_modules_were_looked_at() -> None:
    """The list above is that of the package, not an empty one."""
    assert {"training", "evaluation", "package", "export"} <= {path.stem for path in SOURCES}

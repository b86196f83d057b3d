"""What reviewers look at: the table of resources and the picture are whole and fresh."""

import re
from fnmatch import fnmatchcase
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from infra.config import STAGES
from infra.pages.architecture import architecture_picture
from infra.pages.layout import ARROWS, BOX_HEIGHT, BOX_WIDTH, BOXES, FRAMES, HEIGHT, WIDTH, Box
from infra.pages.purposes import LIFETIMES, PURPOSES
from infra.pages.resources import resources_page
from infra.pages.templates import resources
from tests.infra.assembly import Assembly

ROOT = Path(__file__).parents[3]
PICTURE = ROOT / "docs/architecture.svg"
TABLE = ROOT / "docs/reference/resources.md"


@pytest.mark.slow
@pytest.mark.parametrize(("page", "made"), [(PICTURE, architecture_picture), (TABLE, resources_page)])
def test_it_is_fresh(page: Path, made: object) -> None:
    """It is what the templates say now: run `make docs` and commit what it wrote."""
    assert callable(made)
    assert page.read_text(encoding="utf-8") == made(), "stale: run make docs"


@pytest.mark.slow
def test_every_resource_has_a_purpose() -> None:
    """In words, by its construct; and nobody explains what is not there."""
    assert [(one.stack, one.path) for one in resources() if not one.purpose] == []
    assert [
        (purpose.stack, purpose.path)
        for purpose in PURPOSES
        if not any(one.stack == purpose.stack and fnmatchcase(one.path, purpose.path) for one in resources())
    ] == []


@pytest.mark.slow
def test_every_resource_of_every_stage_is_in_the_table(assembly: Assembly) -> None:
    """As many of each type as the stage's templates have, beside the roles of workflows."""
    expected = [
        resource["Type"].removeprefix("AWS::")
        for part in LIFETIMES
        if part not in {"Access", "Registry"}
        for resource in assembly.template(part)["Resources"].values()
    ]
    found = [
        one.type
        for one in resources()
        if assembly.stage in one.stages and one.stack not in {"Access", "Registry"}
    ]
    assert sorted(found) == sorted(expected)


@pytest.mark.slow
def test_the_rows_of_a_stack_add_up_to_its_resources() -> None:
    """Rows that stand for several say for how many, and none is lost."""
    for section in TABLE.read_text(encoding="utf-8").split("\n## ")[1:]:
        name, *lines = section.splitlines()
        rows = [line for line in lines if line.startswith("| `")]
        numbers = [int(times) for row in rows for times in re.findall(r"` ×(\d+) \|", row)]
        assert len(rows) - len(numbers) + sum(numbers) == sum(one.stack == name for one in resources()), name


def test_stages_and_stacks_are_named_in_the_table() -> None:
    """Every stage has its column, every stack its section."""
    text = TABLE.read_text(encoding="utf-8")
    assert f"| stack | {' | '.join(STAGES)} | lives |" in text
    assert [name for name in LIFETIMES if f"\n## {name}\n" not in text] == []


def test_the_picture_needs_nothing_but_itself() -> None:
    """Well-formed, text as text, nothing fetched, legible on dark paper as well."""
    text = PICTURE.read_text(encoding="utf-8")
    root = ET.fromstring(text)  # noqa: S314 - written by this repository
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert {"image", "foreignObject", "script", "use"} & {
        one.tag.rpartition("}")[2] for one in root.iter()
    } == set()
    assert re.findall(r"(?:href|src|url)\s*[=(]\s*[\"']?(?!#)[^)]", text) == []
    assert "prefers-color-scheme: dark" in text
    assert {one.stack for one in FRAMES} == set(LIFETIMES)


def test_nothing_in_the_picture_covers_another() -> None:
    """Boxes stand in their stack's frame and apart, and no arrow runs through a box."""
    frames = {frame.stack: frame for frame in FRAMES}
    for box in BOXES:
        frame = frames[box.stack]
        assert frame.x < box.x < box.x + BOX_WIDTH < frame.x + frame.width <= WIDTH, box
        assert frame.y + 28 < box.y < box.y + BOX_HEIGHT < frame.y + frame.height <= HEIGHT, box
    assert [
        (one.title, other.title) for one in BOXES for other in BOXES if one is not other and meet(one, other)
    ] == []
    for arrow in ARROWS:
        for (x1, y1), (x2, y2) in zip(arrow.points, arrow.points[1:], strict=False):
            middles = [(x1 + (x2 - x1) * step / 20, y1 + (y2 - y1) * step / 20) for step in range(1, 20)]
            assert [box.title for box in BOXES for x, y in middles if inside(box, x, y)] == [], arrow.label


def meet(one: Box, other: Box) -> bool:
    """Return whether two boxes share a point."""
    return abs(one.x - other.x) < BOX_WIDTH and abs(one.y - other.y) < BOX_HEIGHT


def inside(box: Box, x: float, y: float) -> bool:
    """Return whether a point is within a box."""
    return box.x < x < box.x + BOX_WIDTH and box.y < y < box.y + BOX_HEIGHT

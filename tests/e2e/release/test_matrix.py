"""One release code, both engines, every strategy: a good version ships, a bad one is turned back."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from release.record import Outcome

from . import matrix
from .opening import opened
from .world import World

pytestmark = pytest.mark.slow

CODEDEPLOY = ("canary", "all-at-once", "blue-green", "linear")
ECS = ("blue-green", "canary", "linear")
ROLLING = "rolling"


@pytest.fixture(scope="module")
def rows() -> Iterator[list[matrix.Row]]:
    """What has been played; the whole table is told at the end."""
    found: list[matrix.Row] = []
    yield found
    print("", matrix.line(*matrix.HEAD), *found, sep="\n")  # noqa: T201


@pytest.fixture(scope="module")
def native(tmp_path_factory: pytest.TempPathFactory, records: Path) -> Iterator[World]:
    """A stage whose traffic Amazon ECS moves itself."""
    with opened(tmp_path_factory.mktemp("ecs"), records, "ecs-blue-green") as found:
        yield found


def played(world: World, variant: str, rows: list[matrix.Row], *, spoiled: str = "wrong_answers") -> None:
    """Play a variant, and demand that it was as it must be.

    The deployment before it comes after a bad version, and leaves the good one live.
    """
    if world.variant != variant:
        moved = matrix.switch(world, variant)
        assert (moved.after, moved.lost) == (moved.before, 0)
    row = matrix.play(world, spoiled)
    rows.append(row)
    assert (row.good.exit_code, row.good.outcome, row.good.lost) == (0, Outcome.SHIPPED, 0), row.good.said
    assert (row.bad.exit_code, row.bad.outcome, row.bad.lost) == (1, Outcome.ROLLED_BACK, 0), row.bad.said


@pytest.mark.parametrize("strategy", CODEDEPLOY)
def test_codedeploy_ships_the_good_and_turns_the_bad_back(
    world: World, rows: list[matrix.Row], strategy: str
) -> None:
    """Not a request is lost, and none is answered by a version that has not passed its gate."""
    played(world, f"codedeploy-{strategy}", rows)


@pytest.mark.parametrize("strategy", ECS)
def test_ecs_ships_the_good_and_turns_the_bad_back(
    native: World, rows: list[matrix.Row], strategy: str
) -> None:
    """So it is when Amazon ECS itself moves the traffic, by rules."""
    played(native, f"ecs-{strategy}", rows)

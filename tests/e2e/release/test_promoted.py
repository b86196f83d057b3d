"""Promotion between two stages: the very digest that one runs is what the other gets, and nothing is lost."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from release.record import Kind, Outcome

from .pair import Pair, opened
from .points import UNDONE_BY_SHIP
from .world import World

pytestmark = pytest.mark.slow

UNDER_WAY = next(point for point in UNDONE_BY_SHIP if str(point) == "after revision")
"""Where the release to the source is held while somebody promotes."""


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory, records: Path) -> Iterator[Pair]:
    """`dev` and `staging`, made with the same image."""
    with opened(tmp_path_factory.mktemp("pair"), records) as found:
        yield found


@contextmanager
def untouched(world: World) -> Iterator[None]:
    """Demand that a stage keeps claim, records, tasks, traffic and hold, and that nothing is lost there."""

    def seen() -> object:
        tasks = world.box.plane.ecs.list_tasks(cluster=world.settings.prefix)["taskArns"]
        return world.claim, world.records, sorted(tasks), world.shares, world.remembered, world.held

    since, before, model = time.time(), seen(), world.model
    yield
    assert seen() == before
    assert world.lost(since, allowed=[model]) == []


def test_nothing_is_promoted_while_the_source_is_released_to(pair: Pair) -> None:
    """Nobody knows which version it will run then: the sentence names the release, which goes on."""
    pair.shipped()
    with pair.source.hanging(UNDER_WAY.rule):
        shipping = pair.begin_bad_release()
        pair.source.wait_until_stalled(shipping)
        with untouched(pair.target):
            code, said = pair.promote()
    assert shipping.process.wait(60) == 1, shipping.tail()
    last = pair.source.records[-1]
    assert last.outcome is Outcome.ROLLED_BACK
    assert (code, f"dev has a release under way ({last.id})" in said) == (1, True), said


def test_the_live_version_is_released_to_the_other_stage_by_its_very_digest(pair: Pair) -> None:
    """With a record that names the release that brought it, not the one that was turned back after it."""
    shipped, replaced, before = pair.shipped(), pair.target.digests, pair.target.model
    if pair.source.records[-1] == shipped:
        assert pair.begin_bad_release().process.wait(60) == 1
    since = time.time()
    with untouched(pair.source):
        code, said = pair.promote()
    assert code == 0, said
    assert pair.target.digests == pair.source.digests == {shipped.digest}
    record = pair.target.records[-1]
    assert (record.kind, record.source, record.outcome) == (Kind.PROMOTE, shipped.id, Outcome.SHIPPED)
    assert (record.stage, record.image, {record.previous}) == ("staging", shipped.image, replaced)
    assert pair.target.lost(since, allowed=[before, pair.source.model]) == []

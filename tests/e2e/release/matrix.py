"""Both engines and every strategy: one good version and one bad one, and a row that tells of both."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from rehearsal import faults
from release.record import Outcome
from tests.e2e.release import variants
from tests.e2e.release.world import World
from tests.infra.assembly import synthesised

_WIDTHS: Final = (11, 12, 10, 5, 5, 15, 12, 5, 5)
HEAD: Final = ("engine", "strategy", "good", "s", "lost", "bad version", "came to", "s", "lost")


@dataclass(frozen=True)
class Shipped:
    """What came of one release."""

    exit_code: int
    outcome: Outcome | None
    said: str
    lost: int
    """Requests that failed, or that a version answered that was not to."""
    seconds: float


@dataclass(frozen=True)
class Row:
    """What came of the two releases of one engine by one strategy, in their order."""

    engine: str
    strategy: str
    good: Shipped
    spoiled: str
    """Name of the bad version."""
    bad: Shipped

    def __str__(self) -> str:
        good, bad = ((str(one.outcome), f"{one.seconds:.0f}", str(one.lost)) for one in (self.good, self.bad))
        return line(self.engine, self.strategy, *good, self.spoiled, *bad)


@dataclass(frozen=True)
class Moved:
    """What a deployment of the service's stack did to what is live."""

    before: str
    """Version that all tasks ran."""
    after: str
    lost: int
    """Requests that failed, or that another version answered."""


def line(*cells: str) -> str:
    """Return a row of the table."""
    return " ".join(cell.ljust(width) for cell, width in zip(cells, _WIDTHS, strict=True)).rstrip()


def switch(world: World, variant: str) -> Moved:
    """Deploy the stage with the settings of another variant of the same engine."""
    settings = variants.settings(variant)
    folder = world.box.workspace.run / variant
    synthesised(settings, folder, image=world.stage.first.image.digest)
    before, started = world.model, time.time()
    world.box.cdk().deploy(settings.stack_name("Service"), assembly=folder)
    world.stage = replace(world.stage, box=replace(world.box, settings=settings))
    world.variant = variant
    return Moved(before, world.model, len(world.lost(started, allowed=[before])))


def play(world: World, spoiled: str) -> Row:
    """Ship a good version, and then a bad one, which must be none that may answer."""
    release = world.settings.release
    before, good = world.model, world.next_version
    other = next(version for version in world.versions if version is not good)
    first = _ship(world, world.box.push(good.image), allowed=[before, good.model])
    spoiled_image = world.stage.versions.spoiled(other, faults.overlay(spoiled))
    bad = _ship(world, world.box.push(spoiled_image), allowed=[good.model])
    row = Row(release.engine, release.strategy, first, spoiled, bad)
    world.told.append(str(row))
    return row


def _ship(world: World, image: str, *, allowed: Sequence[str]) -> Shipped:
    started = time.time()
    code, said = world.run("ship", "--image", image)
    seconds = time.time() - started
    lost = world.lost(started, allowed=allowed)
    newest = [record for record in world.records if record.image == image]
    return Shipped(code, newest[-1].outcome if newest else None, said, len(lost), seconds)

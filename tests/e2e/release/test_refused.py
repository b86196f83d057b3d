"""What a release refuses, with a sentence, and with nothing begun."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from .points import UNDONE_BY_SHIP
from .world import World

pytestmark = pytest.mark.slow


@contextmanager
def nothing_begun(world: World) -> Iterator[None]:
    """Demand that the claim, the records, the deployments and the revisions stay as they are."""

    def seen() -> object:
        revisions = world.box.plane.ecs.list_task_definitions()["taskDefinitionArns"]
        return world.claim, world.records, world.deployments, revisions, world.shares, world.held

    before = seen()
    yield
    assert seen() == before


def test_an_image_that_is_not_named_by_its_digest(world: World) -> None:
    """A tag can be moved, so it is misuse."""
    repository = world.box.push(world.next_version.image).partition("@")[0]
    with nothing_begun(world):
        code, said = world.run("ship", "--image", f"{repository}:latest")
    assert (code, "names no image by its digest" in said) == (2, True), said


def test_an_image_that_is_not_in_the_registry(world: World) -> None:
    """What was never pushed, or has gone, is not released."""
    repository = world.box.push(world.next_version.image).partition("@")[0]
    with nothing_begun(world):
        code, said = world.run("ship", "--image", f"{repository}@sha256:{'5' * 64}")
    assert (code, "registry" in said) == (1, True), said


def test_a_model_package_that_was_altered_by_a_byte(world: World, tmp_path: Path) -> None:
    """The manifest in the image does not vouch for its probes any more."""
    package = tmp_path / "package"
    shutil.copytree(world.next_version.package, package)
    probes = package / "probes.json"
    probes.write_bytes(probes.read_bytes() + b" ")
    altered = world.stage.versions.spoiled(replace(world.next_version, package=package), {})
    image = world.box.push(altered)
    with nothing_begun(world):
        code, said = world.run("ship", "--image", image)
    assert (code, "probes.json" in said) == (1, True), said


def test_a_second_release_while_one_runs(world: World) -> None:
    """Two releases to a stage never run at once: the second names the first, and touches nothing of it."""
    point = next(point for point in UNDONE_BY_SHIP if point.action == "RegisterTaskDefinition")
    image = world.box.push(world.next_version.image)
    with world.hanging(point.rule):
        first = world.begin("ship", "--image", image, "--lease", "5")  # it lives, however busy the machine
        world.wait_until_stalled(first)
        deployments, records = world.deployments, world.records
        code, said = world.run("ship", "--image", image)
        assert (code, "has staging: step register" in said) == (1, True), said
        first.process.kill()
        first.process.wait(10)
        assert (world.deployments, world.records) == (deployments, records)
    assert world.run("stop")[0] == 0
    assert world.held == [False, False]

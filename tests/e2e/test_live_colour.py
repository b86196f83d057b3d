"""The live colour, proved: deployments after swaps that CodeDeploy makes behind CloudFormation's back.

Every test looks at one deployed stage, under a load that never stops, in the order in which they stand here.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from .live_colour.opening import opened
from .live_colour.world import World

pytestmark = pytest.mark.slow

DEPLOYMENTS = ("unrelated", "idle timeout", "failing", "TLS policy")
WRITING = ("unrelated", "failing", "TLS policy")
"""Those that make CloudFormation write the listener; an idle timeout is the load balancer's own."""


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, records: Path) -> Iterator[World]:
    """The stage; when it ends, what each step came to is told (`pytest -s` shows it)."""
    with opened(tmp_path_factory.mktemp("world"), records) as found:
        yield found
        print("", *found.verdicts, sep="\n")  # noqa: T201


def variant(rounds: str, name: str) -> Any:  # noqa: ANN401 - importing its type starts Node
    """Return a deployment of the first or second round."""
    from .live_colour import variants  # noqa: PLC0415 - starts Node

    return getattr(variants, rounds)[name]


@pytest.mark.parametrize("name", ["release", *DEPLOYMENTS])
@pytest.mark.parametrize("rounds", ["ONCE", "TWICE"])
def test_no_request_is_lost_and_traffic_stays_on_the_live_colour(
    world: World, rounds: str, name: str
) -> None:
    """After one swap and after two: an unrelated change, a changed listener, a deployment that fails."""
    verdict = world.release() if name == "release" else world.deploy(name, variant(rounds, name))
    assert verdict.faultless, verdict
    assert len(verdict.requests) > verdict.seconds * 50, verdict
    assert world.live == {"ONCE": "green", "TWICE": "blue"}[rounds]
    assert world.answering() == {world.live}
    assert world.status() == ("UPDATE_ROLLBACK_COMPLETE" if name == "failing" else "UPDATE_COMPLETE")
    assert world.production_writes() == {"idle timeout": 0, "failing": 2}.get(name, 1)


@pytest.mark.parametrize("name", ["failing", "TLS policy"])
def test_a_release_that_does_not_write_the_parameter_loses_the_live_colour(world: World, name: str) -> None:
    """The same check is red; so it is for a release that was killed before its last steps.

    That is why a deployment must be refused while a release runs.
    """
    assert world.release(remembered=False).faultless
    verdict = world.deploy(name, variant("ONCE", name))
    assert verdict.faults["wrong colour"], verdict
    world.live = "blue"
    assert world.answering() == {"blue"}


@pytest.fixture(scope="module")
def switched_off(world: World) -> World:
    """The stage with templates that send everything to blue, whatever is live; blue is."""
    from .live_colour import variants  # noqa: PLC0415 - starts Node

    assert world.live == "blue"
    assert world.deploy("templates without the condition", variants.ALWAYS_BLUE).faultless
    return world


@pytest.mark.parametrize("name", WRITING)
def test_without_the_condition_the_live_colour_is_lost(switched_off: World, name: str) -> None:
    """The same check is red when the templates say blue and nothing else, although the parameter is right."""
    from .live_colour import variants  # noqa: PLC0415 - starts Node

    world = switched_off
    assert world.release().faultless
    verdict = world.deploy(name, variant("ONCE", name).and_then(variants.ALWAYS_BLUE))
    assert verdict.faults["wrong colour"], verdict
    world.live = "blue"
    assert world.answering() == {"blue"}


def test_the_check_sees_requests_that_are_lost(world: World) -> None:
    """A colour without tasks answers nobody, and the load says so."""
    verdict = world.without_targets()
    assert verdict.faults["lost"], verdict

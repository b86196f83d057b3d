"""The gate as Amazon ECS calls it: whatever happens, there is one answer."""

import logging
from typing import Any

import pytest

from infra.hooks.gate.ecs import handle
from tests.infra.gate.conftest import Context
from tests.infra.gate.release import EVENTS, REVISION
from tests.infra.gate.servers import World

pytestmark = pytest.mark.slow

EVENT = EVENTS["ecs"]


def test_the_answer_is_exactly_this(world: World) -> None:
    """ECS reads one field, and CodeDeploy is told nothing."""
    assert handle(EVENT, Context(60.0)) == {"hookStatus": "SUCCEEDED"}
    assert world.told == []


def test_it_needs_neither_cluster_nor_service(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The event says what is released, so the function need not refer to the service that calls it."""
    for name in ("CLUSTER", "SERVICE"):
        monkeypatch.delenv(name)
    assert handle(EVENT, Context(60.0)) == {"hookStatus": "SUCCEEDED"}
    assert world.agents == {"switchyard-release-gate"}


def test_a_revision_that_ecs_does_not_know_fails(world: World, caplog: pytest.LogCaptureFixture) -> None:
    """Another revision's image is not taken for this one's, and the log has ECS's own reason."""
    world.revisions = {"another": world.revisions[REVISION]}
    assert handle(EVENT, Context(60.0)) == {"hookStatus": "FAILED"}
    assert f"ECS does not describe service revision {REVISION}: it gives MISSING." in caplog.messages


@pytest.mark.parametrize("event", [{}, {"executionDetails": {}}, {"executionDetails": None}])
def test_an_event_of_another_form_fails(
    world: World, event: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    """What is released must be beyond doubt."""
    with caplog.at_level(logging.CRITICAL):
        assert handle(event, Context(60.0)) == {"hookStatus": "FAILED"}
    assert world.agents == set()


def test_it_is_not_put_off(world: World) -> None:
    """ECS would call again for a day after IN_PROGRESS; what is not proved in time fails."""
    world.version = "00" * 32
    assert handle(EVENT, Context(18.0)) == {"hookStatus": "FAILED"}

"""Whole service deployments by the real client: the control plane moves tasks and rules as documented."""

import pytest

from .world import World, until

pytestmark = pytest.mark.slow


def test_a_canary_moves_production_traffic_in_two_parts_and_then_ends_the_old_tasks(world: World) -> None:
    """See "Amazon ECS canary deployments": a percentage first, and after its bake time the rest."""
    with world.tasks():
        canary = {"canaryPercent": 10.0, "canaryBakeTimeInMinutes": 2}
        first = world.wait(world.create("CANARY", canaryConfiguration=canary, bakeTimeInMinutes=2))
        assert (first["status"], world.weights()) == ("SUCCESSFUL", {"blue": 100, "green": 0})
        deployment = world.ship()
        seen: list[dict[str, int]] = []
        stages: list[str] = []

        def ended() -> bool:
            weights, found = world.weights(), world.look(deployment)
            if not seen or seen[-1] != weights:
                seen.append(weights)
            if found.get("lifecycleStage") not in (None, *stages[-1:]):
                stages.append(found["lifecycleStage"])
            return bool(found["status"] == "SUCCESSFUL")

        until(ended)
        assert seen == [{"blue": 100, "green": 0}, {"blue": 90, "green": 10}, {"blue": 0, "green": 100}]
        assert stages[0] in {"PRE_SCALE_UP", "SCALE_UP"}
        assert stages[-3:] == ["PRODUCTION_TRAFFIC_SHIFT", "BAKE_TIME", "CLEAN_UP"]
        assert world.weights(world.test) == {"blue": 0, "green": 100}
        service = world.estate.service()
        assert world.runs() == {"green": [service["taskDefinition"]] * 2}
        ((fleet),) = service["deployments"]
        assert (fleet["status"], fleet["rolloutState"]) == ("PRIMARY", "COMPLETED")
        assert service["currentServiceDeployment"] == deployment

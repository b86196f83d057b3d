"""What runs, compared with what should."""

from typing import Any

import pytest

from release.acts import Compared
from release.fleet import Scene
from release.verify import compared
from tests.release.facts import FAMILY, NEW, OLD, fleet, scene, stage, target, task


def told(seen: Scene, asked: str = NEW) -> list[str]:
    """Return what is not as it should be when `NEW` should run."""
    return list(compared(stage(), seen, NEW, asked).differences)


def test_nothing_is_wrong_when_every_task_runs_the_digest() -> None:
    """Old tasks may still be ending behind the other colour."""
    old = task(3, fleet="ecs-svc/0", digest=OLD, revision=f"{FAMILY}:6")
    seen = scene(
        tasks=(task(1), task(2), old),
        targets={"blue": (target(1), target(2)), "green": (target(3, "draining"),)},
    )
    assert told(scene()) == []
    assert told(seen) == []


@pytest.mark.parametrize(
    ("more", "problem"),
    [
        ({"tasks": (task(1), task(2, digest=OLD))}, f"Task task-2 runs {OLD}, not {NEW}."),
        ({"tasks": (task(1), task(2, digest=""))}, f"Task task-2 runs an unknown image, not {NEW}."),
        (
            {"tasks": (task(1), task(2, revision=f"{FAMILY}:6"))},
            f"Task task-2 is of revision {FAMILY}:6, not {FAMILY}:7.",
        ),
        (
            {"production": {"blue": 90, "green": 10}},
            "Production traffic of stage dev is split: blue 90 %, green 10 %.",
        ),
        (
            {"targets": {"blue": (target(1), target(9), target(2)), "green": ()}},
            "Target 10.0.0.9 of blue is no task of the service's own.",
        ),
    ],
)
def test_each_thing_is_told(more: dict[str, Any], problem: str) -> None:
    """One sentence, and nothing else beside it."""
    assert compared(stage(), scene(**more), NEW, NEW) == Compared(wrong=(problem,))


@pytest.mark.parametrize(
    ("more", "sentences"),
    [
        ({"fleets": (fleet(running=1, pending=1),)}, ["The service runs 1 of 2 tasks."]),
        ({"fleets": (fleet(steady=False),)}, ["The service has not become steady."]),
        (
            {"tasks": (task(1), task(2, status="PROVISIONING", digest=""))},
            ["ECS lists 1 of 2 tasks of the service's own as running."],
        ),
        (
            {"targets": {"blue": (target(1), target(2, "unhealthy", "503")), "green": ()}},
            ["Target 10.0.0.2 of blue is unhealthy (503)."],
        ),
        (
            {"targets": {"blue": (target(1), target(2, "initial"), target(9, "initial")), "green": ()}},
            [f"Target 10.0.0.{number} of blue is initial (no reason given)." for number in (2, 9)],
        ),
        (
            {"targets": {"blue": (target(1), target(2, "draining")), "green": ()}},
            ["Production traffic goes to blue, which has 1 of 2 targets."],
        ),
    ],
)
def test_a_service_that_scales_or_replaces_a_task_runs_the_version_all_the_same(
    more: dict[str, Any], sentences: list[str]
) -> None:
    """It has not come to rest, which is told, and is no verdict on the release."""
    assert compared(stage(), scene(**more), NEW, NEW) == Compared(unsettled=tuple(sentences))


def test_the_revision_must_name_the_digest_as_well() -> None:
    """Or the next task that starts would run something else."""
    assert told(scene(), asked=OLD) == [f"The service's own revision {FAMILY}:7 names {OLD}, not {NEW}."]


def test_traffic_on_the_other_colour_is_told() -> None:
    """The engine may have called it a success."""
    assert told(scene(production={"blue": 0, "green": 100})) == [
        "Production traffic goes to green, which has no healthy target.",
        "Production traffic goes to green, which has 0 of 2 targets.",
    ]


def test_a_service_without_tasks_of_its_own_is_told() -> None:
    """There is nothing to compare then."""
    assert told(scene(fleets=())) == ["The service of stage dev has no tasks of its own."]

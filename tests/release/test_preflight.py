"""What speaks against a release."""

from typing import Any

import pytest

from release.deployment import Deployment, State
from release.fleet import Scene
from release.preflight import (
    alarm_problems,
    platform_problems,
    running_problems,
    service_problems,
    stack_problems,
    traffic_problems,
)
from release.view_model import AlarmSeen
from tests.release.facts import fleet, image, scene, stage, target, task


def told(seen: Scene) -> list[str]:
    """Return what is said of service and traffic."""
    return [*service_problems(stage(), seen), *traffic_problems(stage(), seen)]


def test_nothing_speaks_against_a_stage_at_rest() -> None:
    """Whichever colour is live."""
    assert told(scene()) == []
    green = scene(production={"blue": 0, "green": 100}, targets={"blue": (), "green": (target(1), target(2))})
    assert told(green) == []


@pytest.mark.parametrize(
    ("more", "problem"),
    [
        (
            {"fleets": (fleet(running=1, pending=1),)},
            "The service of stage dev runs 1 of 2 tasks: wait until it is steady.",
        ),
        (
            {"fleets": (fleet(running=3),)},
            "The service of stage dev runs 3 of 2 tasks: wait until it is steady.",
        ),
        (
            {"fleets": (fleet(steady=False),)},
            "The service of stage dev has not become steady: wait until it has.",
        ),
        (
            {"fleets": (fleet(desired=0, running=0),)},
            "The service of stage dev wants no task at all: set its desired count first.",
        ),
        (
            {"fleets": (fleet(), fleet(id="ecs-svc/2", primary=False))},
            ("Tasks of another version still run in stage dev (ecs-svc/2): wait until they have ended."),
        ),
        (
            {"production": {"blue": 90, "green": 10}},
            (
                "Production traffic of stage dev is split (blue 90 %, green 10 %): finish or stop what moves "
                "it, see docs/runbooks/release-stuck.md."
            ),
        ),
        (
            {"targets": {"blue": (target(1, "unhealthy"), target(2, "unhealthy")), "green": ()}},
            (
                "No target of blue, which takes production traffic, is healthy: see "
                "docs/runbooks/alarm-red.md."
            ),
        ),
        (
            {"tasks": (task(1, fleet="ecs-svc/2"), task(2))},
            (
                "Production traffic goes to blue, and the tasks that ECS calls the service's own are not "
                "there: see docs/runbooks/wrong-colour.md."
            ),
        ),
        (
            {"tasks": (), "fleets": ()},
            "The service of stage dev has no tasks of its own: deploy its Service stack anew.",
        ),
    ],
)
def test_each_thing_is_told_with_what_to_do(more: dict[str, Any], problem: str) -> None:
    """One sentence each, and nothing else beside it."""
    assert told(scene(**more)) == [problem]


def test_traffic_on_a_colour_without_the_services_tasks_is_told() -> None:
    """The listener is wrong, or somebody else's targets stand there."""
    seen = scene(production={"blue": 0, "green": 100}, targets={"blue": (target(1),), "green": ()})
    assert told(seen) == [
        "No target of green, which takes production traffic, is healthy: see docs/runbooks/alarm-red.md.",
        (
            "Production traffic goes to green, and the tasks that ECS calls the service's own are not there: "
            "see docs/runbooks/wrong-colour.md."
        ),
    ]


def test_a_deployment_under_way_is_told_whoever_began_it() -> None:
    """Somebody at the console as well."""
    running = Deployment(id="d-1", state=State.RUNNING, status="InProgress", started=None, task_definition="")
    assert list(running_problems(stage(), [running])) == [
        "Deployment d-1 of stage dev has not ended (InProgress): wait for it, or stop it."
    ]


@pytest.mark.parametrize(
    ("status", "problem"),
    [
        ("CREATE_COMPLETE", []),
        ("UPDATE_COMPLETE", []),
        ("UPDATE_ROLLBACK_COMPLETE", []),
        (
            "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS",
            [
                (
                    "Stack Traffic is being changed (UPDATE_COMPLETE_CLEANUP_IN_PROGRESS): wait until that "
                    "has ended."
                )
            ],
        ),
        (
            "UPDATE_ROLLBACK_FAILED",
            ["Stack Traffic is left in UPDATE_ROLLBACK_FAILED: repair it with `cdk deploy` first."],
        ),
    ],
)
def test_a_stack_must_be_at_rest(status: str, problem: list[str]) -> None:
    """The release updates one of them, and reads its revision from the other."""
    assert list(stack_problems({"Traffic": status})) == problem


def test_alarms_must_be_there_and_not_be_red() -> None:
    """One without data yet is not red."""
    names = ("a", "b", "c")
    seen = [
        AlarmSeen(name="a", state="ALARM", reason="3 > 1"),
        AlarmSeen(name="b", state="INSUFFICIENT_DATA"),
    ]
    assert list(alarm_problems(names, seen)) == [
        "CloudWatch does not know c: deploy the Service stack anew.",
        "Alarm a is red (3 > 1): see docs/runbooks/alarm-red.md.",
    ]


def test_an_image_must_be_built_for_the_tasks() -> None:
    """Fargate would find out a minute later."""
    assert list(platform_problems(image(), "linux/amd64")) == []
    assert list(platform_problems(image(), "linux/arm64")) == [
        "The image is built for linux/amd64, and the stage's tasks run on linux/arm64: build it for that."
    ]

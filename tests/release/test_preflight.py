"""What speaks against a release."""

from typing import Any

import pytest

from release.acts import Objections
from release.deployment import Deployment, State
from release.fleet import Scene
from release.preflight import (
    alarm_problems,
    health_problems,
    platform_problems,
    running_problems,
    service_problems,
    steadiness_problems,
    traffic_problems,
    weighed,
)
from release.record import Kind
from release.view_model import AlarmSeen
from tests.release.facts import fleet, image, scene, stage, target, task


def told(seen: Scene) -> list[str]:
    """Return what is said of service and traffic."""
    return [
        *service_problems(stage(), seen),
        *steadiness_problems(stage(), seen),
        *traffic_problems(stage(), seen),
        *health_problems(seen),
    ]


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


def test_a_version_that_is_bad_keeps_no_rollback_back() -> None:
    """What says that the stage is unwell forbids a new version, and is said of the way back."""
    firm, red, unwell = ["d-1 runs."], ["Alarm a is red."], ["It runs 1 of 2 tasks."]
    for kind in (Kind.SHIP, Kind.PROMOTE):
        assert weighed(kind, firm=firm, unwell=unwell, red=red) == Objections(
            against=("d-1 runs.", "Alarm a is red.", "It runs 1 of 2 tasks.")
        )
    assert weighed(Kind.ROLLBACK, firm=firm, unwell=unwell, red=red) == Objections(
        against=("d-1 runs.",), in_spite_of=("Alarm a is red.", "It runs 1 of 2 tasks."), past_alarms=True
    )
    assert weighed(Kind.ROLLBACK, firm=[], unwell=unwell, red=[]) == Objections(in_spite_of=tuple(unwell))


def test_a_crashing_version_speaks_against_new_ones_only() -> None:
    """No task runs and no target answers: that is no reason for a rollback not to be made."""
    ill = scene(fleets=(fleet(running=0, steady=False),), tasks=(), targets={"blue": (), "green": ()})
    assert [*service_problems(stage(), ill), *traffic_problems(stage(), ill)] == []
    assert [*steadiness_problems(stage(), ill), *health_problems(ill)] != []


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

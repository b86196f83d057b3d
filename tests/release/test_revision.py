"""The revision that a release registers."""

from datetime import UTC, datetime
from typing import Any

import pytest

from release.errors import Refused
from release.revision import differences, digest_in, platform_of, prove, revised, tags_for
from tests.release.facts import FAMILY, NEW, OLD, RELEASE, REPOSITORY, image, stage

SHAPE: dict[str, Any] = {
    "family": "switchyard-dev",
    "taskRoleArn": "task-role",
    "executionRoleArn": "execution-role",
    "networkMode": "awsvpc",
    "containerDefinitions": [
        {"name": "service", "image": f"{REPOSITORY}@{OLD}", "essential": True, "environment": []},
        {"name": "beside", "image": f"{REPOSITORY}@{OLD}", "essential": False},
    ],
    "volumes": [],
    "placementConstraints": [],
    "requiresCompatibilities": ["FARGATE"],
    "cpu": "512",
    "memory": "1024",
    "runtimePlatform": {"cpuArchitecture": "X86_64", "operatingSystemFamily": "LINUX"},
}
DESCRIBED: dict[str, Any] = {
    **SHAPE,
    "taskDefinitionArn": f"{FAMILY}:7",
    "revision": 7,
    "status": "ACTIVE",
    "requiresAttributes": [{"name": "ecs.capability.task-eni"}],
    "compatibilities": ["EC2", "FARGATE"],
    "registeredAt": datetime(2026, 11, 20, tzinfo=UTC),
    "registeredBy": "somebody",
}


def test_it_is_the_stacks_newest_with_another_image() -> None:
    """The one container's; whatever else was registered is registered again, and what was not is not."""
    assert revised(DESCRIBED, container="service", image=f"{REPOSITORY}@{NEW}") == {
        **SHAPE,
        "containerDefinitions": [
            {"name": "service", "image": f"{REPOSITORY}@{NEW}", "essential": True, "environment": []},
            {"name": "beside", "image": f"{REPOSITORY}@{OLD}", "essential": False},
        ],
    }


def test_what_was_described_is_left_as_it_is() -> None:
    """It is compared with afterwards."""
    revised(DESCRIBED, container="service", image="another")
    assert digest_in(DESCRIBED, "service") == OLD


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"cpu": "1024"}, "The new revision would differ in cpu: this is a defect."),
        (
            {"executionRoleArn": "another", "pidMode": "host"},
            "The new revision would differ in executionRoleArn, pidMode: this is a defect.",
        ),
    ],
)
def test_another_difference_is_not_registered(changes: dict[str, Any], problem: str) -> None:
    """Whatever made it: a release changes the image and nothing else."""
    wanted = {**revised(DESCRIBED, container="service", image=image().reference), **changes}
    with pytest.raises(Refused) as told:
        prove(DESCRIBED, wanted, stage(), image())
    assert told.value.reasons == (problem,)


def test_an_image_of_another_repository_is_not_registered() -> None:
    """The task's roles may pull from one only."""
    foreign = image(reference=f"elsewhere/switchyard@{NEW}")
    with pytest.raises(Refused, match="runs images of") as told:
        prove(DESCRIBED, revised(DESCRIBED, container="service", image=foreign.reference), stage(), foreign)
    assert told.value.reasons == (
        f"Stage dev runs images of {REPOSITORY}, not of elsewhere/switchyard@{NEW}: name one of these.",
    )


def test_the_same_digest_again_is_no_difference_too_many() -> None:
    """A change of the task alone is rolled out by releasing what runs."""
    same = image(reference=f"{REPOSITORY}@{OLD}", digest=OLD)
    prove(DESCRIBED, revised(DESCRIBED, container="service", image=same.reference), stage(), same)


def test_differences_are_told_by_their_paths() -> None:
    """In depth, in order."""
    one = {"a": 1, "b": [{"c": 1}, {"c": 2}], "d": [1], "same": {"x": 1}}
    other = {"a": 2, "b": [{"c": 1}, {"c": 3}], "d": [1, 2], "e": 5, "same": {"x": 1}}
    assert list(differences(one, other)) == ["a", "b[1].c", "d", "e"]


def test_it_says_which_release_registered_it() -> None:
    """Beside the stage's tags; those of AWS's own cannot be given, and another release's is replaced."""
    found: Any = [
        {"key": "stage", "value": "dev"},
        {"key": "aws:cloudformation:stack-name", "value": "Switchyard-dev-Service"},
        {"key": "switchyard:release", "value": "r-20250101T000000Z-ffffff"},
    ]
    assert tags_for(found, RELEASE) == [
        {"key": "stage", "value": "dev"},
        {"key": "switchyard:release", "value": RELEASE},
    ]


@pytest.mark.parametrize(
    ("said", "platform"),
    [
        ({"cpuArchitecture": "X86_64", "operatingSystemFamily": "LINUX"}, "linux/amd64"),
        ({"cpuArchitecture": "ARM64", "operatingSystemFamily": "LINUX"}, "linux/arm64"),
        ({}, "linux/amd64"),
    ],
)
def test_a_platform_is_called_as_images_call_it(said: dict[str, str], platform: str) -> None:
    """ECS has words of its own; without any, tasks run on Linux on X86_64."""
    assert platform_of(said) == platform

"""What runs and where traffic goes, read from what AWS describes."""

from typing import Any

import pytest

from release.fleet import Fleet, Task, fleets_of, shares_of, task_of
from tests.release.facts import FAMILY, GROUPS, NEW, OLD, scene, stage, target, task

BLUE, GREEN = GROUPS["blue"], GROUPS["green"]


def forward(*groups: tuple[str, int]) -> list[dict[str, Any]]:
    """Return the actions that forward by weight."""
    weights = [{"TargetGroupArn": arn, "Weight": weight} for arn, weight in groups]
    return [{"Type": "forward", "ForwardConfig": {"TargetGroups": weights}}]


@pytest.mark.parametrize(
    ("actions", "shares"),
    [
        ([{"Type": "forward", "TargetGroupArn": BLUE}], {"blue": 100, "green": 0}),
        (forward((BLUE, 90), (GREEN, 10)), {"blue": 90, "green": 10}),
        (forward((GREEN, 1)), {"blue": 0, "green": 100}),
        (forward((BLUE, 1), (GREEN, 2)), {"blue": 33, "green": 67}),
        (forward((BLUE, 0), (GREEN, 0)), {"blue": 0, "green": 0}),
        (forward((BLUE, 50), ("elsewhere", 50)), {"blue": 50, "green": 0}),
        ([{"Type": "fixed-response"}], {"blue": 0, "green": 0}),
        ([], {"blue": 0, "green": 0}),
    ],
)
def test_weights_are_shares(actions: list[dict[str, Any]], shares: dict[str, int]) -> None:
    """In percent; what goes elsewhere goes to neither colour."""
    assert shares_of(actions, stage()) == shares


def test_under_codedeploy_the_task_sets_are_the_fleets() -> None:
    """The service's own numbers are sums over all of them."""
    primary = {
        "id": "ecs-svc/1",
        "status": "PRIMARY",
        "taskDefinition": f"{FAMILY}:7",
        "computedDesiredCount": 2,
        "runningCount": 2,
        "pendingCount": 0,
        "stabilityStatus": "STEADY_STATE",
    }
    replacement = {**primary, "id": "ecs-svc/2", "status": "ACTIVE", "stabilityStatus": "STABILIZING"}
    facts: dict[str, Any] = {"revision": f"{FAMILY}:7", "desired": 2, "running": 2, "pending": 0}
    assert fleets_of({"taskSets": [primary, replacement], "deployments": []}) == (
        Fleet(id="ecs-svc/1", primary=True, steady=True, **facts),
        Fleet(id="ecs-svc/2", primary=False, steady=False, **facts),
    )


def test_under_ecs_the_deployments_are_the_fleets() -> None:
    """One that is being rolled out is not steady."""
    described = {
        "id": "ecs-svc/1",
        "status": "PRIMARY",
        "taskDefinition": f"{FAMILY}:7",
        "desiredCount": 2,
        "runningCount": 1,
        "pendingCount": 1,
        "rolloutState": "IN_PROGRESS",
    }
    assert fleets_of({"deployments": [described]}) == (
        Fleet(
            id="ecs-svc/1",
            primary=True,
            revision=f"{FAMILY}:7",
            desired=2,
            running=1,
            pending=1,
            steady=False,
        ),
    )


def test_a_task_is_what_its_container_reports() -> None:
    """The digest that was pulled, not the one that was asked for."""
    described = {
        "taskArn": "arn:aws:ecs:eu-central-1:123456789012:task/switchyard-dev/0f1e",
        "startedBy": "ecs-svc/1",
        "lastStatus": "RUNNING",
        "taskDefinitionArn": f"{FAMILY}:7",
        "attachments": [
            {
                "details": [
                    {"name": "subnetId", "value": "s"},
                    {"name": "privateIPv4Address", "value": "10.0.0.1"},
                ]
            }
        ],
        "containers": [{"name": "beside", "imageDigest": OLD}, {"name": "service", "imageDigest": NEW}],
    }
    assert task_of(described, "service") == Task(
        id="0f1e",
        fleet="ecs-svc/1",
        status="RUNNING",
        address="10.0.0.1",
        digest=NEW,
        revision=f"{FAMILY}:7",
    )


def test_a_task_that_has_just_been_asked_for_has_little_to_tell() -> None:
    """No address, no digest, and no error."""
    assert task_of({"taskArn": "task/x", "containers": [{"name": "service"}]}, "service") == Task(
        id="x", fleet="", status="", address="", digest="", revision=""
    )


def test_tasks_stand_behind_the_colour_that_has_their_addresses() -> None:
    """Those that drain stand behind none."""
    seen = scene(
        tasks=(task(1, digest=OLD), task(2), task(3)),
        targets={"blue": (target(1), target(2, "draining")), "green": (target(3, "initial"),)},
    )
    assert [item.id for item in seen.tasks_of("blue")] == ["task-1"]
    assert seen.digests_of("blue") == (OLD,)
    assert seen.digests_of("green") == (NEW,)


@pytest.mark.parametrize(("blue", "live"), [(100, "blue"), (99, ""), (0, "green")])
def test_the_live_colour_takes_everything(blue: int, live: str) -> None:
    """One percent beside it, and none is live."""
    assert scene(production={"blue": blue, "green": 100 - blue}).live == live

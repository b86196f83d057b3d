"""Tasks as an agent reports them and a client sees them, asked of the mended control plane."""

import urllib.error
from typing import Any

import pytest
from botocore.exceptions import ClientError

from .estate import CONTAINER, Estate

pytestmark = pytest.mark.slow
DIGEST = "sha256:" + "1" * 64


def begin(estate: Estate) -> str:
    """Create the service and start a task for it."""
    estate.create()
    return estate.start(estate.service()["taskSets"][0]["id"])


def test_a_task_begins_pending_at_its_address(estate: Estate) -> None:
    """For its service and its task set (API Reference, "Task", "Container")."""
    task = estate.task(begin(estate))
    (fleet,) = estate.service()["taskSets"]
    told = ("group", "startedBy", "taskDefinitionArn", "desiredStatus", "lastStatus", "healthStatus")
    assert [task[name] for name in told] == [
        "service:service",
        fleet["id"],
        fleet["taskDefinition"],
        "RUNNING",
        "PENDING",
        "UNKNOWN",
    ]
    (attachment,) = task["attachments"]
    details = {item["name"]: item["value"] for item in attachment["details"]}
    assert details["privateIPv4Address"] == estate.address(1)
    assert details["subnetId"] == estate.subnets[0]
    (container,) = task["containers"]
    assert (container["image"], container["lastStatus"]) == (CONTAINER["image"], "PENDING")
    assert container["networkInterfaces"][0]["privateIpv4Address"] == estate.address(1)
    assert task["attributes"] == [{"name": "ecs.cpu-architecture", "value": "arm64"}]
    assert "startedAt" not in task


def test_a_reported_task_runs_and_is_healthy(estate: Estate) -> None:
    """With the digest that its machine really pulled (API Reference, "SubmitTaskStateChange")."""
    arn = begin(estate)
    estate.report(arn, "RUNNING", imageDigest=DIGEST, runtimeId="4711")
    task = estate.task(arn)
    (container,) = task["containers"]
    assert (task["lastStatus"], container["lastStatus"], container["imageDigest"]) == (
        "RUNNING",
        "RUNNING",
        DIGEST,
    )
    assert task["startedAt"] >= task["createdAt"]
    for health in ("HEALTHY", "UNHEALTHY"):
        estate.tell("task-health", {"task": arn, "container": "service", "health": health})
        task = estate.task(arn)
        assert (task["healthStatus"], task["containers"][0]["healthStatus"]) == (health, health)


def test_health_is_unknown_where_nothing_checks_it(estate: Estate) -> None:
    """A container without a health check has none to tell ("Task", healthStatus)."""
    unchecked = {name: value for name, value in CONTAINER.items() if name != "healthCheck"}
    estate.register(containerDefinitions=[unchecked])
    arn = begin(estate)
    estate.report(arn, "RUNNING")
    assert estate.task(arn)["healthStatus"] == "UNKNOWN"


@pytest.mark.parametrize(
    ("reason", "ran", "code"),
    [
        ("Essential container in task exited", True, "EssentialContainerExited"),
        ("CannotPullContainerError: not found", False, "TaskFailedToStart"),
        ("Scaling activity initiated by (deployment ecs-svc/1)", True, "ServiceSchedulerInitiated"),
        ("Task failed container health checks", True, "ServiceSchedulerInitiated"),
        ("OutOfMemoryError: Container killed due to memory usage", True, "EssentialContainerExited"),
    ],
)
def test_a_stopped_task_stays_describable(estate: Estate, reason: str, ran: bool, code: str) -> None:  # noqa: FBT001
    """With its exit code, its reason and the code that goes with it (API Reference, "Task")."""
    arn = begin(estate)
    if ran:
        estate.report(arn, "RUNNING")
    estate.report(arn, "STOPPED", reason, exitCode=137, reason="killed")
    task = estate.task(arn)
    told = ("lastStatus", "desiredStatus", "stoppedReason", "stopCode")
    assert [task[name] for name in told] == ["STOPPED", "STOPPED", reason, code]
    (container,) = task["containers"]
    assert [container[name] for name in ("lastStatus", "exitCode", "reason")] == ["STOPPED", 137, "killed"]
    assert task["stoppedAt"] >= task["stoppingAt"]
    estate.report(arn, "RUNNING")
    assert estate.task(arn)["lastStatus"] == "STOPPED"


def test_a_task_is_listed_by_what_it_should_do(estate: Estate) -> None:
    """By default those that should run; by service, family or starter (API Reference, "ListTasks")."""
    arn, ecs = begin(estate), estate.plane.ecs
    other = estate.start(estate.service()["taskSets"][0]["id"])
    started_by = estate.task(arn)["startedBy"]
    ecs.stop_task(cluster=estate.name, task=other, reason="an operator's wish")

    def listed(**filters: Any) -> list[str]:  # noqa: ANN401 - whatever ListTasks takes
        return ecs.list_tasks(cluster=estate.name, **filters)["taskArns"]

    assert listed() == listed(serviceName="service") == listed(family=estate.name) == [arn]
    assert listed(startedBy=started_by) == [arn]
    assert listed(desiredStatus="STOPPED") == [other]
    assert listed(family="none") == []
    with pytest.raises(ClientError, match="startedBy"):
        listed(startedBy=started_by, serviceName="service")
    with pytest.raises(ClientError, match="ServiceNotFoundException"):
        listed(serviceName="none")


def test_tasks_are_listed_page_by_page(estate: Estate) -> None:
    """With a token for the next page (API Reference, "ListTasks")."""
    arns = [begin(estate), *(estate.start(estate.service()["taskSets"][0]["id"]) for _ in range(2))]
    paginator = estate.plane.ecs.get_paginator("list_tasks")
    pages = paginator.paginate(cluster=estate.name, PaginationConfig={"PageSize": 2})
    assert [page["taskArns"] for page in pages] == [arns[:2], arns[2:]]


def test_stopping_asks_and_the_agent_ends(estate: Estate) -> None:
    """The task runs on until its agent reports otherwise (API Reference, "StopTask")."""
    arn = begin(estate)
    estate.report(arn, "RUNNING")
    estate.plane.ecs.stop_task(cluster=estate.name, task=arn, reason="an operator's wish")
    task = estate.task(arn)
    assert (task["desiredStatus"], task["lastStatus"]) == ("STOPPED", "RUNNING")
    estate.report(arn, "DEACTIVATING", "Essential container in task exited")
    estate.report(arn, "STOPPED", "Essential container in task exited")
    task = estate.task(arn)
    assert (task["stoppedReason"], task["stopCode"]) == ("an operator's wish", "UserInitiated")


def test_what_is_not_known_is_told_as_missing(estate: Estate) -> None:
    """Not as an error, unless it is to be stopped ("DescribeTasks", "StopTask")."""
    estate.create()
    ecs = estate.plane.ecs
    (failure,) = ecs.describe_tasks(cluster=estate.name, tasks=["4711"])["failures"]
    assert failure["reason"] == "MISSING"
    with pytest.raises(ClientError, match="not found"):
        ecs.stop_task(cluster=estate.name, task="4711")


def test_only_a_fleet_that_wants_tasks_gets_them(estate: Estate) -> None:
    """Another id is not found."""
    with pytest.raises(urllib.error.HTTPError, match="404") as refused:
        estate.tell("tasks", {"fleet": "ecs-svc/1"})
    assert b"no task set or deployment ecs-svc/1" in refused.value.read()


def test_fleets_tell_what_should_run(estate: Estate) -> None:
    """Every task set with its count, its revision and where its tasks are to be registered."""
    estate.create(healthCheckGracePeriodSeconds=20)
    made = estate.create_set(scale={"unit": "PERCENT", "value": 50})
    first, second = estate.fleets()
    service = estate.service()
    assert first == {
        "id": service["taskSets"][0]["id"],
        "cluster": service["clusterArn"],
        "service": service["serviceArn"],
        "taskDefinition": service["taskDefinition"],
        "count": 2,
        "desired": 2,
        "healthCheckGracePeriodSeconds": 20,
        "targetGroups": [{"arn": estate.groups["blue"], "container": "service", "port": 8080}],
    }
    assert (second["id"], second["count"]) == (made["id"], 1)
    assert second["targetGroups"][0]["arn"] == estate.groups["green"]

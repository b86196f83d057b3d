"""Task sets, asked of the mended control plane by a real client."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from .estate import Estate

pytestmark = pytest.mark.slow


def test_a_task_set_is_steady_when_all_its_tasks_run_and_are_healthy(estate: Estate) -> None:
    """By their container checks and in their target group (API Reference, "TaskSet")."""
    estate.create()
    green = [{"Type": "forward", "TargetGroupArn": estate.groups["green"]}]
    estate.plane.elbv2.create_listener(
        LoadBalancerArn=estate.balancer,
        Port=9000,
        Protocol="HTTP",
        DefaultActions=green,  # type: ignore[arg-type]
    )
    made = estate.create_set(externalId="d-1")
    assert (made["externalId"], made["startedBy"], made["status"]) == ("d-1", "CODE_DEPLOY", "ACTIVE")

    def stability() -> tuple[str, int, int]:
        found = estate.set(made["id"])
        return found["stabilityStatus"], found["runningCount"], found["pendingCount"]

    estate.run(made["id"], "green")
    assert stability() == ("STABILIZING", 1, 0)
    second = estate.start(made["id"])
    assert stability() == ("STABILIZING", 1, 1)
    estate.report(second, "RUNNING")
    assert stability() == ("STABILIZING", 2, 0)
    target: Any = {"Id": estate.address(2), "Port": 8080}
    estate.plane.elbv2.register_targets(TargetGroupArn=estate.groups["green"], Targets=[target])
    estate.judge("green", f"{estate.address(2)}:8080", "healthy")
    assert stability() == ("STABILIZING", 2, 0)
    estate.tell("task-health", {"task": second, "container": "service", "health": "HEALTHY"})
    assert stability() == ("STEADY_STATE", 2, 0)
    estate.judge("green", f"{estate.address(2)}:8080", "unhealthy", reason="Target.Timeout")
    assert stability() == ("STABILIZING", 2, 0)
    estate.judge("green", f"{estate.address(2)}:8080", "healthy")
    assert stability() == ("STEADY_STATE", 2, 0)
    estate.report(second, "STOPPED", "Essential container in task exited", exitCode=1)
    assert stability() == ("STABILIZING", 1, 0)


def test_a_scale_counts_tasks_and_rounds_up(estate: Estate) -> None:
    """Of the service's desired count (API Reference, "TaskSet", computedDesiredCount)."""
    estate.create(desiredCount=3)
    made = estate.create_set(scale={"unit": "PERCENT", "value": 50})
    assert made["computedDesiredCount"] == 2
    changed = estate.plane.ecs.update_task_set(
        cluster=estate.name, service="service", taskSet=made["id"], scale={"unit": "PERCENT", "value": 10}
    )
    assert changed["taskSet"]["computedDesiredCount"] == 1


def test_a_client_token_makes_a_task_set_once(estate: Estate) -> None:
    """A retry gets the one that was made (API Reference, "CreateTaskSet")."""
    estate.create()
    first = estate.create_set(clientToken="once")
    assert estate.create_set(clientToken="once")["id"] == first["id"]
    assert estate.create_set()["id"] != first["id"]
    estate.create_set()
    estate.create_set()
    with pytest.raises(ClientError, match="exceeds the maximum limit"):
        estate.create_set()


def test_the_primary_makes_the_service(estate: Estate) -> None:
    """Its revision and load balancers become the service's ("UpdateServicePrimaryTaskSet")."""
    estate.create()
    old = estate.service()["taskSets"][0]["id"]
    newest = estate.register()
    made = estate.create_set()
    ecs = estate.plane.ecs
    ecs.update_service_primary_task_set(
        cluster=estate.name, service="service", primaryTaskSet=made["taskSetArn"]
    )
    service = estate.service()
    assert {item["id"]: item["status"] for item in service["taskSets"]} == {
        old: "ACTIVE",
        made["id"]: "PRIMARY",
    }
    assert (service["taskDefinition"], service["loadBalancers"]) == (newest, estate.balancing("green"))


def test_a_deleted_task_set_drains_while_its_tasks_end(estate: Estate) -> None:
    """It needs force unless it was scaled to nothing ("DeleteTaskSet"); what is gone is not found."""
    estate.create()
    old = estate.service()["taskSets"][0]["id"]
    task = estate.run(old, "blue")
    ecs, which = estate.plane.ecs, {"cluster": estate.name, "service": "service", "taskSet": old}
    with pytest.raises(ClientError, match="use force"):
        ecs.delete_task_set(**which)
    ecs.delete_task_set(**which, force=True)
    (draining,) = estate.service()["taskSets"]
    assert (draining["status"], draining["runningCount"], draining["computedDesiredCount"]) == (
        "DRAINING",
        1,
        0,
    )
    assert estate.fleets() == []
    found = estate.task(task)
    assert (found["desiredStatus"], found["lastStatus"], found["stopCode"]) == (
        "STOPPED",
        "RUNNING",
        "ServiceSchedulerInitiated",
    )
    estate.report(task, "STOPPED")
    assert estate.service()["taskSets"] == []
    with pytest.raises(ClientError, match="TaskSetNotFoundException"):
        ecs.delete_task_set(**which, force=True)


def test_a_service_under_ecs_takes_no_task_sets(estate: Estate) -> None:
    """They are for CODE_DEPLOY and EXTERNAL (API Reference, "CreateTaskSet")."""
    estate.create("ECS")
    with pytest.raises(ClientError, match="InvalidParameterException"):
        estate.create_set()

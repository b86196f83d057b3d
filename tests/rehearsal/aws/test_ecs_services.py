"""Services as the ECS API keeps them, asked of the mended control plane by a real client."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.rehearsal.planes import until

from .estate import Estate

pytestmark = pytest.mark.slow


def test_a_service_under_codedeploy_has_its_first_task_set_at_once(estate: Estate) -> None:
    """It is the primary, with no external id and the service's own balancer (API Reference, "TaskSet")."""
    estate.create()
    service = estate.service()
    (first,) = service["taskSets"]
    kept = ("status", "externalId", "loadBalancers", "scale", "computedDesiredCount", "stabilityStatus")
    assert {name: first[name] for name in kept} == {
        "status": "PRIMARY",
        "externalId": "",
        "loadBalancers": estate.balancing("blue"),
        "scale": {"unit": "PERCENT", "value": 100.0},
        "computedDesiredCount": 2,
        "stabilityStatus": "STABILIZING",
    }
    assert first["taskDefinition"] == service["taskDefinition"]
    assert service["taskDefinition"].endswith(f":task-definition/{estate.name}:1")
    assert service["deployments"] == []
    assert (first["launchType"], service["launchType"]) == ("FARGATE", "FARGATE")


def test_a_capacity_provider_takes_the_launch_types_place(estate: Estate) -> None:
    """One or the other ("CreateService", capacityProviderStrategy); task sets and tasks have it too."""
    strategy = [{"capacityProvider": "FARGATE_SPOT", "weight": 1, "base": 0}]
    with pytest.raises(ClientError, match="both a launch type and capacity provider strategy"):
        estate.create(capacityProviderStrategy=strategy)
    estate.create(capacityProviderStrategy=strategy, launchType=None)
    service = estate.service()
    (first,) = service["taskSets"]
    assert service["capacityProviderStrategy"] == first["capacityProviderStrategy"] == strategy
    assert "launchType" not in {**service, **first}
    task = estate.task(estate.start(first["id"]))
    assert (task["launchType"], task["capacityProviderName"]) == ("FARGATE", "FARGATE_SPOT")


def test_a_service_is_described_with_all_that_it_was_created_with(estate: Estate) -> None:
    """And one task when nobody said how many (API Reference, "CreateService", "Service")."""
    asked: Any = {
        "healthCheckGracePeriodSeconds": 30,
        "schedulingStrategy": "REPLICA",
        "propagateTags": "SERVICE",
        "enableECSManagedTags": True,
        "deploymentConfiguration": {"maximumPercent": 150, "minimumHealthyPercent": 50},
        "desiredCount": 3,
    }
    estate.create(**asked, tags=[{"key": "stage", "value": "dev"}])
    service = estate.service(include=["TAGS"])
    assert {name: service[name] for name in asked} == asked
    assert service["deploymentController"] == {"type": "CODE_DEPLOY"}
    assert service["networkConfiguration"]["awsvpcConfiguration"]["subnets"] == estate.subnets
    assert service["tags"] == [{"key": "stage", "value": "dev"}]
    assert "tags" not in estate.service()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"taskDefinition": "any"}, "Unable to update task definition on services"),
        ({"loadBalancers": []}, "Unable to update load balancers on services"),
        (
            {"networkConfiguration": {"awsvpcConfiguration": {"subnets": ["subnet-1"]}}},
            "Unable to update network parameters on services",
        ),
        ({"platformVersion": "1.4.0"}, "Unable to update platform version on services"),
        ({"forceNewDeployment": True}, "Cannot force a new deployment on services"),
    ],
)
def test_codedeploys_services_refuse_most_updates(estate: Estate, change: dict[str, Any], said: str) -> None:
    """Those belong to CodeDeploy (API Reference, "UpdateService")."""
    estate.create()
    with pytest.raises(ClientError) as refused:
        estate.plane.ecs.update_service(cluster=estate.name, service="service", **change)
    assert refused.value.response["Error"] == {
        "Code": "InvalidParameterException",
        "Message": f"{said} with a CODE_DEPLOY deployment controller. "
        "Use AWS CodeDeploy to trigger a new deployment.",
    }


def test_codedeploys_services_take_what_is_not_codedeploys(estate: Estate) -> None:
    """The count, the deployment's percentages and the grace period (API Reference, "UpdateService")."""
    estate.create()
    change: Any = {
        "desiredCount": 4,
        "healthCheckGracePeriodSeconds": 45,
        "deploymentConfiguration": {"maximumPercent": 300, "minimumHealthyPercent": 100},
    }
    estate.plane.ecs.update_service(cluster=estate.name, service="service", **change)
    service = estate.service()
    assert {name: service[name] for name in change} == change
    assert service["taskSets"][0]["computedDesiredCount"] == 4


def test_a_service_under_ecs_has_a_deployment_that_completes_with_its_tasks(estate: Estate) -> None:
    """Its counts are those of the tasks that were reported (API Reference, "Deployment")."""
    estate.create("ECS", desiredCount=1)
    (begun,) = estate.service()["deployments"]
    counts = ("status", "rolloutState", "desiredCount", "pendingCount", "runningCount")
    assert [begun[name] for name in counts] == ["PRIMARY", "IN_PROGRESS", 1, 0, 0]
    estate.start(begun["id"])
    assert [estate.service()["deployments"][0][name] for name in counts[3:]] == [1, 0]
    estate.plane.ecs.update_service(cluster=estate.name, service="service", desiredCount=2)
    estate.run(begun["id"], "blue")
    service = estate.service()
    assert [service["deployments"][0][name] for name in counts] == ["PRIMARY", "IN_PROGRESS", 2, 1, 1]
    assert (service["pendingCount"], service["runningCount"]) == (1, 1)
    assert service["taskSets"] == []


def test_events_tell_of_tasks_and_of_steadiness(estate: Estate) -> None:
    """The newest first, each once (Developer Guide, "Amazon ECS service event messages")."""
    estate.create(desiredCount=1)
    task = estate.run(estate.service()["taskSets"][0]["id"], "blue")
    estate.service()
    assert [event["message"] for event in estate.service()["events"]] == [
        "(service service) has reached a steady state.",
        f"(service service) has started 1 tasks: (task {task.rpartition('/')[2]}).",
    ]


def test_an_update_under_ecs_begins_a_deployment(estate: Estate) -> None:
    """The old one's tasks stay until new ones are healthy (API Reference, "UpdateService")."""
    estate.create("ECS", desiredCount=1)
    old = estate.service()["deployments"][0]["id"]
    task = estate.run(old, "blue")
    newest = estate.register()
    estate.plane.ecs.update_service(cluster=estate.name, service="service", taskDefinition=newest)
    new, ended = estate.service()["deployments"]
    assert (new["status"], new["taskDefinition"]) == ("PRIMARY", newest)
    assert (ended["id"], ended["status"], ended["desiredCount"]) == (old, "ACTIVE", 1)
    assert estate.task(task)["desiredStatus"] == "RUNNING"
    estate.run(new["id"], "blue")
    until(lambda: estate.task(task)["desiredStatus"] == "STOPPED")
    estate.report(task, "STOPPED", "Scaling activity initiated by (deployment x)")
    assert [item["id"] for item in estate.service()["deployments"]] == [new["id"]]


def test_a_service_needs_a_target_group_with_a_load_balancer(estate: Estate) -> None:
    """Otherwise nothing would ever find its tasks (API Reference, "CreateService")."""
    with pytest.raises(ClientError, match="does not have an associated load balancer"):
        estate.create(loadBalancers=estate.balancing("green"))


def test_a_name_is_taken_while_its_service_is_active(estate: Estate) -> None:
    """A deleted service drains, is INACTIVE afterwards, and frees its name ("DeleteService")."""
    estate.create()
    with pytest.raises(ClientError, match="not idempotent"):
        estate.create()
    task = estate.start(estate.service()["taskSets"][0]["id"])
    ecs = estate.plane.ecs
    with pytest.raises(ClientError, match="scaled above 0"):
        ecs.delete_service(cluster=estate.name, service="service")
    ecs.delete_service(cluster=estate.name, service="service", force=True)
    assert estate.service()["status"] == "DRAINING"
    assert estate.fleets() == []
    estate.report(task, "STOPPED", "Scaling activity initiated by (deployment x)")
    assert estate.service()["status"] == "INACTIVE"
    with pytest.raises(ClientError, match="not ACTIVE"):
        ecs.update_service(cluster=estate.name, service="service", desiredCount=1)
    assert estate.create()["status"] == "ACTIVE"


def test_revisions_keep_everything_that_was_registered(estate: Estate) -> None:
    """Inactive ones too, by their number; a family's name is its latest active one ("TaskDefinition")."""
    ecs = estate.plane.ecs
    tags: Any = [{"key": "switchyard:release", "value": "r-1"}]
    second = estate.register(tags=tags, taskRoleArn="arn:aws:iam::123456789012:role/task")
    answer = ecs.describe_task_definition(taskDefinition=estate.name, include=["TAGS"])
    found = answer["taskDefinition"]
    assert (found["taskDefinitionArn"], found["revision"], answer["tags"]) == (second, 2, tags)
    assert found["runtimePlatform"] == {"cpuArchitecture": "ARM64", "operatingSystemFamily": "LINUX"}
    assert found["taskRoleArn"] == "arn:aws:iam::123456789012:role/task"
    ports = found["containerDefinitions"][0]["portMappings"]
    assert ports == [{"containerPort": 8080, "hostPort": 8080, "protocol": "tcp"}]
    with pytest.raises(ClientError, match="reserved for AWS"):
        estate.register(tags=[{"key": "aws:cloudformation:stack-name", "value": "any"}])
    ecs.deregister_task_definition(taskDefinition=second)
    latest = ecs.describe_task_definition(taskDefinition=estate.name)["taskDefinition"]
    assert latest["revision"] == 1
    assert ecs.describe_task_definition(taskDefinition=second)["taskDefinition"]["status"] == "INACTIVE"
    assert estate.register().endswith(":3")

"""Services, revisions and scalable targets as templates describe them, asked by a real client."""

from collections.abc import Mapping
from typing import Any

import pytest

from .stacks import Stacks

pytestmark = pytest.mark.slow


def resources(stacks: Stacks, controller: str = "CODE_DEPLOY") -> dict[str, Any]:
    """Return a service behind blue, as the stages' templates have it; under ECS it wants no tasks."""
    least = 2 if controller == "CODE_DEPLOY" else 0
    return {
        "Cluster": {"Type": "AWS::ECS::Cluster", "Properties": {"ClusterName": stacks.name}},
        "Task": {
            "Type": "AWS::ECS::TaskDefinition",
            "DeletionPolicy": "Retain",
            "UpdateReplacePolicy": "Retain",
            "Properties": {
                "Family": stacks.name,
                "Cpu": "512",
                "Memory": "1024",
                "NetworkMode": "awsvpc",
                "RequiresCompatibilities": ["FARGATE"],
                "RuntimePlatform": {"CpuArchitecture": "ARM64", "OperatingSystemFamily": "LINUX"},
                "ContainerDefinitions": [
                    {
                        "Name": "service",
                        "Image": "registry.example/switchyard:1",
                        "Essential": True,
                        "PortMappings": [{"ContainerPort": "8080", "Protocol": "tcp"}],
                        "StopTimeout": 60,
                        "LogConfiguration": {"LogDriver": "awslogs", "Options": {"awslogs-group": "Group"}},
                    }
                ],
                "Tags": [{"Key": "stage", "Value": "dev"}],
            },
        },
        "Service": {
            "Type": "AWS::ECS::Service",
            "DependsOn": ["Task", "Listener"],
            "Properties": {
                "Cluster": {"Ref": "Cluster"},
                "TaskDefinition": stacks.name,
                "DeploymentController": {"Type": controller},
                "LaunchType": "FARGATE",
                "HealthCheckGracePeriodSeconds": 60,
                "LoadBalancers": [
                    {"ContainerName": "service", "ContainerPort": 8080, "TargetGroupArn": {"Ref": "Blue"}}
                ],
                "NetworkConfiguration": {"AwsvpcConfiguration": {"Subnets": list(stacks.subnets)}},
                "Tags": [{"Key": "stage", "Value": "dev"}],
                **({} if least else {"DesiredCount": least}),
            },
        },
        "Least": {
            "Type": "AWS::ApplicationAutoScaling::ScalableTarget",
            "Properties": {
                "ServiceNamespace": "ecs",
                "ScalableDimension": "ecs:service:DesiredCount",
                "ResourceId": {
                    "Fn::Join": ["", ["service/", stacks.name, "/", {"Fn::GetAtt": ["Service", "Name"]}]]
                },
                "MinCapacity": least,
                "MaxCapacity": 6,
            },
        },
    }


def create(stacks: Stacks, controller: str = "CODE_DEPLOY") -> dict[str, Any]:
    """Create the stack and return its resources, to be changed."""
    written: dict[str, Any] = stacks.template["Resources"]
    written |= resources(stacks, controller)
    stacks.create(Tags=[{"Key": "owner", "Value": "plant"}])
    return written


def service(stacks: Stacks) -> Mapping[str, Any]:
    """Return what DescribeServices says of it."""
    found = stacks.plane.ecs.describe_services(
        cluster=stacks.name, services=[stacks.physical("Service")], include=["TAGS"]
    )
    return found["services"][0]


def tags(stacks: Stacks, name: str) -> list[dict[str, str]]:
    """Return the tags of a resource: the stack's, CloudFormation's and its own ("Resource tag")."""
    pairs = {
        "owner": "plant",
        "aws:cloudformation:stack-name": stacks.name,
        "aws:cloudformation:stack-id": str(stacks.described()["StackId"]),
        "aws:cloudformation:logical-id": name,
        "stage": "dev",
    }
    return [{"key": key, "value": value} for key, value in pairs.items()]


def test_a_service_of_a_template_is_all_that_the_template_says(stacks: Stacks) -> None:
    """And has a first task set behind blue (resource reference, AWS::ECS::Service)."""
    create(stacks)
    found = service(stacks)
    assert stacks.physical("Service") == found["serviceArn"]
    told = ("deploymentController", "launchType", "healthCheckGracePeriodSeconds", "loadBalancers", "tags")
    assert [found[name] for name in told] == [
        {"type": "CODE_DEPLOY"},
        "FARGATE",
        60,
        [{"containerName": "service", "containerPort": 8080, "targetGroupArn": stacks.physical("Blue")}],
        tags(stacks, "Service"),
    ]
    assert found["networkConfiguration"] == {"awsvpcConfiguration": {"subnets": stacks.subnets}}
    (first,) = found["taskSets"]
    assert (first["status"], first["loadBalancers"]) == ("PRIMARY", found["loadBalancers"])


def test_a_service_has_as_many_tasks_as_its_scaler_wants_at_least(stacks: Stacks) -> None:
    """One when neither says (AWS::ECS::Service, DesiredCount; RegisterScalableTarget, MinCapacity)."""
    written = create(stacks)
    assert service(stacks)["desiredCount"] == 2
    written["Least"]["Properties"]["MinCapacity"] = 3
    assert stacks.update() == "UPDATE_COMPLETE"
    assert service(stacks)["taskSets"][0]["computedDesiredCount"] == 3
    del written["Least"]
    assert stacks.update() == "UPDATE_COMPLETE"
    assert service(stacks)["desiredCount"] == 1


def test_a_revision_of_a_template_is_registered_whole(stacks: Stacks) -> None:
    """Numbers as numbers, maps with their own keys (resource reference, AWS::ECS::TaskDefinition)."""
    create(stacks)
    ecs = stacks.plane.ecs
    answer = ecs.describe_task_definition(taskDefinition=stacks.physical("Task"), include=["TAGS"])
    found = answer["taskDefinition"]
    assert found["runtimePlatform"] == {"cpuArchitecture": "ARM64", "operatingSystemFamily": "LINUX"}
    assert (found["cpu"], found["memory"], answer["tags"]) == (
        "512",
        "1024",
        tags(stacks, "Task"),
    )
    (container,) = found["containerDefinitions"]
    assert container["portMappings"] == [{"containerPort": 8080, "hostPort": 8080, "protocol": "tcp"}]
    assert container["stopTimeout"] == 60
    assert container["logConfiguration"]["options"] == {"awslogs-group": "Group"}


@pytest.mark.parametrize(("policy", "status"), [("Retain", "ACTIVE"), ("Delete", "INACTIVE")])
def test_a_changed_revision_is_a_new_one(stacks: Stacks, policy: str, status: str) -> None:
    """The service takes no notice of it: it names the family (AWS::ECS::TaskDefinition)."""
    written = create(stacks)
    first, running = stacks.physical("Task"), service(stacks)["taskDefinition"]
    written["Task"]["UpdateReplacePolicy"] = policy
    written["Task"]["Properties"]["Cpu"] = "1024"
    assert stacks.update() == "UPDATE_COMPLETE"
    assert stacks.physical("Task") == first.removesuffix(":1") + ":2"
    old = stacks.plane.ecs.describe_task_definition(taskDefinition=first)["taskDefinition"]
    assert (old["status"], service(stacks)["taskDefinition"]) == (status, running)


def test_a_refused_update_of_the_service_rolls_the_stack_back(stacks: Stacks) -> None:
    """With ECS's words, and back to the revision of before (API Reference, "UpdateService")."""
    written = create(stacks)
    first = stacks.physical("Task")
    written["Task"]["Properties"]["Cpu"] = "1024"
    written["Service"]["Properties"]["TaskDefinition"] = {"Ref": "Task"}
    assert stacks.update() == "UPDATE_ROLLBACK_COMPLETE"
    events = stacks.plane.cloudformation.describe_stack_events(StackName=stacks.name)["StackEvents"]
    reasons = [event.get("ResourceStatusReason", "") for event in events]
    said = "Unable to update task definition on services with a CODE_DEPLOY deployment controller."
    assert any(said in reason for reason in reasons)
    assert stacks.physical("Task") == first
    newest = stacks.plane.ecs.describe_task_definition(taskDefinition=stacks.name)["taskDefinition"]
    assert newest["taskDefinitionArn"] == first


def test_an_allowed_update_of_the_service_is_made(stacks: Stacks) -> None:
    """What has gone from the template is taken back (API Reference, "UpdateService")."""
    written = create(stacks)
    written["Service"]["Properties"]["HealthCheckGracePeriodSeconds"] = 90
    written["Service"]["Properties"]["DesiredCount"] = 4
    assert stacks.update() == "UPDATE_COMPLETE"
    found = service(stacks)
    assert (found["healthCheckGracePeriodSeconds"], found["desiredCount"]) == (90, 4)
    del written["Service"]["Properties"]["HealthCheckGracePeriodSeconds"]
    assert stacks.update() == "UPDATE_COMPLETE"
    assert service(stacks)["healthCheckGracePeriodSeconds"] == 0


@pytest.mark.parametrize(
    ("controller", "status"),
    [("CODE_DEPLOY", "UPDATE_ROLLBACK_COMPLETE"), ("ECS", "UPDATE_COMPLETE")],
)
def test_an_update_of_the_service_asks_for_the_newest_revision(
    stacks: Stacks, controller: str, status: str
) -> None:
    """Every property goes with it (reported in cloudformation-coverage-roadmap#1529)."""
    written = create(stacks, controller)
    running = service(stacks)["taskDefinition"]
    written["Task"]["Properties"]["Cpu"] = "1024"
    assert stacks.update() == "UPDATE_COMPLETE"
    assert service(stacks)["taskDefinition"] == running
    newest = stacks.physical("Task")
    written["Service"]["Properties"]["HealthCheckGracePeriodSeconds"] = 90
    assert stacks.update() == status
    found = service(stacks)
    assert found["taskDefinition"] == (newest if controller == "ECS" else running)
    assert found["healthCheckGracePeriodSeconds"] == (90 if controller == "ECS" else 60)


def test_a_service_that_codedeploy_has_moved_takes_no_update_of_its_template(stacks: Stacks) -> None:
    """Its load balancers are others by now (reported in cloudformation-coverage-roadmap#1529)."""
    written = create(stacks)
    ecs, where = stacks.plane.ecs, {"cluster": stacks.name, "service": stacks.physical("Service")}
    green = [{"targetGroupArn": stacks.physical("Green"), "containerName": "service", "containerPort": 8080}]
    made: Any = {**where, "taskDefinition": stacks.name, "loadBalancers": green}
    task_set = ecs.create_task_set(**made)["taskSet"]
    ecs.update_service_primary_task_set(**where, primaryTaskSet=task_set["id"])
    written["Service"]["Properties"]["HealthCheckGracePeriodSeconds"] = 90
    assert stacks.update() == "UPDATE_ROLLBACK_COMPLETE"
    assert service(stacks)["loadBalancers"] == green


def test_a_replacement_of_the_service_is_not_played(stacks: Stacks) -> None:
    """Rather than something else than AWS would do (AWS::ECS::Service, DeploymentController)."""
    written = create(stacks)
    written["Service"]["Properties"]["DeploymentController"]["Type"] = "ECS"
    assert stacks.update() == "UPDATE_ROLLBACK_COMPLETE"
    assert service(stacks)["deploymentController"] == {"type": "CODE_DEPLOY"}


@pytest.mark.parametrize("whole", [False, True])
def test_a_service_that_leaves_its_template_is_deleted(stacks: Stacks, whole: bool) -> None:  # noqa: FBT001
    """Alone or with its stack: its tasks end (resource reference, AWS::ECS::Service)."""
    written = create(stacks, "ECS")
    found = service(stacks)
    if whole:
        stacks.plane.cloudformation.delete_stack(StackName=stacks.name)
    else:
        for name in ("Least", "Service"):
            del written[name]
        assert stacks.update() == "UPDATE_COMPLETE"
    (gone,) = stacks.plane.ecs.describe_services(
        cluster=found["clusterArn"], services=[found["serviceName"]]
    )["services"]
    assert (gone["status"], gone["desiredCount"]) == ("INACTIVE", 0)

"""Services of templates: CloudFormation begins their deployments, and waits for those of its updates."""

import json
from typing import Any

import pytest

from tests.rehearsal.planes import until

from .world import World

pytestmark = pytest.mark.slow


class Stack:
    """A stack that holds the service of a world."""

    def __init__(self, world: World) -> None:
        self._cloudformation = world.estate.plane.cloudformation
        self._name = world.estate.name
        balancing = world.balancing()[0]
        self.properties: dict[str, Any] = {
            "Cluster": world.estate.name,
            "ServiceName": "service",
            "TaskDefinition": world.estate.name,
            "LaunchType": "FARGATE",
            "DesiredCount": 2,
            "DeploymentController": {"Type": "ECS"},
            "NetworkConfiguration": {"AwsvpcConfiguration": {"Subnets": list(world.estate.subnets)}},
            "LoadBalancers": [
                {
                    "TargetGroupArn": balancing["targetGroupArn"],
                    "ContainerName": "service",
                    "ContainerPort": 8080,
                    "AdvancedConfiguration": {
                        f"{name[0].upper()}{name[1:]}": value
                        for name, value in balancing["advancedConfiguration"].items()
                    },
                }
            ],
            "DeploymentConfiguration": {
                "Strategy": "BLUE_GREEN",
                "BakeTimeInMinutes": 0,
                "DeploymentCircuitBreaker": {"Enable": True, "Rollback": True},
            },
        }

    def template(self) -> str:
        """Return the template."""
        service = {"Type": "AWS::ECS::Service", "Properties": self.properties}
        return json.dumps({"Resources": {"Service": service}})

    def create(self) -> None:
        """Create the stack."""
        self._cloudformation.create_stack(StackName=self._name, TemplateBody=self.template())

    def update(self) -> str:
        """Update it, and return its status in the end."""
        self._cloudformation.update_stack(StackName=self._name, TemplateBody=self.template())
        until(lambda: not self.status().endswith("_IN_PROGRESS"))
        return self.status()

    def status(self) -> str:
        """Return the stack's status."""
        return str(self._cloudformation.describe_stacks(StackName=self._name)["Stacks"][0]["StackStatus"])


def test_an_update_of_a_template_waits_for_its_deployment_and_fails_with_it(world: World) -> None:
    """CloudFormation resource reference, AWS::ECS::Service: the family's name is its newest revision then."""
    stack = Stack(world)
    bad: list[str] = []
    with world.tasks(fails=lambda revision: revision in bad):
        stack.create()
        first = world.wait(world.newest()["serviceDeploymentArn"])
        assert first["status"] == "SUCCESSFUL"
        newest = world.estate.register()
        stack.properties["DeploymentConfiguration"]["BakeTimeInMinutes"] = 1
        assert stack.update() == "UPDATE_COMPLETE"
        assert world.newest()["status"] == "SUCCESSFUL"
        assert world.runs() == {"green": [newest] * 2}
        bad.append(world.estate.register())
        stack.properties["DeploymentConfiguration"]["BakeTimeInMinutes"] = 2
        # What CloudFormation knew before is the family's name as well: it asks for the bad one again.
        assert stack.update() == "UPDATE_ROLLBACK_FAILED"
        assert world.runs() == {"green": [newest] * 2}
        assert world.newest()["status"] == "ROLLBACK_SUCCESSFUL"


def test_an_update_that_begins_no_deployment_does_not_fail_with_an_earlier_one(world: World) -> None:
    """Ours: what was rolled back before is no news."""
    stack = Stack(world)
    bad: list[str] = []
    with world.tasks(fails=lambda revision: revision in bad):
        stack.create()
        world.wait(world.newest()["serviceDeploymentArn"])
        bad.append(world.estate.register())
        world.update(taskDefinition=bad[0])
        assert world.wait(world.newest()["serviceDeploymentArn"])["status"] == "ROLLBACK_SUCCESSFUL"
        world.estate.plane.ecs.deregister_task_definition(taskDefinition=bad[0])
        stack.properties["HealthCheckGracePeriodSeconds"] = 9
        assert stack.update() == "UPDATE_COMPLETE"
        assert len(world.listed()) == 2

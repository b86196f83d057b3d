"""CodeDeploy's resources of templates, deployed to the control plane by a real client."""

import json
from typing import Any

import pytest

from .world import World

pytestmark = pytest.mark.slow


def template(world: World, **group: object) -> dict[str, Any]:
    """Return a template with an application, a configuration and a group, as the CDK writes them."""
    names = [{"Name": arn.split("/")[1]} for arn in world.estate.groups.values()]
    pair = {
        "TargetGroups": names,
        "ProdTrafficRoute": {"ListenerArns": [world.estate.listener]},
        "TestTrafficRoute": {"ListenerArns": [world.test_listener]},
    }
    routing = {
        "Type": "TimeBasedCanary",
        "TimeBasedCanary": {"CanaryInterval": 5, "CanaryPercentage": "20"},
    }
    return {
        "Resources": {
            "Application": resource("Application", ApplicationName=name(world), ComputePlatform="ECS"),
            "Config": resource("DeploymentConfig", ComputePlatform="ECS", TrafficRoutingConfig=routing),
            "Group": resource(
                "DeploymentGroup",
                ApplicationName={"Ref": "Application"},
                DeploymentGroupName=name(world),
                DeploymentConfigName={"Ref": "Config"},
                ServiceRoleArn="arn:aws:iam::123456789012:role/deploys",
                DeploymentStyle={
                    "DeploymentType": "BLUE_GREEN",
                    "DeploymentOption": "WITH_TRAFFIC_CONTROL",
                },
                ECSServices=[{"ClusterName": world.estate.name, "ServiceName": "service"}],
                LoadBalancerInfo={"TargetGroupPairInfoList": [pair]},
                **group,
            ),
        },
        "Outputs": {"Name": {"Value": {"Ref": "Group"}}},
    }


def test_a_stack_creates_updates_and_deletes_them(world: World) -> None:
    """See the CloudFormation resource reference, AWS::CodeDeploy::DeploymentGroup."""
    cloudformation, stack = world.estate.plane.cloudformation, name(world)
    alarms = {"Enabled": True, "Alarms": [{"Name": "red"}], "IgnorePollAlarmFailure": False}
    cloudformation.create_stack(
        StackName=stack, TemplateBody=json.dumps(template(world, AlarmConfiguration=alarms))
    )
    made = group(world)
    assert made["alarmConfiguration"]["alarms"] == [{"name": "red"}]
    assert made["ecsServices"] == [{"clusterName": world.estate.name, "serviceName": "service"}]
    config = world.codedeploy.get_deployment_config(deploymentConfigName=made["deploymentConfigName"])
    assert config["deploymentConfigInfo"]["trafficRoutingConfig"] == {
        "type": "TimeBasedCanary",
        "timeBasedCanary": {"canaryPercentage": 20, "canaryInterval": 5},
    }
    rollback = {"Enabled": True, "Events": ["DEPLOYMENT_FAILURE"]}
    changed = template(world, AutoRollbackConfiguration=rollback)
    cloudformation.update_stack(StackName=stack, TemplateBody=json.dumps(changed))
    updated = group(world)
    assert updated["autoRollbackConfiguration"] == {"enabled": True, "events": ["DEPLOYMENT_FAILURE"]}
    assert updated["alarmConfiguration"] == {"enabled": False, "alarms": []}
    assert updated["deploymentGroupId"] == made["deploymentGroupId"]
    cloudformation.delete_stack(StackName=stack)
    assert name(world) not in world.codedeploy.list_applications()["applications"]


def test_a_new_configuration_replaces_the_old_one(world: World) -> None:
    """See AWS::CodeDeploy::DeploymentConfig: an update of any property means replacement."""
    cloudformation, stack = world.estate.plane.cloudformation, name(world)
    before = template(world)
    cloudformation.create_stack(StackName=stack, TemplateBody=json.dumps(before))
    old = group(world)["deploymentConfigName"]
    routing = {
        "Type": "TimeBasedLinear",
        "TimeBasedLinear": {"LinearInterval": 1, "LinearPercentage": 50},
    }
    before["Resources"]["Config"]["Properties"]["TrafficRoutingConfig"] = routing
    cloudformation.update_stack(StackName=stack, TemplateBody=json.dumps(before))
    (described,) = cloudformation.describe_stacks(StackName=stack)["Stacks"]
    assert described["StackStatus"] == "UPDATE_COMPLETE"
    assert group(world)["deploymentConfigName"] != old


def name(world: World) -> str:
    """Return the name of the stack and of what it makes."""
    return f"stack-{world.estate.name}"


def group(world: World) -> Any:  # noqa: ANN401 - compared as it is
    """Return the group that the stack made."""
    found = world.codedeploy.get_deployment_group(
        applicationName=name(world), deploymentGroupName=name(world)
    )
    return found["deploymentGroupInfo"]


def resource(kind: str, **properties: object) -> dict[str, Any]:
    """Return a resource."""
    return {"Type": f"AWS::CodeDeploy::{kind}", "Properties": properties}

"""What an AppSpec says, and which one is refused ("AppSpec 'resources' section" and "'hooks' section")."""

import json
from typing import Any

import pytest

from rehearsal.codedeploy.appspec import AppSpec, parse
from rehearsal.codedeploy.errors import ApiError

REVISION = "arn:aws:ecs:eu-central-1:123456789012:task-definition/switchyard:7"
NETWORK = {"Subnets": ["subnet-1"], "SecurityGroups": ["sg-1"], "AssignPublicIp": "DISABLED"}


def document(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 - whatever somebody writes
    """Return an AppSpec whose properties are changed; None leaves one out."""
    properties: dict[str, Any] = {
        "TaskDefinition": REVISION,
        "LoadBalancerInfo": {"ContainerName": "service", "ContainerPort": 8080},
        **changes,
    }
    kept = {name: value for name, value in properties.items() if value is not None}
    return {
        "version": 0.0,
        "Resources": [{"TargetService": {"Type": "AWS::ECS::Service", "Properties": kept}}],
    }


def test_everything_that_an_ecs_deployment_may_say_is_read() -> None:
    """See "AppSpec 'resources' section (Amazon ECS and AWS Lambda deployments only)"."""
    text = document(
        PlatformVersion="1.4.0",
        NetworkConfiguration={"AwsvpcConfiguration": NETWORK},
        CapacityProviderStrategy=[{"CapacityProvider": "FARGATE_SPOT", "Base": 0, "Weight": 1}],
    )
    hooks = [{"AfterInstall": "one"}, {"AfterAllowTestTraffic": "two"}]
    assert parse(json.dumps(text | {"Hooks": hooks})) == AppSpec(
        task_definition=REVISION,
        container="service",
        port=8080,
        platform_version="1.4.0",
        network={
            "awsvpcConfiguration": {
                "subnets": ["subnet-1"],
                "securityGroups": ["sg-1"],
                "assignPublicIp": "DISABLED",
            }
        },
        capacity=[{"capacityProvider": "FARGATE_SPOT", "base": 0, "weight": 1}],
        hooks={"AfterInstall": "one", "AfterAllowTestTraffic": "two"},
    )


def test_yaml_is_read_as_well() -> None:
    """See "AppSpec File Structure": JSON or YAML."""
    text = f"""
version: 0.0
Resources:
  - TargetService:
      Type: AWS::ECS::Service
      Properties:
        TaskDefinition: "{REVISION}"
        LoadBalancerInfo:
          ContainerName: "service"
          ContainerPort: 8080
Hooks:
  - BeforeInstall: "one"
"""
    assert parse(text).hooks == {"BeforeInstall": "one"}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "neither JSON nor YAML"),
        ("[]", "version"),
        (json.dumps(document() | {"version": 1.0}), "version"),
        (json.dumps(document() | {"Permissions": []}), "sections"),
        (json.dumps(document() | {"Resources": []}), "one AWS::ECS::Service"),
        (json.dumps(document(TaskDefinition=None)), "TaskDefinition"),
        (json.dumps(document(TaskDefinition="switchyard:7")), "TaskDefinition"),
        (json.dumps(document(LoadBalancerInfo=None)), "LoadBalancerInfo"),
        (json.dumps(document(LoadBalancerInfo={"ContainerName": "a", "ContainerPort": "80"})), "a number"),
        (json.dumps(document(DesiredCount=3)), "desiredcount"),
        (
            json.dumps(
                document(NetworkConfiguration={"AwsvpcConfiguration": {"Subnets": [], "SecurityGroups": []}})
            ),
            "NetworkConfiguration",
        ),
        (json.dumps(document(CapacityProviderStrategy=[{"Weight": 1}])), "CapacityProvider"),
        (json.dumps(document() | {"Hooks": [{"AllowTraffic": "one"}]}), "Hooks may name"),
        (json.dumps(document() | {"Hooks": [{"AfterInstall": "a"}, {"AfterInstall": "b"}]}), "once"),
        (json.dumps(document() | {"Hooks": ["AfterInstall"]}), "Hooks is a list"),
    ],
)
def test_what_cannot_be_deployed_is_refused(text: str, reason: str) -> None:
    """API Reference, "CreateDeployment": InvalidRevisionException."""
    with pytest.raises(ApiError, match=reason) as caught:
        parse(text)
    assert caught.value.code == "InvalidRevisionException"

"""How CodeDeploy releases the service, and when it turns a release around."""

import importlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from infra.config import STAGES
from infra.settings import Engine, Strategy
from tests.infra.assembly import Assembly, synthesised
from tests.infra.variants import changed

pytestmark = pytest.mark.slow


def test_every_release_can_turn_back(assembly: Assembly) -> None:
    """A release is rolled back when it fails, is stopped or alarms; the old tasks wait for that."""
    group = assembly.only("Service", "AWS::CodeDeploy::DeploymentGroup")["Properties"]
    assert group["DeploymentStyle"] == {
        "DeploymentOption": "WITH_TRAFFIC_CONTROL",
        "DeploymentType": "BLUE_GREEN",
    }
    assert group["AutoRollbackConfiguration"] == {
        "Enabled": True,
        "Events": ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_REQUEST", "DEPLOYMENT_STOP_ON_ALARM"],
    }
    assert group["BlueGreenDeploymentConfiguration"] == {
        "DeploymentReadyOption": {"ActionOnTimeout": "CONTINUE_DEPLOYMENT", "WaitTimeInMinutes": 0},
        "TerminateBlueInstancesOnDeploymentSuccess": {
            "Action": "TERMINATE",
            "TerminationWaitTimeInMinutes": STAGES[assembly.stage].release.bake_minutes,
        },
    }
    assert group["AlarmConfiguration"] == {
        "Enabled": True,
        "Alarms": [
            *(
                {"Name": f"<RollbackAlarms{colour}{what}>"}
                for colour in ("blue", "green")
                for what in ("errors", "latency", "unhealthy")
            ),
            {"Name": "<RollbackAlarmsloadbalancererrors>"},
        ],
    }


def test_a_release_moves_this_service_between_these_listeners(assembly: Assembly) -> None:
    """The group knows both colours, the production route and the test route."""
    group = assembly.only("Service", "AWS::CodeDeploy::DeploymentGroup")["Properties"]
    entry = f"/switchyard/{assembly.stage}/traffic"
    assert group["LoadBalancerInfo"] == {
        "TargetGroupPairInfoList": [
            {
                "ProdTrafficRoute": {"ListenerArns": [f"{entry}/production-listener"]},
                "TestTrafficRoute": {"ListenerArns": [f"{entry}/test-listener"]},
                "TargetGroups": [
                    {"Name": f"{entry}/{colour}.split(:)[5].split(/)[1]"} for colour in ("blue", "green")
                ],
            }
        ]
    }
    assert group["ECSServices"] == [{"ClusterName": "<Cluster>", "ServiceName": "<ServiceABService.Name>"}]
    assert (group["ApplicationName"], group["DeploymentGroupName"]) == (
        "<TrafficShiftApplication>",
        f"switchyard-{assembly.stage}",
    )


def shift(folder: Path, changes: Mapping[str, object]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the deployment group of the dev stage with changed settings, and its own configurations."""
    changed_dev = synthesised(changed(STAGES["dev"], changes), folder)
    return (
        changed_dev.only("Service", "AWS::CodeDeploy::DeploymentGroup")["Properties"],
        changed_dev.resources("Service", "AWS::CodeDeploy::DeploymentConfig"),
    )


def termination(group: Mapping[str, Any]) -> dict[str, Any]:
    """Return what happens to the old tasks."""
    return dict(group["BlueGreenDeploymentConfiguration"]["TerminateBlueInstancesOnDeploymentSuccess"])


@pytest.mark.parametrize(("strategy", "wait"), [(Strategy.ALL_AT_ONCE, 0), (Strategy.BLUE_GREEN, 7)])
def test_traffic_moves_in_one_step(tmp_path: Path, strategy: Strategy, wait: int) -> None:
    """Both use the configuration that AWS brings; only blue-green keeps the old tasks for a while."""
    group, configurations = shift(tmp_path, {"release.strategy": strategy, "release.bake_minutes": 7})
    assert group["DeploymentConfigName"] == "CodeDeployDefault.ECSAllAtOnce"
    assert termination(group) == {"Action": "TERMINATE", "TerminationWaitTimeInMinutes": wait}
    assert configurations == {}


@pytest.mark.parametrize(
    ("strategy", "routing"),
    [
        (
            Strategy.CANARY,
            {"Type": "TimeBasedCanary", "TimeBasedCanary": {"CanaryInterval": 3, "CanaryPercentage": 20}},
        ),
        (
            Strategy.LINEAR,
            {"Type": "TimeBasedLinear", "TimeBasedLinear": {"LinearInterval": 3, "LinearPercentage": 20}},
        ),
    ],
)
def test_traffic_moves_in_several_steps(
    tmp_path: Path, strategy: Strategy, routing: Mapping[str, object]
) -> None:
    """Canary and linear have a configuration of their own, and keep the old tasks after the last step."""
    group, configurations = shift(
        tmp_path,
        {
            "release.strategy": strategy,
            "release.shift_percent": 20,
            "release.shift_minutes": 3,
            "release.bake_minutes": 7,
        },
    )
    assert group["DeploymentConfigName"] == "<TrafficShiftConfig>"
    assert termination(group) == {"Action": "TERMINATE", "TerminationWaitTimeInMinutes": 7}
    assert {name: one["Properties"] for name, one in configurations.items()} == {
        "TrafficShiftConfig": {"ComputePlatform": "ECS", "TrafficRoutingConfig": routing}
    }


def test_other_steps_replace_the_configuration() -> None:
    """AWS changes none, so CloudFormation makes a second one first: neither may have a name of ours.

    The test above shows that it has none, and the stack's logical id stays the same.
    """
    schemas = importlib.import_module("cfnlint.schema.manager").PROVIDER_SCHEMA_MANAGER
    schema = schemas.get_resource_schema("eu-central-1", "AWS::CodeDeploy::DeploymentConfig").schema
    assert {
        "/properties/TrafficRoutingConfig",
        "/properties/ComputePlatform",
        "/properties/DeploymentConfigName",
    } <= set(schema["createOnlyProperties"])


def test_without_alarms_a_release_still_turns_back(tmp_path: Path) -> None:
    """It does when it fails and when someone stops it; the group says that alarms are off, so none linger."""
    group, _ = shift(tmp_path, {"alarms.enabled": False})
    assert group["AlarmConfiguration"] == {"Enabled": False}
    assert group["AutoRollbackConfiguration"] == {
        "Enabled": True,
        "Events": ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_REQUEST"],
    }


@pytest.mark.parametrize("strategy", [s for s in Strategy if s is not Strategy.ALL_AT_ONCE])
def test_ecs_needs_nothing_of_codedeploy(tmp_path: Path, strategy: Strategy) -> None:
    """With the engine ECS there is no application, group, configuration or role of CodeDeploy's."""
    settings = changed(STAGES["dev"], {"release.engine": Engine.ECS, "release.strategy": strategy})
    text = json.dumps(synthesised(settings, tmp_path).template("Service"))
    assert "codedeploy" not in text.lower()


def test_how_each_stage_shifts(assemblies: Mapping[str, Assembly]) -> None:
    """Dev moves at once; staging and production send a tenth first, and wait."""
    kinds = {
        stage: [
            one["Properties"]["TrafficRoutingConfig"]
            for one in assembly.resources("Service", "AWS::CodeDeploy::DeploymentConfig").values()
        ]
        for stage, assembly in assemblies.items()
    }
    canary = {"Type": "TimeBasedCanary", "TimeBasedCanary": {"CanaryInterval": 5, "CanaryPercentage": 10}}
    assert kinds == {"dev": [], "staging": [canary], "production": [canary]}

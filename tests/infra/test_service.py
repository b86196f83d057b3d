"""How CodeDeploy releases the service, and when it turns a release around."""

from collections.abc import Mapping

import pytest

from infra.config import STAGES
from tests.infra.assembly import Assembly

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
    assert group["ECSServices"] == [{"ClusterName": "<Cluster>", "ServiceName": "<Service.Name>"}]
    assert (group["ApplicationName"], group["DeploymentGroupName"]) == (
        "<TrafficShiftApplication>",
        f"switchyard-{assembly.stage}",
    )


def test_how_traffic_shifts(assemblies: Mapping[str, Assembly]) -> None:
    """Dev moves at once; staging and production send a tenth first, and wait."""
    dev = assemblies["dev"].only("Service", "AWS::CodeDeploy::DeploymentGroup")["Properties"]
    assert dev["DeploymentConfigName"] == "CodeDeployDefault.ECSAllAtOnce"
    for stage in ("staging", "production"):
        config = assemblies[stage].only("Service", "AWS::CodeDeploy::DeploymentConfig")["Properties"]
        assert config == {
            "ComputePlatform": "ECS",
            "TrafficRoutingConfig": {
                "Type": "TimeBasedCanary",
                "TimeBasedCanary": {"CanaryInterval": 5, "CanaryPercentage": 10},
            },
        }

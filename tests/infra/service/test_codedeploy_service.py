"""The service under the engine `codedeploy`: frozen, because ECS refuses nearly every later change."""

from pathlib import Path
from typing import Any

import pytest

from infra.config import STAGES
from infra.service.codedeploy_service import service_id
from infra.settings import Strategy
from tests.infra.assembly import Assembly, synthesised
from tests.infra.variants import changed

pytestmark = pytest.mark.slow


def frozen(stage: str) -> dict[str, Any]:
    """Return all properties of a stage's service.

    There is no DesiredCount (CloudFormation would reset the scaler's number) and no ServiceName, and
    the task definition is a family, so that a template change restarts no task.
    """
    entry = f"/switchyard/{stage}"
    return {
        "Cluster": "<Cluster>",
        "DeploymentController": {"Type": "CODE_DEPLOY"},
        "DeploymentConfiguration": {"MaximumPercent": 200, "MinimumHealthyPercent": 100},
        "EnableECSManagedTags": True,
        "EnableExecuteCommand": False,
        "HealthCheckGracePeriodSeconds": 120,
        "LaunchType": "FARGATE",
        "LoadBalancers": [
            {"ContainerName": "service", "ContainerPort": 8080, "TargetGroupArn": f"{entry}/traffic/blue"}
        ],
        "NetworkConfiguration": {
            "AwsvpcConfiguration": {
                "AssignPublicIp": "DISABLED",
                "SecurityGroups": [f"{entry}/network/task-group"],
                "Subnets": [f"{entry}/network/private-0", f"{entry}/network/private-1"],
            }
        },
        "PropagateTags": "SERVICE",
        "TaskDefinition": f"switchyard-{stage}",
    }


def service_of(assembly: Assembly) -> dict[str, Any]:
    """Return the properties of the service."""
    properties: dict[str, Any] = assembly.only("Service", "AWS::ECS::Service")["Properties"]
    return properties


def test_the_service_is_frozen(assembly: Assembly) -> None:
    """ECS refuses nearly every change of a service under CODE_DEPLOY, so these are all its properties."""
    assert service_of(assembly) == frozen(assembly.stage)


@pytest.mark.parametrize(
    "strategy",
    [Strategy.ALL_AT_ONCE, Strategy.BLUE_GREEN, Strategy.CANARY, Strategy.LINEAR],
    ids=str,
)
def test_no_strategy_changes_the_service(strategy: Strategy, tmp_path: Path) -> None:
    """The strategy belongs to CodeDeploy, so that it can change at any time."""
    settings = changed(STAGES["dev"], {"release.strategy": strategy})
    assert service_of(synthesised(settings, tmp_path)) == frozen("dev")


def test_spare_capacity(dev: Assembly, tmp_path: Path) -> None:
    """Spot replaces the launch type, and makes a new service, since ECS would not change this one."""
    spot = synthesised(changed(STAGES["dev"], {"tasks.spot": True}), tmp_path)
    expected = frozen("dev")
    del expected["LaunchType"]
    strategy = [{"CapacityProvider": "FARGATE_SPOT", "Weight": 1}]
    assert service_of(spot) == {**expected, "CapacityProviderStrategy": strategy}
    services = [assembly.resources("Service", "AWS::ECS::Service") for assembly in (dev, spot)]
    assert [list(found) for found in services] == [["ServiceABService"], ["SpotServiceABService"]]


@pytest.mark.parametrize(
    ("region", "zones", "expected"),
    [
        ("eu-central-1", ("eu-central-1a", "eu-central-1b"), "ServiceAB"),
        ("eu-central-1", ("eu-central-1b", "eu-central-1a"), "ServiceBA"),
        ("eu-central-1", ("eu-central-1a", "eu-central-1b", "eu-central-1c"), "ServiceABC"),
        ("us-west-2", ("us-west-2a", "us-west-2-lax-1a"), "ServiceALax1a"),
        ("us-west-2", ("us-west-2a", "us-west-2-lax-1b"), "ServiceALax1b"),
    ],
)
def test_other_zones_make_another_service(region: str, zones: tuple[str, ...], expected: str) -> None:
    """Its subnets are the zones' in their order, and the templates would not show that one was replaced."""
    changes = {"region": region, "network.zones": zones}
    assert service_id(changed(STAGES["dev"], changes)) == expected
    assert service_id(changed(STAGES["dev"], {**changes, "tasks.spot": True})) == f"Spot{expected}"

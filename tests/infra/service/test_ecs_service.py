"""The service under the engine `ecs`: whole for each strategy, and how little ECS may do with it."""

from collections.abc import Mapping
from typing import Any

import pytest

from infra.config import STAGES
from infra.settings import Engine, Strategy
from tests.infra.assembly import Assembly, synthesised
from tests.infra.variants import changed

pytestmark = pytest.mark.slow

ENTRY = "/switchyard/dev"
ALARMS = [
    *(
        f"<RollbackAlarms{colour}{what}>"
        for colour in ("blue", "green")
        for what in ("errors", "latency", "unhealthy")
    ),
    "<RollbackAlarmsloadbalancererrors>",
]
EVERY_STRATEGY = {
    "MaximumPercent": 200,
    "MinimumHealthyPercent": 100,
    "DeploymentCircuitBreaker": {"Enable": True, "Rollback": True},
    "Alarms": {"AlarmNames": ALARMS, "Enable": True, "Rollback": True},
}
TWO_COLOURS = {
    "BakeTimeInMinutes": 7,
    "LifecycleHooks": [
        {
            "HookTargetArn": "<ReleaseGateFunction.Arn>",
            "LifecycleStages": ["POST_TEST_TRAFFIC_SHIFT"],
            "RoleArn": "<EcsServiceGateCaller.Arn>",
        }
    ],
}
BOTH_GROUPS = {
    "TargetGroupArn": f"{ENTRY}/traffic/blue",
    "AdvancedConfiguration": {
        "AlternateTargetGroupArn": f"{ENTRY}/traffic/green",
        "ProductionListenerRule": f"{ENTRY}/traffic/production-rule",
        "TestListenerRule": f"{ENTRY}/traffic/test-rule",
        "RoleArn": "<EcsServiceTraffic.Arn>",
    },
}
LIVE_GROUP = {
    "TargetGroupArn": {"Fn::If": ["GreenIsLive", f"{ENTRY}/traffic/green", f"{ENTRY}/traffic/blue"]}
}
STRATEGIES: Mapping[Strategy, tuple[dict[str, Any], dict[str, Any]]] = {
    Strategy.ROLLING: ({"Strategy": "ROLLING"}, LIVE_GROUP),
    Strategy.BLUE_GREEN: ({"Strategy": "BLUE_GREEN", **TWO_COLOURS}, BOTH_GROUPS),
    Strategy.CANARY: (
        {
            "Strategy": "CANARY",
            "CanaryConfiguration": {"CanaryPercent": 20, "CanaryBakeTimeInMinutes": 3},
            **TWO_COLOURS,
        },
        BOTH_GROUPS,
    ),
    Strategy.LINEAR: (
        {
            "Strategy": "LINEAR",
            "LinearConfiguration": {"StepPercent": 20, "StepBakeTimeInMinutes": 3},
            **TWO_COLOURS,
        },
        BOTH_GROUPS,
    ),
}


@pytest.fixture(scope="module")
def by_strategy(tmp_path_factory: pytest.TempPathFactory) -> Mapping[Strategy, Assembly]:
    """Return the dev stage under the engine `ecs`, once for each strategy."""
    steps = {"release.shift_percent": 20, "release.shift_minutes": 3, "release.bake_minutes": 7}
    return {
        strategy: synthesised(
            changed(STAGES["dev"], {"release.engine": Engine.ECS, "release.strategy": strategy, **steps}),
            tmp_path_factory.mktemp(strategy.value),
        )
        for strategy in STRATEGIES
    }


@pytest.fixture(scope="module")
def without_alarms(tmp_path_factory: pytest.TempPathFactory) -> Assembly:
    """Return a rolling stage without alarms, on spare capacity."""
    return synthesised(
        changed(
            STAGES["dev"],
            {
                "release.engine": Engine.ECS,
                "release.strategy": Strategy.ROLLING,
                "alarms.enabled": False,
                "tasks.spot": True,
            },
        ),
        tmp_path_factory.mktemp("without-alarms"),
    )


@pytest.mark.parametrize("strategy", STRATEGIES, ids=str)
def test_the_service_of_each_strategy(strategy: Strategy, by_strategy: Mapping[Strategy, Assembly]) -> None:
    """These are all its properties: no DesiredCount, no ServiceName, the family instead of a revision."""
    deployment, target = STRATEGIES[strategy]
    assert by_strategy[strategy].only("Service", "AWS::ECS::Service")["Properties"] == {
        "AvailabilityZoneRebalancing": "ENABLED",
        "Cluster": "<Cluster>",
        "DeploymentController": {"Type": "ECS"},
        "DeploymentConfiguration": {**EVERY_STRATEGY, **deployment},
        "EnableECSManagedTags": True,
        "EnableExecuteCommand": False,
        "HealthCheckGracePeriodSeconds": 120,
        "LaunchType": "FARGATE",
        "LoadBalancers": [{"ContainerName": "service", "ContainerPort": 8080, **target}],
        "NetworkConfiguration": {
            "AwsvpcConfiguration": {
                "AssignPublicIp": "DISABLED",
                "SecurityGroups": [f"{ENTRY}/network/task-group"],
                "Subnets": [f"{ENTRY}/network/private-0", f"{ENTRY}/network/private-1"],
            }
        },
        "PropagateTags": "SERVICE",
        "TaskDefinition": "switchyard-dev",
    }


@pytest.mark.parametrize("strategy", STRATEGIES, ids=str)
def test_codedeploy_is_gone(strategy: Strategy, by_strategy: Mapping[Strategy, Assembly]) -> None:
    """No trace of the other engine is left."""
    kinds = {resource["Type"] for resource in by_strategy[strategy].template("Service")["Resources"].values()}
    assert not [kind for kind in kinds if kind.startswith("AWS::CodeDeploy::")]


def test_a_change_of_engine_makes_a_new_service(
    dev: Assembly, by_strategy: Mapping[Strategy, Assembly]
) -> None:
    """By another logical id, since ECS lets no service turn to CODE_DEPLOY."""
    native = by_strategy[Strategy.CANARY].resources("Service", "AWS::ECS::Service")
    assert native.keys().isdisjoint(dev.resources("Service", "AWS::ECS::Service"))


def test_the_gates_handler_is_that_of_the_engine(by_strategy: Mapping[Strategy, Assembly]) -> None:
    """ECS calls the handler that reads its events; a rolling service has no gate."""
    functions = {
        strategy: by_strategy[strategy].resources("Service", "AWS::Lambda::Function")
        for strategy in (Strategy.CANARY, Strategy.ROLLING)
    }
    assert functions[Strategy.CANARY]["ReleaseGateFunction"]["Properties"]["Handler"] == "gate.ecs.handle"
    assert "ReleaseGateFunction" not in functions[Strategy.ROLLING]


def test_ecs_may_move_this_service_only(by_strategy: Mapping[Strategy, Assembly]) -> None:
    """Its roles name two target groups, two rules and one function."""
    roles = by_strategy[Strategy.CANARY].resources("Service", "AWS::IAM::Role")
    assert {name: policy(roles[name]) for name in ("EcsServiceTraffic", "EcsServiceGateCaller")} == {
        "EcsServiceTraffic": {
            "Look": (
                [
                    "elasticloadbalancing:DescribeListeners",
                    "elasticloadbalancing:DescribeRules",
                    "elasticloadbalancing:DescribeTargetGroups",
                    "elasticloadbalancing:DescribeTargetHealth",
                ],
                "*",
            ),
            "RegisterTasks": (
                ["elasticloadbalancing:DeregisterTargets", "elasticloadbalancing:RegisterTargets"],
                [f"{ENTRY}/traffic/blue", f"{ENTRY}/traffic/green"],
            ),
            "MoveTraffic": (
                "elasticloadbalancing:ModifyRule",
                [f"{ENTRY}/traffic/production-rule", f"{ENTRY}/traffic/test-rule"],
            ),
        },
        "EcsServiceGateCaller": {"AskTheGate": ("lambda:InvokeFunction", "<ReleaseGateFunction.Arn>")},
    }
    for name in ("EcsServiceTraffic", "EcsServiceGateCaller"):
        properties = roles[name]["Properties"]
        assert "ManagedPolicyArns" not in properties
        (statement,) = properties["AssumeRolePolicyDocument"]["Statement"]
        assert statement["Principal"] == {"Service": "ecs.amazonaws.com"}


def test_without_alarms_only_the_circuit_breaker_turns_back(without_alarms: Assembly) -> None:
    """No alarm is named when there is none."""
    service = without_alarms.only("Service", "AWS::ECS::Service")["Properties"]
    assert service["DeploymentConfiguration"] == {
        "MaximumPercent": 200,
        "MinimumHealthyPercent": 100,
        "DeploymentCircuitBreaker": {"Enable": True, "Rollback": True},
        "Strategy": "ROLLING",
    }


def test_spare_capacity(without_alarms: Assembly) -> None:
    """All tasks run on Fargate Spot, which the cluster knows before the service is made."""
    service = without_alarms.only("Service", "AWS::ECS::Service")
    assert "LaunchType" not in service["Properties"]
    assert service["Properties"]["CapacityProviderStrategy"] == [
        {"CapacityProvider": "FARGATE_SPOT", "Weight": 1}
    ]
    ((offer, capacity),) = without_alarms.resources(
        "Service", "AWS::ECS::ClusterCapacityProviderAssociations"
    ).items()
    assert capacity["Properties"] == {
        "Cluster": "<Cluster>",
        "CapacityProviders": ["FARGATE", "FARGATE_SPOT"],
        "DefaultCapacityProviderStrategy": [],
    }
    assert any(needed.startswith(offer) for needed in service["DependsOn"])


def policy(role: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Return what a role's one policy allows, by sid."""
    (document,) = role["Properties"]["Policies"]
    return {
        statement["Sid"]: (statement["Action"], statement["Resource"])
        for statement in document["PolicyDocument"]["Statement"]
        if statement["Effect"] == "Allow"
    }

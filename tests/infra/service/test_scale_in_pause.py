"""The scale-in pause in the templates: what wakes it, whom it asks, and how little it may do."""

from typing import Any

import pytest

from infra.config import STAGES
from infra.settings import Engine, Strategy
from tests.infra.assembly import Assembly, synthesised
from tests.infra.variants import changed

pytestmark = pytest.mark.slow

HERE = "eu-central-1:<AWS::AccountId>"


@pytest.fixture(scope="module")
def rolling(tmp_path_factory: pytest.TempPathFactory) -> Assembly:
    """Return the dev stage under the engine `ecs`."""
    engine = {"release.engine": Engine.ECS, "release.strategy": Strategy.ROLLING}
    return synthesised(changed(STAGES["dev"], engine), tmp_path_factory.mktemp("rolling"))


def rules(assembly: Assembly) -> dict[str, dict[str, Any]]:
    """Return the rules' properties by name, each of which calls the function and tries again."""
    found = {}
    for name, rule in assembly.resources("Service", "AWS::Events::Rule").items():
        properties: dict[str, Any] = rule["Properties"]
        (target,) = properties.pop("Targets")
        assert target == {
            "Arn": "<ScaleInPauseFunction.Arn>",
            "Id": "Target0",
            "RetryPolicy": {"MaximumEventAgeInSeconds": 600, "MaximumRetryAttempts": 3},
        }
        found[name] = properties
    return found


def test_a_release_by_codedeploy_wakes_it(assembly: Assembly) -> None:
    """Every change of exactly this deployment group calls it, and the clock in case one is lost."""
    group = f"switchyard-{assembly.stage}"
    assert rules(assembly) == {
        "ScaleInPauseRelease": {
            "State": "ENABLED",
            "EventPattern": {
                "source": ["aws.codedeploy"],
                "detail-type": ["CodeDeploy Deployment State-change Notification"],
                "detail": {"application": [group], "deploymentGroup": [group]},
            },
        },
        "ScaleInPauseClock": {"State": "ENABLED", "ScheduleExpression": "rate(10 minutes)"},
    }


def test_a_release_by_ecs_wakes_it(rolling: Assembly) -> None:
    """Every change of exactly this service's deployments calls it."""
    assert rules(rolling)["ScaleInPauseRelease"] == {
        "State": "ENABLED",
        "EventPattern": {
            "source": ["aws.ecs"],
            "detail-type": ["ECS Deployment State Change"],
            "resources": ["<EcsService>"],
        },
    }


def test_it_asks_the_engine_that_releases(assembly: Assembly, rolling: Assembly) -> None:
    """The function's environment names the one that knows."""
    group = f"switchyard-{assembly.stage}"
    assert environment(assembly) == {
        "RESOURCE": "service/<Cluster>/<Service.Name>",
        "ENGINE": "codedeploy",
        "APPLICATION": group,
        "GROUP": group,
    }
    assert environment(rolling) == {
        "RESOURCE": "service/<Cluster>/<EcsService.Name>",
        "ENGINE": "ecs",
        "CLUSTER": "<Cluster>",
        "SERVICE": "<EcsService>",
    }


def test_it_may_pause_this_service_only(assembly: Assembly) -> None:
    """It lists one group's deployments and changes the scaling of one service."""
    group = f"switchyard-{assembly.stage}"
    allowed = {sid: (s["Action"], s["Resource"]) for sid, s in statements(assembly).items()}
    assert allowed == {
        "Log": (["logs:CreateLogStream", "logs:PutLogEvents"], "<ScaleInPauseLogs.Arn>"),
        "Ask": (
            "codedeploy:ListDeployments",
            f"arn:<AWS::Partition>:codedeploy:{HERE}:deploymentgroup:{group}/{group}",
        ),
        "Look": ("application-autoscaling:DescribeScalableTargets", "*"),
        "Suspend": (
            "application-autoscaling:RegisterScalableTarget",
            f"arn:<AWS::Partition>:application-autoscaling:{HERE}:scalable-target/*",
        ),
        "ProveThatItMay": (["ecs:DescribeServices", "ecs:UpdateService"], "<Service>"),
    }
    assert statements(assembly)["Suspend"]["Condition"] == {
        "StringEquals": {
            "application-autoscaling:service-namespace": "ecs",
            "application-autoscaling:scalable-dimension": "ecs:service:DesiredCount",
        }
    }


def test_it_asks_ecs_about_this_service_only(rolling: Assembly) -> None:
    """Under the engine `ecs` it has no right at CodeDeploy."""
    ask = statements(rolling)["Ask"]
    assert (ask["Action"], ask["Resource"]) == ("ecs:ListServiceDeployments", "<EcsService>")


def test_it_exists_no_earlier_than_what_it_pauses(assembly: Assembly) -> None:
    """The rules come after the scalable target, so that no call finds nothing to pause."""
    for rule in assembly.resources("Service", "AWS::Events::Rule").values():
        assert any(needed.startswith("ScalingTarget") for needed in rule["DependsOn"])


def environment(assembly: Assembly) -> dict[str, str]:
    """Return what the function is told."""
    functions = assembly.resources("Service", "AWS::Lambda::Function")
    function = functions["ScaleInPauseFunction"]["Properties"]
    assert function["Handler"] == "pause.handler.handle"
    assert function["Role"] == "<ScaleInPauseRole.Arn>"
    variables: dict[str, str] = function["Environment"]["Variables"]
    return variables


def statements(assembly: Assembly) -> dict[str, dict[str, Any]]:
    """Return the statements of the role's one policy by sid, all of which allow."""
    role = assembly.resources("Service", "AWS::IAM::Role")["ScaleInPauseRole"]["Properties"]
    assert "ManagedPolicyArns" not in role
    (document,) = role["Policies"]
    found: list[dict[str, Any]] = document["PolicyDocument"]["Statement"]
    assert {statement["Effect"] for statement in found} == {"Allow"}
    return {statement["Sid"]: statement for statement in found}

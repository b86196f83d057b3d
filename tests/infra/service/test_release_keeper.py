"""The release keeper in the templates: what wakes it, whom it asks, and how little it may do."""

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
    """Return the dev stage under the engine `ecs`, in one colour."""
    engine = {"release.engine": Engine.ECS, "release.strategy": Strategy.ROLLING}
    return synthesised(changed(STAGES["dev"], engine), tmp_path_factory.mktemp("rolling"))


@pytest.fixture(scope="module")
def ecs(tmp_path_factory: pytest.TempPathFactory) -> Assembly:
    """Return the dev stage under the engine `ecs`, in two colours."""
    return synthesised(changed(STAGES["dev"], {"release.engine": Engine.ECS}), tmp_path_factory.mktemp("ecs"))


def rules(assembly: Assembly) -> dict[str, dict[str, Any]]:
    """Return the rules' properties by name, each of which calls the function and tries again."""
    found = {}
    for name, rule in assembly.resources("Service", "AWS::Events::Rule").items():
        properties: dict[str, Any] = rule["Properties"]
        (target,) = properties.pop("Targets")
        assert target == {
            "Arn": "<ReleaseKeeperFunction.Arn>",
            "Id": "Target0",
            "RetryPolicy": {"MaximumEventAgeInSeconds": 600, "MaximumRetryAttempts": 3},
        }
        found[name] = properties
    return found


def test_a_release_by_codedeploy_wakes_it(assembly: Assembly) -> None:
    """Every change of exactly this deployment group calls it, and the clock in case one is lost."""
    group = f"switchyard-{assembly.stage}"
    assert rules(assembly) == {
        "ReleaseKeeperRelease": {
            "State": "ENABLED",
            "EventPattern": {
                "source": ["aws.codedeploy"],
                "detail-type": ["CodeDeploy Deployment State-change Notification"],
                "detail": {"application": [group], "deploymentGroup": [group]},
            },
        },
        "ReleaseKeeperClock": {"State": "ENABLED", "ScheduleExpression": "rate(10 minutes)"},
    }


def test_a_release_by_ecs_wakes_it(rolling: Assembly) -> None:
    """Every change of exactly this service's deployments calls it."""
    assert rules(rolling)["ReleaseKeeperRelease"] == {
        "State": "ENABLED",
        "EventPattern": {
            "source": ["aws.ecs"],
            "detail-type": ["ECS Deployment State Change"],
            "resources": ["<EcsService>"],
        },
    }


def colours(stage: str) -> dict[str, str]:
    """Return what the function is told of two colours."""
    entry = f"/switchyard/{stage}"
    return {
        "PARAMETER": f"{entry}/live-colour",
        "BLUE": f"{entry}/traffic/blue",
        "GREEN": f"{entry}/traffic/green",
    }


def test_it_asks_codedeploy_and_the_listener(assembly: Assembly) -> None:
    """The function's environment names who releases, and what is moved."""
    group = f"switchyard-{assembly.stage}"
    assert environment(assembly) == {
        "RESOURCE": "service/<Cluster>/<ServiceABService.Name>",
        "ENGINE": "codedeploy",
        "APPLICATION": group,
        "GROUP": group,
        "LISTENER": f"/switchyard/{assembly.stage}/traffic/production-listener",
        **colours(assembly.stage),
    }


def test_it_asks_ecs_and_the_rule(ecs: Assembly, rolling: Assembly) -> None:
    """The rule is what ECS moves; with one colour nothing is."""
    engine = {
        "RESOURCE": "service/<Cluster>/<EcsService.Name>",
        "ENGINE": "ecs",
        "CLUSTER": "<Cluster>",
        "SERVICE": "<EcsService>",
    }
    assert environment(rolling) == engine
    rule = "/switchyard/dev/traffic/production-rule"
    assert environment(ecs) == {**engine, "RULE": rule, **colours("dev")}


SEE_TRAFFIC = (
    [
        "elasticloadbalancing:DescribeListeners",
        "elasticloadbalancing:DescribeRules",
        "elasticloadbalancing:DescribeTargetHealth",
    ],
    "*",
)
"""Looks, which know no resource."""


def test_it_may_keep_this_service_and_its_colour_only(assembly: Assembly) -> None:
    """It lists one group's deployments, changes the scaling of one service, and writes one parameter."""
    group = f"switchyard-{assembly.stage}"
    allowed = {sid: (s["Action"], s["Resource"]) for sid, s in statements(assembly).items()}
    assert allowed == {
        "Log": (["logs:CreateLogStream", "logs:PutLogEvents"], "<ReleaseKeeperLogs.Arn>"),
        "Ask": (
            "codedeploy:ListDeployments",
            f"arn:<AWS::Partition>:codedeploy:{HERE}:deploymentgroup:{group}/{group}",
        ),
        "Look": ("application-autoscaling:DescribeScalableTargets", "*"),
        "Suspend": (
            "application-autoscaling:RegisterScalableTarget",
            f"arn:<AWS::Partition>:application-autoscaling:{HERE}:scalable-target/*",
        ),
        "ProveThatItMay": (["ecs:DescribeServices", "ecs:UpdateService"], "<ServiceABService>"),
        "SeeTraffic": SEE_TRAFFIC,
        "TellColour": (
            ["ssm:GetParameter", "ssm:PutParameter"],
            f"arn:<AWS::Partition>:ssm:{HERE}:parameter/switchyard/{assembly.stage}/live-colour",
        ),
    }
    assert statements(assembly)["Suspend"]["Condition"] == {
        "StringEquals": {
            "application-autoscaling:service-namespace": "ecs",
            "application-autoscaling:scalable-dimension": "ecs:service:DesiredCount",
        }
    }


def test_it_asks_ecs_about_this_service_only(ecs: Assembly, rolling: Assembly) -> None:
    """Under the engine `ecs` it has no right at CodeDeploy, and with one colour none at the parameter."""
    for assembly in (ecs, rolling):
        ask = statements(assembly)["Ask"]
        assert (ask["Action"], ask["Resource"]) == ("ecs:ListServiceDeployments", "<EcsService>")
    assert statements(ecs).keys() - statements(rolling).keys() == {"SeeTraffic", "TellColour"}


def test_it_exists_no_earlier_than_what_it_keeps(assembly: Assembly) -> None:
    """The rules come after the scalable target, so that no call finds nothing to keep."""
    for rule in assembly.resources("Service", "AWS::Events::Rule").values():
        assert any(needed.startswith("ScalingTarget") for needed in rule["DependsOn"])


def environment(assembly: Assembly) -> dict[str, str]:
    """Return what the function is told."""
    functions = assembly.resources("Service", "AWS::Lambda::Function")
    function = functions["ReleaseKeeperFunction"]["Properties"]
    assert function["Handler"] == "keeper.handler.handle"
    assert function["Role"] == "<ReleaseKeeperRole.Arn>"
    variables: dict[str, str] = function["Environment"]["Variables"]
    return variables


def statements(assembly: Assembly) -> dict[str, dict[str, Any]]:
    """Return the statements of the role's one policy by sid, all of which allow."""
    role = assembly.resources("Service", "AWS::IAM::Role")["ReleaseKeeperRole"]["Properties"]
    assert "ManagedPolicyArns" not in role
    (document,) = role["Policies"]
    found: list[dict[str, Any]] = document["PolicyDocument"]["Statement"]
    assert {statement["Effect"] for statement in found} == {"Allow"}
    return {statement["Sid"]: statement for statement in found}

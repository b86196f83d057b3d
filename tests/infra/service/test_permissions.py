"""The least-privilege roles: enough for their job, as whole policies."""

from typing import Any

import pytest

from infra.config import STAGES
from infra.settings import Engine
from tests.infra.assembly import Assembly, synthesised
from tests.infra.variants import changed

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def of_ecs(tmp_path_factory: pytest.TempPathFactory) -> Assembly:
    """Return the dev stage as ECS releases it."""
    settings = changed(STAGES["dev"], {"release.engine": Engine.ECS})
    return synthesised(settings, tmp_path_factory.mktemp("ecs"))


def policy(role: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the statements of a role's one inline policy by their sid."""
    (document,) = role["Properties"]["Policies"]
    return {statement.pop("Sid"): statement for statement in document["PolicyDocument"]["Statement"]}


def test_codedeploy_may_move_this_service_only(assembly: Assembly) -> None:
    """Its role names one service, two listeners, one hook and the two roles it hands to tasks."""
    entry = f"/switchyard/{assembly.stage}/traffic"
    ecs = "arn:<AWS::Partition>:ecs:eu-central-1:<AWS::AccountId>"
    role = assembly.resources("Service", "AWS::IAM::Role")["TrafficShiftRole"]
    assert "ManagedPolicyArns" not in role["Properties"]
    assert policy(role) == {
        "Look": {
            "Effect": "Allow",
            "Action": [
                "elasticloadbalancing:DescribeListeners",
                "elasticloadbalancing:DescribeRules",
                "elasticloadbalancing:DescribeTargetGroups",
            ],
            "Resource": "*",
        },
        "Watch": {"Effect": "Allow", "Action": "cloudwatch:DescribeAlarms", "Resource": "*"},
        "ReplaceTasks": {
            "Effect": "Allow",
            "Action": ["ecs:DescribeServices", "ecs:UpdateServicePrimaryTaskSet"],
            "Resource": "<ServiceABService>",
        },
        "AddTasks": {
            "Effect": "Allow",
            "Action": "ecs:CreateTaskSet",
            "Resource": "*",
            "Condition": {"ArnEquals": {"ecs:cluster": "<Cluster.Arn>"}},
        },
        "RemoveTasks": {
            "Effect": "Allow",
            "Action": "ecs:DeleteTaskSet",
            "Resource": f"{ecs}:task-set/switchyard-{assembly.stage}/*",
        },
        "MoveTraffic": {
            "Effect": "Allow",
            "Action": "elasticloadbalancing:ModifyListener",
            "Resource": [f"{entry}/production-listener", f"{entry}/test-listener"],
        },
        "AskTheGate": {
            "Effect": "Allow",
            "Action": "lambda:InvokeFunction",
            "Resource": "<ReleaseGateFunction.Arn>",
        },
        "HandRolesToTasks": {
            "Effect": "Allow",
            "Action": "iam:PassRole",
            "Resource": ["<TaskExecutionRole.Arn>", "<TaskRole.Arn>"],
            "Condition": {"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}},
        },
    }


def gate_statements(stage: str) -> dict[str, tuple[object, object]]:
    """Return what the gate may do whichever engine calls it: actions and resources by sid."""
    data = f"switchyard-{stage}-data-<AWS::AccountId>-eu-central-1"
    return {
        "JoinTheNetwork": (
            [
                "ec2:AssignPrivateIpAddresses",
                "ec2:CreateNetworkInterface",
                "ec2:DeleteNetworkInterface",
                "ec2:DescribeNetworkInterfaces",
                "ec2:DescribeSubnets",
                "ec2:UnassignPrivateIpAddresses",
            ],
            "*",
        ),
        "Log": (["logs:CreateLogStream", "logs:PutLogEvents"], "<ReleaseGateLogs.Arn>"),
        "ReadProbes": ("s3:GetObject", f"arn:<AWS::Partition>:s3:::{data}/releases/probes/*"),
        "FindTheImage": ("ecs:DescribeTaskDefinition", "*"),
    }


def allowed(assembly: Assembly) -> dict[str, tuple[object, object]]:
    """Return what a stage's gate may do, once what its code may not do with the network is taken away."""
    role = assembly.resources("Service", "AWS::IAM::Role")["ReleaseGateRole"]
    statements = policy(role)
    prefix = f"switchyard-{assembly.stage}"
    function = f"arn:<AWS::Partition>:lambda:eu-central-1:<AWS::AccountId>:function:{prefix}-release-gate"
    assert "ManagedPolicyArns" not in role["Properties"]
    assert statements.pop("LeaveTheNetworkToLambda") == {
        "Effect": "Deny",
        "Action": [
            "ec2:AssignPrivateIpAddresses",
            "ec2:CreateNetworkInterface",
            "ec2:DeleteNetworkInterface",
            "ec2:UnassignPrivateIpAddresses",
        ],
        "Resource": "*",
        "Condition": {"ArnEquals": {"lambda:SourceFunctionArn": function}},
    }
    assert {item["Effect"] for item in statements.values()} == {"Allow"}
    return {sid: (item["Action"], item["Resource"]) for sid, item in statements.items()}


def test_the_gate_may_look_and_report_only(assembly: Assembly) -> None:
    """Called by CodeDeploy, it looks at this service and answers for this deployment group."""
    prefix = f"switchyard-{assembly.stage}"
    assert allowed(assembly) == gate_statements(assembly.stage) | {
        "FindTheRelease": ("ecs:DescribeServices", "<ServiceABService>"),
        "Report": (
            "codedeploy:PutLifecycleEventHookExecutionStatus",
            f"arn:<AWS::Partition>:codedeploy:eu-central-1:<AWS::AccountId>:deploymentgroup:{prefix}/{prefix}",
        ),
    }


def test_the_gate_may_look_only_when_ecs_calls(of_ecs: Assembly) -> None:
    """Called by ECS, it looks at this service's revisions, and its answer needs no right."""
    here = "arn:<AWS::Partition>:ecs:eu-central-1:<AWS::AccountId>"
    kinds = ("service-revision", "service")
    assert allowed(of_ecs) == gate_statements("dev") | {
        "FindTheRelease": (
            "ecs:DescribeServiceRevisions",
            [f"{here}:{kind}/switchyard-dev/*" for kind in kinds],
        )
    }


def gate_function(assembly: Assembly) -> dict[str, Any]:
    """Return the properties of the gate's function."""
    functions = assembly.resources("Service", "AWS::Lambda::Function")
    return dict(functions["ReleaseGateFunction"]["Properties"])


def where_to_ask(stage: str) -> dict[str, str]:
    """Return where the gate asks: only private addresses pass the rules between security groups."""
    entry = f"/switchyard/{stage}/traffic"
    if stage == "dev":  # the one stage that faces the internet
        return {"LOAD_BALANCER": f"{entry}/load-balancer", "TEST_PORT": "9000"}
    return {"TEST_ENDPOINT": f"{entry}/host:9000"}


def test_the_gate_knows_what_its_handler_reads(assembly: Assembly) -> None:
    """The function's environment is what the handler asks for, and its handler is the tested one."""
    function = gate_function(assembly)
    entry = f"/switchyard/{assembly.stage}"
    assert (function["Handler"], function["Timeout"]) == ("gate.codedeploy.handle", 180)
    assert function["VpcConfig"]["SecurityGroupIds"] == [f"{entry}/network/gate-group"]
    assert function["Environment"]["Variables"] == {
        "CLUSTER": "<Cluster>",
        "SERVICE": "<ServiceABService.Name>",
        "CONTAINER": "service",
        "PROBES_BUCKET": f"switchyard-{assembly.stage}-data-<AWS::AccountId>-eu-central-1",
        "PROBES_PREFIX": "releases/probes/",
        **where_to_ask(assembly.stage),
        "READY_PATH": "/health/ready",
        "VERSION_PATH": "/version",
        "PREDICT_PATH": "/predict",
        "TOLERANCE": "1e-09",
    }


def test_ecs_says_itself_what_it_releases(dev: Assembly, of_ecs: Assembly) -> None:
    """Its handler is another and needs neither cluster nor service; everything else is the same function."""
    function, other = (gate_function(one) for one in (dev, of_ecs))
    variables = dict(function["Environment"]["Variables"])
    assert (variables.pop("CLUSTER"), variables.pop("SERVICE")) == ("<Cluster>", "<ServiceABService.Name>")
    assert other == {
        **function,
        "Handler": "gate.ecs.handle",
        "Environment": {"Variables": variables},
    }

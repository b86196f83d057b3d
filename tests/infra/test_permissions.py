"""The least-privilege roles: enough for their job, as whole policies."""

from typing import Any

import pytest

from tests.infra.assembly import Assembly

pytestmark = pytest.mark.slow


def policy(role: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the statements of a role's one inline policy by their sid."""
    (document,) = role["Properties"]["Policies"]
    return {statement.pop("Sid"): statement for statement in document["PolicyDocument"]["Statement"]}


def test_codedeploy_may_move_this_service_only(assembly: Assembly) -> None:
    """Its role names one service, its alarms, two listeners, one hook and the two roles it hands to tasks."""
    entry = f"/switchyard/{assembly.stage}/traffic"
    alarm = f"arn:<AWS::Partition>:cloudwatch:eu-central-1:<AWS::AccountId>:alarm:switchyard-{assembly.stage}"
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
        "Watch": {
            "Effect": "Allow",
            "Action": "cloudwatch:DescribeAlarms",
            "Resource": [
                *(
                    f"{alarm}-{colour}-{what}"
                    for colour in ("blue", "green")
                    for what in ("errors", "latency", "unhealthy")
                ),
                f"{alarm}-load-balancer-errors",
            ],
        },
        "ReplaceTasks": {
            "Effect": "Allow",
            "Action": [
                "ecs:CreateTaskSet",
                "ecs:DeleteTaskSet",
                "ecs:DescribeServices",
                "ecs:UpdateServicePrimaryTaskSet",
            ],
            "Resource": [
                f"arn:<AWS::Partition>:ecs:eu-central-1:<AWS::AccountId>:task-set/switchyard-{assembly.stage}/*",
                "<Service>",
            ],
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
            "Resource": ["<TaskRole.Arn>", "<TaskExecutionRole.Arn>"],
            "Condition": {"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}},
        },
    }


def test_the_gate_may_look_and_report_only(assembly: Assembly) -> None:
    """Its role reads probes and this service, and answers for this deployment group."""
    prefix = f"switchyard-{assembly.stage}"
    role = assembly.resources("Service", "AWS::IAM::Role")["ReleaseGateRole"]
    statements = policy(role)
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
    assert {sid: (item["Action"], item["Resource"]) for sid, item in statements.items()} == {
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
        "ReadProbes": (
            "s3:GetObject",
            f"arn:<AWS::Partition>:s3:::{prefix}-data-<AWS::AccountId>-eu-central-1/releases/probes/*",
        ),
        "FindTheRelease": ("ecs:DescribeServices", "<Service>"),
        "FindTheImage": ("ecs:DescribeTaskDefinition", "*"),
        "Report": (
            "codedeploy:PutLifecycleEventHookExecutionStatus",
            f"arn:<AWS::Partition>:codedeploy:eu-central-1:<AWS::AccountId>:deploymentgroup:{prefix}/{prefix}",
        ),
    }


def where_to_ask(stage: str) -> dict[str, str]:
    """Return where the gate asks: only private addresses pass the rules between security groups."""
    entry = f"/switchyard/{stage}/traffic"
    if stage == "dev":  # the one stage that faces the internet
        return {"LOAD_BALANCER": f"{entry}/load-balancer", "TEST_PORT": "9000"}
    return {"TEST_ENDPOINT": f"{entry}/host:9000"}


def test_the_gate_knows_what_its_handler_reads(assembly: Assembly) -> None:
    """The function's environment is what the handler asks for, and its handler is the tested one."""
    function = assembly.resources("Service", "AWS::Lambda::Function")["ReleaseGateFunction"]["Properties"]
    entry = f"/switchyard/{assembly.stage}"
    assert (function["Handler"], function["Timeout"]) == ("gate.codedeploy.handle", 180)
    assert function["VpcConfig"]["SecurityGroupIds"] == [f"{entry}/network/gate-group"]
    assert function["Environment"]["Variables"] == {
        "CLUSTER": "<Cluster>",
        "SERVICE": "<Service.Name>",
        "CONTAINER": "service",
        "PROBES_BUCKET": f"switchyard-{assembly.stage}-data-<AWS::AccountId>-eu-central-1",
        "PROBES_PREFIX": "releases/probes/",
        **where_to_ask(assembly.stage),
        "READY_PATH": "/health/ready",
        "PREDICT_PATH": "/predict",
        "TOLERANCE": "1e-09",
    }

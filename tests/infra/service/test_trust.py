"""Who may take on which role, and what the gate's function runs on."""

import pytest

from tests.infra.assembly import Assembly

pytestmark = pytest.mark.slow

SERVICES = {
    "TrafficShiftRole": "codedeploy.amazonaws.com",
    "ReleaseGateRole": "lambda.amazonaws.com",
    "ReleaseKeeperRole": "lambda.amazonaws.com",
    "TaskExecutionRole": "ecs-tasks.amazonaws.com",
    "TaskRole": "ecs-tasks.amazonaws.com",
    "VpcRefusedIAMRole": "vpc-flow-logs.amazonaws.com",
}


def test_each_role_trusts_one_service(assembly: Assembly) -> None:
    """These are all roles of a stage, and each can be taken on by the one service that needs it."""
    roles = {
        name: role["Properties"]["AssumeRolePolicyDocument"]
        for part in ("Data", "Colour", "Network", "Traffic", "Service", "Operations")
        for name, role in assembly.resources(part, "AWS::IAM::Role").items()
    }
    assert roles == {
        name: {
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}],
        }
        for name, service in SERVICES.items()
    }


def test_the_gates_function_is_frozen(assembly: Assembly) -> None:
    """Runtime, processor, memory, role and log group are these, in the private subnets."""
    function = assembly.resources("Service", "AWS::Lambda::Function")["ReleaseGateFunction"]["Properties"]
    entry = f"/switchyard/{assembly.stage}/network"
    assert {key: function[key] for key in ("FunctionName", "Runtime", "Architectures", "MemorySize")} == {
        "FunctionName": f"switchyard-{assembly.stage}-release-gate",
        "Runtime": "python3.14",
        "Architectures": ["arm64"],
        "MemorySize": 512,
    }
    assert function["Role"] == "<ReleaseGateRole.Arn>"
    assert function["LoggingConfig"] == {"LogGroup": "<ReleaseGateLogs>"}
    assert function["VpcConfig"] == {
        "SecurityGroupIds": [f"{entry}/gate-group"],
        "SubnetIds": [f"{entry}/private-0", f"{entry}/private-1"],
    }

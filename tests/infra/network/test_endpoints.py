"""The private ways to AWS."""

from collections.abc import Iterable
from typing import Any

import pytest

from tests.infra.assembly import IMAGE, Assembly
from tests.infra.shaped import ISOLATED, NATIVE, PUBLIC, ROLLING, Changes, Shaped

pytestmark = pytest.mark.slow

IN_THIS_ACCOUNT = {"StringEquals": {"aws:PrincipalAccount": "<AWS::AccountId>"}}
DATA = "arn:<AWS::Partition>:s3:::switchyard-staging-data-<AWS::AccountId>-eu-central-1"
HERE = "eu-central-1:<AWS::AccountId>"


def allowed(actions: str | list[str], resources: str | list[str]) -> dict[str, Any]:
    """Return a statement for everybody of this account."""
    return {
        "Effect": "Allow",
        "Principal": {"AWS": "*"},
        "Action": actions,
        "Resource": resources,
        "Condition": IN_THIS_ACCOUNT,
    }


READING = [
    allowed("s3:GetObject", [f"{DATA}/models/*", f"{DATA}/releases/probes/*"]),
    {
        "Effect": "Allow",
        "Principal": {"AWS": "*"},
        "Action": "s3:GetObject",
        "Resource": "arn:<AWS::Partition>:s3:::prod-eu-central-1-starport-layer-bucket/*",
    },
]
PULLING = [
    allowed("ecr:GetAuthorizationToken", "*"),
    allowed(
        ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
        "arn:<AWS::Partition>:ecr:eu-central-1:*:repository/switchyard",
    ),
]
LOGGING = [
    allowed(
        ["logs:CreateLogStream", "logs:PutLogEvents"],
        f"arn:<AWS::Partition>:logs:{HERE}:log-group:Switchyard-staging-Service-*",
    )
]
TASKS = {"s3": READING, "ecr.api": PULLING, "ecr.dkr": PULLING, "logs": LOGGING}
CODEDEPLOY = {
    "ecs": [allowed(["ecs:DescribeServices", "ecs:DescribeTaskDefinition"], "*")],
    "codedeploy": [
        allowed(
            "codedeploy:PutLifecycleEventHookExecutionStatus",
            f"arn:<AWS::Partition>:codedeploy:{HERE}:deploymentgroup:switchyard-staging/switchyard-staging",
        )
    ],
}
ECS = {"ecs": [allowed(["ecs:DescribeServiceRevisions", "ecs:DescribeTaskDefinition"], "*")]}
EC2 = {"ec2": [allowed("ec2:DescribeNetworkInterfaces", "*")]}


def endpoints(assembly: Assembly) -> dict[str, dict[str, Any]]:
    """Return the properties of every endpoint by its service's short name."""
    found = [one["Properties"] for one in assembly.resources("Network", "AWS::EC2::VPCEndpoint").values()]
    return {one["ServiceName"].split(".", 3)[3]: one for one in found}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, {"s3": READING}),
        (ISOLATED, {**TASKS, **CODEDEPLOY}),
        ({**ISOLATED, **PUBLIC}, {**TASKS, **CODEDEPLOY, **EC2}),
        ({**ISOLATED, **NATIVE}, {**TASKS, **ECS}),
        ({**ISOLATED, **NATIVE, **PUBLIC}, {**TASKS, **ECS, **EC2}),
        ({**ISOLATED, **ROLLING}, TASKS),
    ],
    ids=["nat", "codedeploy", "codedeploy-public", "native", "native-public", "rolling"],
)
def test_each_service_is_asked_for_no_more_than_is_needed(
    shaped: Shaped, changes: Changes, expected: dict[str, Any]
) -> None:
    """Only services in use have an endpoint, and each lets these requests of this account through."""
    found = endpoints(shaped("staging", changes))
    assert {name: one["PolicyDocument"]["Statement"] for name, one in found.items()} == expected


def test_interfaces_stand_in_every_zone(shaped: Shaped) -> None:
    """They answer to the services' own names, in the private subnets, behind a group of their own."""
    interfaces = endpoints(shaped("staging", ISOLATED))
    interfaces.pop("s3")
    shape = {
        "VpcEndpointType": "Interface",
        "PrivateDnsEnabled": True,
        "SecurityGroupIds": ["<FirewallEndpoints.GroupId>"],
        "SubnetIds": ["<VpcPrivateSubnet1Subnet>", "<VpcPrivateSubnet2Subnet>"],
    }
    assert [{key: one[key] for key in shape} for one in interfaces.values()] == [shape] * len(interfaces)


@pytest.mark.parametrize("changes", [{}, ISOLATED], ids=["nat", "isolated"])
def test_the_way_to_s3_is_in_every_private_route_table(shaped: Shaped, changes: Changes) -> None:
    """Images and models never go through a NAT gateway."""
    tables = endpoints(shaped("staging", changes))["s3"]["RouteTableIds"]
    assert {table for table in tables if "Private" in table} == {
        "<VpcPrivateSubnet1RouteTable>",
        "<VpcPrivateSubnet2RouteTable>",
    }


def actions(statements: Iterable[dict[str, Any]]) -> set[str]:
    """Return what statements allow."""
    listed = (one["Action"] for one in statements if one["Effect"] == "Allow")
    return {action for one in listed for action in ([one] if isinstance(one, str) else one)}


@pytest.mark.parametrize("changes", [PUBLIC, {**PUBLIC, **NATIVE}], ids=["codedeploy", "native"])
def test_endpoints_let_through_what_the_roles_may_ask(shaped: Shaped, changes: Changes) -> None:
    """What runs in the VPC (tasks and gate) has just the ways that its roles can use, no more, no less."""
    assembly = shaped("staging", {**ISOLATED, **changes}, image=IMAGE)
    roles = assembly.resources("Service", "AWS::IAM::Role")
    may = {
        name: actions(
            statement
            for policy in roles[name]["Properties"]["Policies"]
            for statement in policy["PolicyDocument"]["Statement"]
        )
        for name in ("TaskRole", "TaskExecutionRole", "ReleaseGateRole")
    }
    # Lambda itself makes the gate's network interfaces and writes its logs, from outside the VPC.
    of_lambda = {action for action in may["ReleaseGateRole"] if action.startswith(("ec2:", "logs:"))} - {
        "ec2:DescribeNetworkInterfaces"
    }
    needed = may["TaskRole"] | may["TaskExecutionRole"] | (may["ReleaseGateRole"] - of_lambda)
    ways = endpoints(assembly).values()
    assert actions(statement for one in ways for statement in one["PolicyDocument"]["Statement"]) == needed


def test_tasks_log_to_a_group_that_the_endpoint_knows(shaped: Shaped) -> None:
    """CloudFormation names it after the stack, as the endpoint's policy has it."""
    group = shaped("staging", ISOLATED, image=IMAGE).resources("Service", "AWS::Logs::LogGroup")["TaskLogs"]
    assert "LogGroupName" not in group["Properties"]

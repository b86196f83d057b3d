"""Who may talk to whom."""

from typing import Any

import pytest
from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER  # type: ignore[import-untyped]

from tests.infra.assembly import Assembly
from tests.infra.shaped import GIVEN, ISOLATED, NATIVE, PUBLIC, ROLLING, Changes, Shaped

pytestmark = pytest.mark.slow

Table = list[tuple[str, str, int, int]]

ANYONE, INSIDE = "0.0.0.0/0", "10.0.0.0/8"
WITHIN: Table = [
    ("LoadBalancer", "Gate", 9000, 9000),
    ("Tasks", "LoadBalancer", 8080, 8080),
]
OUTWARDS: Table = [
    ("Gate", ANYONE, 443, 443),
    ("Gate", "LoadBalancer", 9000, 9000),
    ("LoadBalancer", "Tasks", 8080, 8080),
    ("Tasks", ANYONE, 443, 443),
]
ENDPOINTS: Table = [("Endpoints", "Gate", 443, 443), ("Endpoints", "Tasks", 443, 443)]
# What the CDK writes for a group that lets nothing out: no packet has this address and type.
NOTHING: Table = [("Endpoints", "255.255.255.255/32", 252, 86)]
SHAPES: list[tuple[str, Changes]] = [
    ("dev", {}),
    ("dev", {**ROLLING, **ISOLATED}),
    ("staging", {}),
    ("staging", NATIVE),
    ("production", GIVEN),
    ("production", {**PUBLIC, **ISOLATED}),
]


def groups(assembly: Assembly) -> dict[str, dict[str, Any]]:
    """Return the properties of every security group by the name that the firewall gives it."""
    found = assembly.resources("Network", "AWS::EC2::SecurityGroup").items()
    return {name.removeprefix("Firewall"): group["Properties"] for name, group in found}


def rules(assembly: Assembly, direction: str) -> Table:
    """Return every rule as (group, other side, first port, last port)."""
    found: Table = []
    for name, group in groups(assembly).items():
        inline: list[dict[str, Any]] = group.get(f"SecurityGroup{direction}", [])
        found += [(name, rule["CidrIp"], rule["FromPort"], rule["ToPort"]) for rule in inline]
    other = "SourceSecurityGroupId" if direction == "Ingress" else "DestinationSecurityGroupId"
    for resource in assembly.resources("Network", f"AWS::EC2::SecurityGroup{direction}").values():
        rule = resource["Properties"]
        sides = (rule["GroupId"], rule[other])
        group_name, other_name = (
            side.strip("<>").removeprefix("Firewall").removesuffix(".GroupId") for side in sides
        )
        found.append((group_name, other_name, rule["FromPort"], rule["ToPort"]))
    return sorted(found)


@pytest.mark.parametrize(
    ("stage", "changes", "callers"),
    [
        ("dev", {}, [(ANYONE, 80)]),
        ("staging", {}, [(INSIDE, 80)]),
        (
            "staging",
            {"traffic.callers": ("10.1.0.0/16", "10.2.0.0/16")},
            [("10.1.0.0/16", 80), ("10.2.0.0/16", 80)],
        ),
        ("production", GIVEN, [(INSIDE, 80), (INSIDE, 443)]),
        ("production", PUBLIC, [(ANYONE, 80), (ANYONE, 443)]),
        ("dev", ROLLING, [(ANYONE, 80)]),
    ],
)
def test_only_these_connections_are_let_in(
    shaped: Shaped, stage: str, changes: Changes, callers: list[tuple[str, int]]
) -> None:
    """Callers reach the production listener, the gate the test listener, the load balancer the tasks."""
    rows: Table = [("LoadBalancer", cidr, port, port) for cidr, port in callers]
    assert rules(shaped(stage, changes), "Ingress") == sorted([*rows, *WITHIN])


def test_endpoints_let_tasks_and_gate_in(shaped: Shaped) -> None:
    """Private endpoints have a group of their own, which nothing else in the VPC may call."""
    assembly = shaped("staging", ISOLATED)
    caller = ("LoadBalancer", INSIDE, 80, 80)
    assert rules(assembly, "Ingress") == sorted([caller, *WITHIN, *ENDPOINTS])
    assert rules(assembly, "Egress") == sorted([*OUTWARDS, *NOTHING])


@pytest.mark.parametrize(("stage", "changes"), [("dev", {}), ("production", GIVEN), ("dev", ROLLING)])
def test_only_these_connections_are_let_out(shaped: Shaped, stage: str, changes: Changes) -> None:
    """Tasks and gate reach AWS over HTTPS; the load balancer reaches nothing but tasks."""
    assert rules(shaped(stage, changes), "Egress") == OUTWARDS


@pytest.mark.parametrize(("stage", "changes"), SHAPES)
def test_the_test_listener_is_the_gates_alone(shaped: Shaped, stage: str, changes: Changes) -> None:
    """No range of addresses ever covers port 9000, and ranges are let in at production ports only."""
    ranges = [row for row in rules(shaped(stage, changes), "Ingress") if "/" in row[1]]
    https = (
        [(80, 80), (443, 443)] if changes.get("traffic.certificate") or "traffic.domain" in changes else []
    )
    assert {(first, last) for _, _, first, last in ranges} == set(https or [(80, 80)])
    assert {group for group, *_ in ranges} == {"LoadBalancer"}


@pytest.mark.parametrize(("stage", "changes"), SHAPES)
def test_nothing_is_let_out_unnamed(shaped: Shaped, stage: str, changes: Changes) -> None:
    """Each group has an outward rule, or EC2 would let everything out, and each rule names its protocol."""
    assembly = shaped(stage, changes)
    assert {group for group, *_ in rules(assembly, "Egress")} == set(groups(assembly))
    inline = [rule for group in groups(assembly).values() for rule in group.get("SecurityGroupEgress", [])]
    others = assembly.resources("Network", "AWS::EC2::SecurityGroupEgress").values()
    protocols = {rule["IpProtocol"] for rule in (*inline, *(other["Properties"] for other in others))}
    assert protocols - {"icmp"} == {"tcp"}


def test_what_cannot_change_stops_before_anything_moves(shaped: Shaped) -> None:
    """A group with a name, whose description CloudFormation could change only by replacing it: it refuses.

    The description says whom the load balancer is for; of the group's properties, CloudFormation's own
    schema says which ones make it anew.
    """
    named = ("GroupName", "GroupDescription")
    inside, outside = (
        tuple(groups(shaped("staging", changes))["LoadBalancer"][key] for key in named)
        for changes in ({}, PUBLIC)
    )
    assert inside == ("switchyard-staging-load-balancer", "Load balancer, internal")
    assert outside == ("switchyard-staging-load-balancer", "Load balancer, internet-facing")
    schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema("eu-central-1", "AWS::EC2::SecurityGroup").schema
    made_anew = {path.removeprefix("/properties/") for path in schema["createOnlyProperties"]}
    assert made_anew >= {*named, "VpcId"}

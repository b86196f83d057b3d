"""Who may talk to whom."""

from typing import Any

import pytest

from tests.infra.assembly import Assembly

pytestmark = pytest.mark.slow

PUBLIC = {"dev": "0.0.0.0/0", "staging": "10.0.0.0/8", "production": "10.0.0.0/8"}


def rules(assembly: Assembly, direction: str) -> list[tuple[str, str, int, int]]:
    """Return every rule as (group, other side, first port, last port)."""
    found: list[tuple[str, str, int, int]] = []
    for name, group in assembly.resources("Network", "AWS::EC2::SecurityGroup").items():
        inline: list[dict[str, Any]] = group["Properties"].get(f"SecurityGroup{direction}", [])
        found += [(name, rule["CidrIp"], rule["FromPort"], rule["ToPort"]) for rule in inline]
    other = "SourceSecurityGroupId" if direction == "Ingress" else "DestinationSecurityGroupId"
    for resource in assembly.resources("Network", f"AWS::EC2::SecurityGroup{direction}").values():
        rule = resource["Properties"]
        sides = (rule["GroupId"], rule[other])
        group_name, other_name = (side.strip("<>").removesuffix(".GroupId") for side in sides)
        found.append((group_name, other_name, rule["FromPort"], rule["ToPort"]))
    return sorted(found)


def test_only_these_connections_are_let_in(assembly: Assembly) -> None:
    """Callers reach port 80, the gate alone the test listener, the load balancer alone the tasks."""
    assert rules(assembly, "Ingress") == [
        ("FirewallLoadBalancer", PUBLIC[assembly.stage], 80, 80),
        ("FirewallLoadBalancer", "FirewallGate", 9000, 9000),
        ("FirewallTasks", "FirewallLoadBalancer", 8080, 8080),
    ]


def test_only_these_connections_are_let_out(assembly: Assembly) -> None:
    """Tasks and gate reach AWS over HTTPS; the load balancer reaches nothing but tasks."""
    assert rules(assembly, "Egress") == [
        ("FirewallGate", "0.0.0.0/0", 443, 443),
        ("FirewallGate", "FirewallLoadBalancer", 9000, 9000),
        ("FirewallLoadBalancer", "FirewallTasks", 8080, 8080),
        ("FirewallTasks", "0.0.0.0/0", 443, 443),
    ]


def test_two_zones_of_each_kind_of_subnet(assembly: Assembly) -> None:
    """The zones are literal, and no subnet gives out public addresses by itself."""
    subnets = [
        resource["Properties"] for resource in assembly.resources("Network", "AWS::EC2::Subnet").values()
    ]
    assert sorted((subnet["AvailabilityZone"], subnet["MapPublicIpOnLaunch"]) for subnet in subnets) == [
        ("eu-central-1a", False),
        ("eu-central-1a", False),
        ("eu-central-1b", False),
        ("eu-central-1b", False),
    ]


def test_production_survives_the_loss_of_a_zone(assembly: Assembly) -> None:
    """Only production pays for a way out in every zone."""
    gateways = len(assembly.resources("Network", "AWS::EC2::NatGateway"))
    assert gateways == (2 if assembly.stage == "production" else 1)

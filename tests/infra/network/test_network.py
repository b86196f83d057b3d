"""The VPC: its subnets and the ways out of it."""

from ipaddress import IPv4Network
from typing import Any

import pytest

from infra.settings import Egress
from tests.infra.assembly import Assembly
from tests.infra.shaped import ISOLATED, PUBLIC, Changes, Shaped

pytestmark = pytest.mark.slow

PRIVATE = {
    "VpcPrivateSubnet1Subnet": ("eu-central-1a", "10.22.8.0/22", False),
    "VpcPrivateSubnet2Subnet": ("eu-central-1b", "10.22.12.0/22", False),
}
EVERY = {
    **PRIVATE,
    "VpcPublicSubnet1Subnet": ("eu-central-1a", "10.22.0.0/24", False),
    "VpcPublicSubnet2Subnet": ("eu-central-1b", "10.22.1.0/24", False),
}


def subnets(assembly: Assembly) -> dict[str, tuple[str, str, bool]]:
    """Return zone, addresses and whether public ones are given out, of every subnet."""
    found = assembly.resources("Network", "AWS::EC2::Subnet").items()
    return {
        name: tuple(
            subnet["Properties"][key] for key in ("AvailabilityZone", "CidrBlock", "MapPublicIpOnLaunch")
        )
        for name, subnet in found
    }


def over(shaped: Shaped, letters: str, **settings: object) -> dict[str, tuple[str, str, bool]]:
    """Return the subnets of staging over these zones, and with these settings of its network."""
    zones = tuple(f"eu-central-1{letter}" for letter in letters)
    changes = {f"network.{name}": value for name, value in {"zones": zones, **settings}.items()}
    return subnets(shaped("staging", changes))


@pytest.mark.parametrize("egress", Egress)
def test_appended_zones_move_nothing(shaped: Shaped, egress: Egress) -> None:
    """Subnets that exist keep their resource, their zone and their addresses, whatever comes behind them."""
    three, four, five = (over(shaped, letters, egress=egress) for letters in ("abc", "abcd", "abcde"))
    assert three.items() < four.items() < five.items()


@pytest.mark.parametrize(("cidr", "last"), [("10.22.16.0/20", "c"), ("10.22.32.0/19", "f")])
def test_the_last_zone_that_fits_moves_nothing_either(shaped: Shaped, cidr: str, last: str) -> None:
    """Also in a range that then is full to its end."""
    full = "abcdef"[: "abcdef".index(last) + 1]
    two, every = (over(shaped, letters, cidr=cidr) for letters in ("ab", full))
    assert two.items() < every.items()
    assert max(IPv4Network(one).broadcast_address for _, one, _ in every.values()) == (
        IPv4Network(cidr).broadcast_address
    )


def test_a_zone_between_others_would_take_their_addresses(shaped: Shaped) -> None:
    """Why zones are only appended: a subnet made anew asks for addresses that are still in use."""
    before, after = (over(shaped, letters)["VpcPrivateSubnet2Subnet"] for letters in ("ab", "acb"))
    assert (before[:2], after[:2]) == (
        ("eu-central-1b", "10.21.12.0/22"),
        ("eu-central-1c", "10.21.12.0/22"),
    )


def ways_out(assembly: Assembly) -> dict[str, str]:
    """Return where each subnet's route table sends what is for the rest of the world."""
    routes: list[dict[str, Any]] = [
        route["Properties"] for route in assembly.resources("Network", "AWS::EC2::Route").values()
    ]
    return {
        route["RouteTableId"].strip("<>").removeprefix("Vpc").removesuffix("RouteTable"): (
            route.get("NatGatewayId") or route["GatewayId"]
        ).strip("<>")
        for route in routes
    }


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"network.egress": Egress.NAT_PER_ZONE}, EVERY),
        ({**PUBLIC, **ISOLATED}, EVERY),
        (ISOLATED, PRIVATE),
    ],
    ids=["nat", "public", "isolated"],
)
def test_subnets(shaped: Shaped, changes: Changes, expected: dict[str, Any]) -> None:
    """Zones are literal, none gives out public addresses, and no change of settings moves a private one."""
    assert subnets(shaped("production", changes)) == expected


def test_each_zone_has_a_way_out_of_its_own(shaped: Shaped) -> None:
    """The loss of a zone leaves the others connected."""
    assert ways_out(shaped("production", {"network.egress": Egress.NAT_PER_ZONE})) == {
        "PublicSubnet1": "VpcIGW",
        "PublicSubnet2": "VpcIGW",
        "PrivateSubnet1": "VpcPublicSubnet1NATGateway",
        "PrivateSubnet2": "VpcPublicSubnet2NATGateway",
    }


def test_one_way_out_for_all_zones(shaped: Shaped) -> None:
    """Cheaper, for stages to practise on."""
    assert ways_out(shaped("staging", {"network.egress": Egress.ONE_NAT})) == {
        "PublicSubnet1": "VpcIGW",
        "PublicSubnet2": "VpcIGW",
        "PrivateSubnet1": "VpcPublicSubnet1NATGateway",
        "PrivateSubnet2": "VpcPublicSubnet1NATGateway",
    }


def test_endpoints_leave_no_way_out(shaped: Shaped) -> None:
    """No private subnet has a route to the world, and an internal stage has no gateway at all."""
    assert ways_out(shaped("production", ISOLATED)) == {}
    assert shaped("production", ISOLATED).resources("Network", "AWS::EC2::InternetGateway") == {}
    assert ways_out(shaped("production", {**PUBLIC, **ISOLATED})) == {
        "PublicSubnet1": "VpcIGW",
        "PublicSubnet2": "VpcIGW",
    }


def entries(assembly: Assembly) -> set[str]:
    """Return the names of the entries that the stack leaves in the directory."""
    start = f"/switchyard/{assembly.stage}/"
    parameters = assembly.resources("Network", "AWS::SSM::Parameter").values()
    return {parameter["Properties"]["Name"].removeprefix(start) for parameter in parameters}


@pytest.mark.parametrize(("changes", "public"), [({}, {"public-0", "public-1"}), (ISOLATED, set())])
def test_directory_entries(shaped: Shaped, changes: Changes, public: set[str]) -> None:
    """Private subnets have the same names however the stage reaches AWS."""
    groups = {"load-balancer-group", "task-group", "gate-group"}
    names = {"vpc", "private-0", "private-1", *groups, *public}
    expected = {"logs/refusals", *(f"network/{name}" for name in names)}
    assert entries(shaped("production", changes)) == expected

"""The VPC's addresses and zones."""

from ipaddress import IPv4Network
from pathlib import Path
from typing import Any

import pytest

from infra.checks import problems_of
from infra.settings.plan import zones_that_fit
from tests.infra.settings.told import DEV, told
from tests.infra.variants import changed

FOUR = tuple(f"eu-central-1{letter}" for letter in "abcd")
SEVEN = tuple(f"eu-central-1{letter}" for letter in "abcdefg")
SIZE = "network.cidr must be a private range of /16 to /20, not "
RANGE = "network.cidr must be an IPv4 range such as '10.20.0.0/16', not "


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"network.cidr": ""}, f"{RANGE}''"),
        ({"network.cidr": "10.20.0.1/16"}, f"{RANGE}'10.20.0.1/16'"),
        ({"network.cidr": "10.20.0.0/255.255.0.0"}, f"{RANGE}'10.20.0.0/255.255.0.0'"),
        ({"network.cidr": "10.20.0.0/16\n"}, f"{RANGE}'10.20.0.0/16\\n'"),
        ({"network.cidr": "2001:db8::/32"}, f"{RANGE}'2001:db8::/32'"),
        ({"network.cidr": "10.20.0.0/24"}, f"{SIZE}'10.20.0.0/24'"),
        ({"network.cidr": "10.0.0.0/8"}, f"{SIZE}'10.0.0.0/8'"),
        ({"network.cidr": "8.8.0.0/16"}, f"{SIZE}'8.8.0.0/16'"),
        ({"network.cidr": "240.0.0.0/16"}, f"{SIZE}'240.0.0.0/16'"),
        ({"network.cidr": "169.254.0.0/16"}, f"{SIZE}'169.254.0.0/16'"),
        (
            {"network.cidr": "10.20.0.0/20", "network.zones": FOUR},
            "network.cidr must hold the subnets of 4 zones, and '10.20.0.0/20' is too small",
        ),
        ({"network.zones": ()}, "network.zones must name 2 to 6 zones, not []"),
        ({"network.zones": FOUR[:1]}, "network.zones must name 2 to 6 zones, not ['eu-central-1a']"),
        ({"network.zones": SEVEN}, f"network.zones must name 2 to 6 zones, not {str(list(SEVEN))[:100]}…"),
        (
            {"network.zones": FOUR[:1] * 2},
            "network.zones must name each zone once, not ['eu-central-1a', 'eu-central-1a']",
        ),
        (
            {"network.zones": ("eu-west-1a", "eu-central-1b")},
            "network.zones must name zones of eu-central-1, such as 'eu-central-1a', not ['eu-west-1a']",
        ),
        (
            {"network.zones": ("eu-central-1", "eu-central-1b")},
            "network.zones must name zones of eu-central-1, such as 'eu-central-1a', not ['eu-central-1']",
        ),
    ],
)
def test_each_rule_is_told_with_its_value(changes: dict[str, Any], problem: str) -> None:
    """One clause, which begins with the field."""
    assert told(changes) == (problem,)


@pytest.mark.parametrize(
    "changes",
    [
        {"network.cidr": "10.20.0.0/20", "network.zones": FOUR[:3]},
        {"network.cidr": "10.20.0.0/19", "network.zones": FOUR},
        {"network.cidr": "10.20.0.0/19", "network.zones": SEVEN[:6]},
        {"network.cidr": "172.31.0.0/16"},
    ],
)
def test_what_just_fits_is_accepted(changes: dict[str, Any]) -> None:
    """The rules refuse nothing that can work."""
    assert told(changes) == ()


@pytest.mark.parametrize(("prefix", "zones"), [(24, 0), (21, 1), (20, 3), (19, 6), (16, 6)])
def test_a_range_has_room_for_zones(prefix: int, zones: int) -> None:
    """As many as the network sets addresses aside for."""
    assert zones_that_fit(IPv4Network(f"10.20.0.0/{prefix}")) == zones


@pytest.mark.slow
@pytest.mark.parametrize(("prefix", "zones"), [(20, 2), (20, 3), (19, 2), (19, 4), (19, 6)])
def test_the_cdk_agrees_on_what_fits(tmp_path: Path, prefix: int, zones: int) -> None:
    """The subnets of the most zones that are accepted can be cut from the range."""
    from aws_cdk import App, Environment  # noqa: PLC0415 - starts Node, which the quick tests do without

    from infra.network.stack import NetworkStack  # noqa: PLC0415

    settings = changed(DEV, {"network.cidr": f"10.20.0.0/{prefix}", "network.zones": SEVEN[:zones]})
    assert problems_of(settings) == ()
    NetworkStack(App(outdir=str(tmp_path)), settings=settings, env=Environment(region=settings.region))

"""Rules for the VPC."""

import re
from typing import Final

from infra.checks.addresses import is_private, network
from infra.checks.rules import Rule, rule, shown
from infra.checks.stage import is_region
from infra.settings import StageSettings
from infra.settings.plan import MOST_ZONES, zones_that_fit

FEWEST_ZONES: Final = 2
"""The load balancer's own minimum."""


@rule("network.cidr")
def cidr(settings: StageSettings) -> str | None:
    """A private range of /16 to /20, without bits of a host."""
    found = network(settings.network.cidr)
    if found is None:
        return f"must be an IPv4 range such as '10.20.0.0/16', not {shown(settings.network.cidr)}"
    if not (is_private(found) and 16 <= found.prefixlen <= 20):  # noqa: PLR2004 - documented at `cidr`
        return f"must be a private range of /16 to /20, not {shown(settings.network.cidr)}"
    return None


@rule("network.cidr", "network.zones")
def cidr_holds_the_subnets(settings: StageSettings) -> str | None:
    """Large enough for a /24 and a /22 in each zone: a /20 holds 3 zones, a /19 all 6."""
    found, zones = network(settings.network.cidr), len(settings.network.zones)
    if found is None or not 16 <= found.prefixlen <= 20 or zones > MOST_ZONES:  # noqa: PLR2004 - see `cidr`
        return None
    if zones <= zones_that_fit(found):
        return None
    return f"must hold the subnets of {zones} zones, and {shown(settings.network.cidr)} is too small"


@rule("network.zones")
def zones(settings: StageSettings) -> str | None:
    """2 to 6 zones, each once."""
    names = settings.network.zones
    if len(set(names)) < len(names):
        return f"must name each zone once, not {shown(names)}"
    if not FEWEST_ZONES <= len(names) <= MOST_ZONES:
        return f"must name {FEWEST_ZONES} to {MOST_ZONES} zones, not {shown(names)}"
    return None


@rule("network.zones", "region")
def zones_are_of_the_region(settings: StageSettings) -> str | None:
    """Zones of the stage's region, named for it: `eu-central-1a`."""
    if not is_region(settings.region):
        return None
    zone = re.compile(f"{re.escape(settings.region)}[a-z]")
    strangers = tuple(name for name in settings.network.zones if not zone.fullmatch(name))
    if not strangers:
        return None
    return f"must name zones of {settings.region}, such as '{settings.region}a', not {shown(strangers)}"


RULES: Final[tuple[Rule[StageSettings], ...]] = (cidr, cidr_holds_the_subnets, zones, zones_are_of_the_region)

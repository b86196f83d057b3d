"""The address plan: a /24 for each zone's public subnet, then a /22 for each zone's private one."""

import math
from ipaddress import IPv4Network
from typing import Final

PUBLIC: Final = 24
"""Prefix of the public subnets, which come first."""
PRIVATE: Final = 22
"""Prefix of the private subnets."""
MOST_ZONES: Final = 6
"""How many zones the plan leaves room for, in a range that is large enough: as many as any region has."""


def zones_that_fit(found: IPv4Network) -> int:
    """Return how many zones' subnets a range holds: 3 in a /20, 6 in a /19 or larger, perhaps none.

    So many are set aside whether they are in use or not, and a zone that is appended finds its addresses
    behind those of the zones before it: nothing that is there already has to move.
    """
    return max(zones for zones in range(MOST_ZONES + 1) if _needed(zones) <= found.num_addresses)


def _needed(zones: int) -> int:
    """Return how many addresses the subnets take; the private ones begin at a multiple of their size."""
    small, large = 1 << (32 - PUBLIC), 1 << (32 - PRIVATE)
    return math.ceil(zones * small / large) * large + zones * large

"""IPv4 ranges as AWS takes them."""

from ipaddress import IPv4Network
from typing import Final

PRIVATE: Final = tuple(map(IPv4Network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")))
"""The ranges that nobody routes on the internet (RFC 1918)."""


def network(text: str) -> IPv4Network | None:
    """Return the range that a text such as `10.20.0.0/16` writes; nothing when it writes none.

    Only that form: without bits of a host, and with the length of the prefix.
    """
    try:
        found = IPv4Network(text)
    except ValueError:
        return None
    return found if str(found) == text else None


def is_private(found: IPv4Network) -> bool:
    """Return whether all of a range is private."""
    return any(found.subnet_of(private) for private in PRIVATE)


def public(texts: tuple[str, ...]) -> list[str]:
    """Return the ranges that hold public addresses."""
    return [text for text in texts if (found := network(text)) and not is_private(found)]

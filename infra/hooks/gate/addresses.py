"""Where to ask the test listener, so that the firewall lets the question through.

Its rules are between security groups, which match private addresses only. The name of an internal load
balancer resolves to private addresses, that of an internet-facing one to public addresses. The private
ones belong to network interfaces that carry the load balancer in their description (AWS re:Post
documents that way to find them).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from .clients import client
from .errors import GateError


@dataclass(frozen=True, slots=True)
class Interfaces:
    """The network interfaces of an internet-facing load balancer."""

    load_balancer: str
    """ARN of the load balancer."""
    port: int
    """Port of the test listener."""


TestAddress = str | Interfaces
"""`host:port` as given, or the interfaces whose private addresses are to be found."""


def read_address(environment: Mapping[str, str]) -> TestAddress:
    """Return where to ask; an address that is given goes before the interfaces of a load balancer.

    Raises:
        KeyError: neither is given.
        ValueError: the port is not a number.
    """
    if given := environment.get("TEST_ENDPOINT"):
        return given
    return Interfaces(environment["LOAD_BALANCER"], int(environment["TEST_PORT"]))


def find_endpoints(address: TestAddress) -> tuple[str, ...]:
    """Return every `host:port` at which the test listener is to be asked, at least one.

    Raises:
        GateError: the load balancer has no interface in use.
    """
    if isinstance(address, str):
        return (address,)
    wanted = {"Name": "description", "Values": [interface_description(address.load_balancer)]}
    pages = client("ec2").get_paginator("describe_network_interfaces").paginate(Filters=[wanted])
    hosts = private_hosts(interface for page in pages for interface in page["NetworkInterfaces"])
    if not hosts:
        raise GateError(f"Load balancer {address.load_balancer} has no network interface in use.")
    return tuple(f"{host}:{address.port}" for host in hosts)


def interface_description(load_balancer: str) -> str:
    """Return the description that AWS gives the interfaces of the application load balancer of this ARN.

    Raises:
        GateError: it is the ARN of something else.
    """
    _, found, name = load_balancer.partition(":loadbalancer/app/")
    if not found:
        raise GateError(f"{load_balancer!r} is not the ARN of an application load balancer.")
    return f"ELB app/{name}"


def private_hosts(interfaces: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    """Return the private addresses of the interfaces that are in use, in order."""
    return tuple(sorted(item["PrivateIpAddress"] for item in interfaces if item.get("Status") == "in-use"))

"""The network: its addresses, its zones, and the way out of it."""

from dataclasses import dataclass
from enum import StrEnum


class Egress(StrEnum):
    """How tasks and the release gate, which have private addresses only, reach AWS."""

    NAT_PER_ZONE = "nat-per-zone"
    """A NAT gateway in each zone: the loss of a zone leaves the others connected."""
    ONE_NAT = "one-nat"
    """One NAT gateway for all zones: cheaper, and all are cut off with its zone."""
    ENDPOINTS = "endpoints"
    """No NAT gateway: private endpoints for the AWS services in use, and no way to anything else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkSettings:
    """The stage's VPC."""

    cidr: str
    """Address range of the VPC, private, /16 to /20; must not overlap with another stage's, nor with networks
    it will be peered with. A stage that exists keeps it: another range needs the stage taken down first
    (runbook teardown)."""
    zones: tuple[str, ...] = ("eu-central-1a", "eu-central-1b")
    """Availability zones, never looked up: the load balancer takes at least two, the VPC up to six, or three
    in a /20. On a stage that exists they are only appended, which moves no subnet. A zone put before others
    would need the addresses of their subnets, and the update of the Network stack fails; one taken away would
    leave subnets behind in which tasks still run. Under `codedeploy` a change makes a new service: see the
    runbook replace-service."""
    egress: Egress = Egress.ONE_NAT
    """The way out; one shared NAT gateway by default."""

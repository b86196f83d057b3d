"""Where load balancers stand here: the network interfaces that EC2 describes, and what their names lead to.

AWS documentation (EC2 API Reference, "DescribeNetworkInterfaces"; AWS re:Post, "How do I find the IP address
of an Application Load Balancer?"): the nodes of an application load balancer have interfaces in use whose
description is `ELB app/NAME/ID`. moto makes none. Here there is one for each load balancer that is played.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Final

from rehearsal.aws.launch import Launch
from rehearsal.aws.original import Moto, balancing
from rehearsal.isolation import ACCOUNT, REGION

if TYPE_CHECKING:
    from werkzeug.wrappers import Request

    from rehearsal.aws.server import Routes

_models: Final[Moto] = import_module("moto.ec2.models.elastic_network_interfaces")


def mend(launch: Launch) -> "Routes":
    """Describe an interface for every load balancer that somebody says to play; take where it stands."""
    backend = _models.NetworkInterfaceBackend
    original: Moto = backend.get_all_network_interfaces
    made: dict[tuple[str, str], Moto] = {}

    def get_all_network_interfaces(ec2: Moto, eni_ids: Moto = None, filters: Moto = None) -> list[Moto]:
        played = _played(launch)
        for balancer, address in played:
            if (balancer.arn, address) not in made:
                made[balancer.arn, address] = _interface(ec2, balancer, address)
        there = [made[balancer.arn, address] for balancer, address in played]
        ours = [item for item in there if not eni_ids or item.id in eni_ids]
        others = [id_ for id_ in eni_ids or () if id_ not in {item.id for item in ours}]
        rest = original(ec2, others, filters) if others or not eni_ids else []
        return [*_models.generic_filter(filters, ours), *rest]

    def stand(request: "Request") -> object:
        told = request.get_json()
        launch.load_balancers[str(told["arn"])] = str(told["address"])
        return {}

    backend.get_all_network_interfaces = get_all_network_interfaces
    return {("PUT", "/rehearsal/load-balancers"): stand}


def by_name(launch: Launch) -> tuple[tuple[str, str], ...]:
    """Return the names of the load balancers that are played, and where each leads to."""
    return tuple((balancer.dns_name, address) for balancer, address in _played(launch))


def _played(launch: Launch) -> list[tuple[Moto, str]]:
    """Return the load balancers that are there and of which it is known where they stand."""
    there = balancing.elbv2_backends[ACCOUNT][REGION].load_balancers
    return [(there[arn], address) for arn, address in list(launch.load_balancers.items()) if arn in there]


def _interface(ec2: Moto, balancer: Moto, address: str) -> Moto:
    """Return the interface of a load balancer; nobody but its description knows of it."""
    interface = _models.NetworkInterface(
        ec2,
        next(iter(balancer.subnets)),
        address,
        group_ids=list(balancer.security_groups or ()),
        description=f"ELB {balancer.arn.partition(':loadbalancer/')[2]}",
    )
    interface.status = "in-use"
    interface.requester_managed = True
    return interface

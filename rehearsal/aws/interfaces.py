"""The network interfaces of load balancers, at the address where these stand here.

AWS documentation (EC2 API Reference, "DescribeNetworkInterfaces"; AWS re:Post, "How do I find the IP address
of an Application Load Balancer?"): the nodes of an application load balancer have interfaces in use whose
description is `ELB app/NAME/ID`. moto makes none. Here there is one for each load balancer.
"""

from importlib import import_module
from typing import Final

from rehearsal.aws.launch import Launch
from rehearsal.aws.original import Moto, balancing

_models: Final[Moto] = import_module("moto.ec2.models.elastic_network_interfaces")


def mend(launch: Launch) -> None:
    """Describe an interface for every load balancer that there is."""
    backend = _models.NetworkInterfaceBackend
    original: Moto = backend.get_all_network_interfaces
    made: dict[str, Moto] = {}

    def get_all_network_interfaces(ec2: Moto, eni_ids: Moto = None, filters: Moto = None) -> list[Moto]:
        balancers = balancing.elbv2_backends[ec2.account_id][ec2.region_name].load_balancers
        for arn in list(balancers):
            if arn not in made:
                made[arn] = _interface(ec2, balancers[arn], launch.load_balancer_address)
        ours = [made[arn] for arn in list(balancers) if not eni_ids or made[arn].id in eni_ids]
        others = [id_ for id_ in eni_ids or () if id_ not in {item.id for item in ours}]
        rest = original(ec2, others, filters) if others or not eni_ids else []
        return [*_models.generic_filter(filters, ours), *rest]

    backend.get_all_network_interfaces = get_all_network_interfaces


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

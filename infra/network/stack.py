"""The stage's network: a VPC over explicit zones, and who may talk to whom in it."""

from ipaddress import IPv4Network
from typing import Final

from aws_cdk import Environment, Stack
from aws_cdk import aws_ec2 as ec2
from constructs import Construct

from infra.acknowledge import acknowledge, acknowledge_lint, acknowledge_own_policy
from infra.directory import Published
from infra.network.endpoints import Endpoints
from infra.network.firewall import Firewall
from infra.retained_logs import RetainedLogs
from infra.settings import Egress, StageSettings
from infra.settings.plan import PRIVATE, PUBLIC, zones_that_fit

_GATEWAYS: Final = {Egress.ONE_NAT: 1, Egress.ENDPOINTS: 0}


class NetworkStack(Stack):
    """Private subnets for tasks, gate and, unless it faces the internet, load balancer; and their way out.

    Public subnets exist only where something stands in them: an internet-facing load balancer or a NAT
    gateway. Their addresses are set aside in any case, and those of zones that are still to come, so that no
    change of these settings and no appended zone ever moves a subnet.
    """

    def __init__(self, scope: Construct, *, settings: StageSettings, env: Environment) -> None:
        super().__init__(
            scope,
            settings.stack_name("Network"),
            env=env,
            tags=settings.tags,
            termination_protection=settings.protected,
        )
        self.vpc = self._build_vpc(settings)
        isolated = settings.network.egress is Egress.ENDPOINTS
        self.private_subnets = self.vpc.isolated_subnets if isolated else self.vpc.private_subnets
        self._acknowledge()
        self._record_refusals(settings)
        self.firewall = Firewall(self, "Firewall", vpc=self.vpc, settings=settings)
        Endpoints(
            self,
            "Endpoints",
            settings=settings,
            vpc=self.vpc,
            subnets=self.private_subnets,
            group=self.firewall.endpoints,
        )
        Published(self, settings=settings, entries=self._entries())

    def _build_vpc(self, settings: StageSettings) -> ec2.Vpc:
        isolated = settings.network.egress is Egress.ENDPOINTS
        return ec2.Vpc(
            self,
            "Vpc",
            ip_addresses=ec2.IpAddresses.cidr(settings.network.cidr),
            availability_zones=list(settings.network.zones),
            reserved_azs=zones_that_fit(IPv4Network(settings.network.cidr)) - len(settings.network.zones),
            nat_gateways=_GATEWAYS.get(settings.network.egress, len(settings.network.zones)),
            # True would be a Lambda-backed custom resource; nothing here uses the default group.
            restrict_default_security_group=False,
            subnet_configuration=[
                ec2.SubnetConfiguration(
                    name="Public",
                    subnet_type=ec2.SubnetType.PUBLIC,
                    cidr_mask=PUBLIC,
                    map_public_ip_on_launch=False,
                    reserved=isolated and not settings.traffic.internet_facing,
                ),
                ec2.SubnetConfiguration(
                    name="Private",
                    subnet_type=(
                        ec2.SubnetType.PRIVATE_ISOLATED if isolated else ec2.SubnetType.PRIVATE_WITH_EGRESS
                    ),
                    cidr_mask=PRIVATE,
                ),
            ],
        )

    def _acknowledge(self) -> None:
        for subnet in (*self.vpc.public_subnets, *self.private_subnets):
            acknowledge_lint(subnet, {"W3010": "The zones are settings, so that no synth looks them up."})
        acknowledge(
            self.vpc,
            {
                "NIST.800.53.R5-VPCDefaultSecurityGroupClosed": (
                    "Nothing belongs to the default group, and emptying it takes a Lambda-backed resource."
                ),
            },
        )
        if self.vpc.public_subnets:
            acknowledge(
                self.vpc,
                {
                    "NIST.800.53.R5-VPCNoUnrestrictedRouteToIGW": (
                        "Only the public subnets have it, for load balancer "
                        "and NAT; no task has a public address."
                    ),
                },
            )

    def _record_refusals(self, settings: StageSettings) -> None:
        """Keep a record of refused connections; accepted ones are in the access logs."""
        log = self.vpc.add_flow_log(
            "Refused",
            traffic_type=ec2.FlowLogTrafficType.REJECT,
            destination=ec2.FlowLogDestination.to_cloud_watch_logs(
                RetainedLogs(self, "Refusals", settings=settings, entry="logs/refusals")
            ),
        )
        acknowledge_own_policy(log)

    def _entries(self) -> dict[str, str]:
        kinds = {"public": self.vpc.public_subnets, "private": self.private_subnets}
        return {
            "network/vpc": self.vpc.vpc_id,
            "network/load-balancer-group": self.firewall.load_balancer.security_group_id,
            "network/task-group": self.firewall.tasks.security_group_id,
            "network/gate-group": self.firewall.gate.security_group_id,
            **{
                f"network/{kind}-{i}": subnet.subnet_id
                for kind, subnets in kinds.items()
                for i, subnet in enumerate(subnets)
            },
        }

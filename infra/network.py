"""The stage's network: a VPC over explicit zones, and who may talk to whom in it."""

from aws_cdk import Environment, Stack
from aws_cdk import aws_ec2 as ec2
from constructs import Construct

from infra.acknowledge import acknowledge, acknowledge_lint, acknowledge_own_policy
from infra.directory import Published
from infra.firewall import Firewall
from infra.retained_logs import RetainedLogs
from infra.settings import Egress, StageSettings


class NetworkStack(Stack):
    """Public subnets for the load balancer, private ones for tasks and gate, S3 without the NAT."""

    def __init__(self, scope: Construct, *, settings: StageSettings, env: Environment) -> None:
        super().__init__(scope, settings.stack_name("Network"), env=env, tags=settings.tags)
        self.vpc = self._build_vpc(settings)
        self._record_refusals(settings)
        self.firewall = Firewall(self, "Firewall", vpc=self.vpc, settings=settings)
        Published(self, settings=settings, entries=self._entries())

    def _build_vpc(self, settings: StageSettings) -> ec2.Vpc:
        vpc = ec2.Vpc(
            self,
            "Vpc",
            ip_addresses=ec2.IpAddresses.cidr(settings.network.cidr),
            availability_zones=list(settings.network.zones),
            nat_gateways=len(settings.network.zones) if settings.network.egress is Egress.NAT_PER_ZONE else 1,
            # True would be a Lambda-backed custom resource; nothing here uses the default group.
            restrict_default_security_group=False,
            subnet_configuration=[
                ec2.SubnetConfiguration(
                    name="Public",
                    subnet_type=ec2.SubnetType.PUBLIC,
                    cidr_mask=24,
                    map_public_ip_on_launch=False,
                ),
                ec2.SubnetConfiguration(
                    name="Private", subnet_type=ec2.SubnetType.PRIVATE_WITH_EGRESS, cidr_mask=22
                ),
            ],
        )
        for subnet in (*vpc.public_subnets, *vpc.private_subnets):
            acknowledge_lint(subnet, {"W3010": "The zones are settings, so that no synth looks them up."})
        acknowledge(
            vpc,
            {
                "NIST.800.53.R5-VPCDefaultSecurityGroupClosed": (
                    "Nothing belongs to the default group, and emptying it takes a Lambda-backed resource."
                ),
                "NIST.800.53.R5-VPCNoUnrestrictedRouteToIGW": (
                    "Only the public subnets have it, for load balancer "
                    "and NAT; no task has a public address."
                ),
            },
        )
        vpc.add_gateway_endpoint("S3", service=ec2.GatewayVpcEndpointAwsService.S3)
        return vpc

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
        kinds = {"public": self.vpc.public_subnets, "private": self.vpc.private_subnets}
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

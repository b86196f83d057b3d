"""Who may open a connection to whom."""

from typing import Final

from aws_cdk import aws_ec2 as ec2
from constructs import Construct

from infra.acknowledge import acknowledge, acknowledge_checkov
from infra.names import HTTP_PORT, HTTPS_PORT, TEST_PORT
from infra.settings import Egress, StageSettings
from service import contract

ANYONE: Final = "0.0.0.0/0"
"""Every IPv4 address."""


class Firewall(Construct):
    """The security groups and every rule between them, in one place.

    Callers reach the production listener, and over HTTPS port 80, which sends them there; the gate alone
    reaches the test listener; the load balancer alone reaches the tasks; tasks and gate alone reach the
    endpoints. Tasks and gate reach AWS over HTTPS and nothing else: to any address, because S3's have no
    group and no range that could be named here. Without a NAT gateway the routes leave nothing but S3.

    The gate's group is there for every strategy: without members it lets nobody in, and a stage can change
    its strategy without a group that is still in use being taken away.

    The load balancer's group has a name, and its description says whom the load balancer is for. Both are
    for good: CloudFormation refuses to replace what has a name of its own ("cannot update a stack when a
    custom-named resource requires replacing"). So a stage whose `internet_facing` or address range was
    changed stops here, at the first stack that the change would touch, before anything has moved. Without
    it the callers' rules would be changed already when the new load balancer meets target groups that
    belong to the old one, which Elastic Load Balancing refuses.
    """

    def __init__(self, scope: Construct, id_: str, *, vpc: ec2.IVpc, settings: StageSettings) -> None:
        super().__init__(scope, id_)
        self.load_balancer = self._build_group(
            "LoadBalancer", vpc, _balancer(settings), name=f"{settings.prefix}-load-balancer"
        )
        self.tasks = self._build_group("Tasks", vpc, "Tasks of the service")
        self.gate = self._build_group("Gate", vpc, "Release gate")
        self._allow_callers(settings)
        self._allow(self.gate, self.load_balancer, TEST_PORT, "Release gate to test listener")
        self._allow(self.load_balancer, self.tasks, contract.PORT, "Load balancer to tasks")
        for group in (self.tasks, self.gate):
            group.add_egress_rule(ec2.Peer.any_ipv4(), ec2.Port.tcp(HTTPS_PORT), "AWS APIs over HTTPS")
        self.endpoints = self._build_endpoints_group(vpc, settings)

    def _build_group(
        self, id_: str, vpc: ec2.IVpc, description: str, *, name: str | None = None
    ) -> ec2.SecurityGroup:
        return ec2.SecurityGroup(
            self,
            id_,
            vpc=vpc,
            description=description,
            security_group_name=name,
            allow_all_outbound=False,
        )

    def _build_endpoints_group(self, vpc: ec2.IVpc, settings: StageSettings) -> ec2.SecurityGroup | None:
        """Build the group of the private endpoints, where there are any."""
        if settings.network.egress is not Egress.ENDPOINTS:
            return None
        group = self._build_group("Endpoints", vpc, "Private endpoints")
        for source, name in ((self.tasks, "Tasks"), (self.gate, "Release gate")):
            group.add_ingress_rule(source, ec2.Port.tcp(HTTPS_PORT), f"{name} to private endpoints")
        return group

    def _allow_callers(self, settings: StageSettings) -> None:
        for caller in settings.traffic.callers:
            self.load_balancer.add_ingress_rule(
                ec2.Peer.ipv4(caller),
                ec2.Port.tcp(settings.traffic.production_port),
                "Callers to production listener",
            )
            if settings.traffic.https:
                self.load_balancer.add_ingress_rule(
                    ec2.Peer.ipv4(caller), ec2.Port.tcp(HTTP_PORT), "Callers to redirection to HTTPS"
                )
        if ANYONE in settings.traffic.callers:
            reason = "The settings let anyone call the production listener, and nothing else."
            acknowledge(self.load_balancer, {"AwsSolutions-EC23": reason})
            acknowledge_checkov(self.load_balancer, {"CKV_AWS_260": reason})

    @staticmethod
    def _allow(source: ec2.SecurityGroup, target: ec2.SecurityGroup, port: int, why: str) -> None:
        target.add_ingress_rule(source, ec2.Port.tcp(port), why)
        source.add_egress_rule(target, ec2.Port.tcp(port), why)


def _balancer(settings: StageSettings) -> str:
    return f"Load balancer, {'internet-facing' if settings.traffic.internet_facing else 'internal'}"

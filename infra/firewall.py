"""Who may open a connection to whom."""

from aws_cdk import aws_ec2 as ec2
from constructs import Construct

from infra.acknowledge import acknowledge
from infra.names import TEST_PORT
from infra.settings import StageSettings
from service import contract


class Firewall(Construct):
    """The three security groups and every rule between them, in one place.

    Callers reach the production listener; the gate alone reaches the test listener; the load
    balancer alone reaches the tasks. Tasks and gate reach AWS over HTTPS and nothing else.
    """

    def __init__(self, scope: Construct, id_: str, *, vpc: ec2.IVpc, settings: StageSettings) -> None:
        super().__init__(scope, id_)
        self.load_balancer = self._build_group("LoadBalancer", vpc, "Load balancer")
        self.tasks = self._build_group("Tasks", vpc, "Tasks of the service")
        self.gate = self._build_group("Gate", vpc, "Release gate")
        for caller in settings.traffic.callers:
            self._allow_caller(caller, settings.traffic.production_port)
        acknowledge(
            self.load_balancer,
            {"AwsSolutions-EC23": "The settings say who may call, on the dev stage anyone."},
        )
        self._allow(self.gate, self.load_balancer, TEST_PORT, "Release gate to test listener")
        self._allow(self.load_balancer, self.tasks, contract.PORT, "Load balancer to tasks")
        for group in (self.tasks, self.gate):
            group.add_egress_rule(ec2.Peer.any_ipv4(), ec2.Port.tcp(443), "AWS APIs over HTTPS")

    def _build_group(self, id_: str, vpc: ec2.IVpc, description: str) -> ec2.SecurityGroup:
        return ec2.SecurityGroup(self, id_, vpc=vpc, description=description, allow_all_outbound=False)

    def _allow_caller(self, cidr: str, port: int) -> None:
        self.load_balancer.add_ingress_rule(
            ec2.Peer.ipv4(cidr), ec2.Port.tcp(port), "Callers to production listener"
        )

    @staticmethod
    def _allow(source: ec2.SecurityGroup, target: ec2.SecurityGroup, port: int, why: str) -> None:
        target.add_ingress_rule(source, ec2.Port.tcp(port), why)
        source.add_egress_rule(target, ec2.Port.tcp(port), why)

"""The network as the stacks after it see it: by its directory entries."""

from typing import Final, Literal

from aws_cdk import aws_ec2 as ec2
from constructs import Construct

from infra.acknowledge import acknowledge
from infra.directory import Directory
from infra.settings import StageSettings

NOT_NEEDED: Final = "not-needed"
"""Stands for ids that an import asks for and nothing reads; a test looks for it in the templates.

Finding the real one would leave a parameter that the template never uses.
"""


class Place(Construct):
    """One kind of the VPC's subnets, and the firewall's security groups, imported."""

    def __init__(
        self,
        scope: Construct,
        id_: str = "Place",
        *,
        settings: StageSettings,
        directory: Directory,
        kind: Literal["public", "private"],
        vpc_id: str = NOT_NEEDED,
    ) -> None:
        super().__init__(scope, id_)
        self._directory = directory
        ids = [directory.find(f"network/{kind}-{i}") for i in range(len(settings.network.zones))]
        self.vpc = ec2.Vpc.from_vpc_attributes(
            self,
            "Vpc",
            vpc_id=vpc_id,
            availability_zones=list(settings.network.zones),
            public_subnet_ids=ids if kind == "public" else None,
            private_subnet_ids=ids if kind == "private" else None,
        )
        self.subnets = ec2.SubnetSelection(
            subnets=self.vpc.public_subnets if kind == "public" else self.vpc.private_subnets
        )
        acknowledge(
            self, {"Annotation::@aws-cdk/aws-ec2:noSubnetRouteTableId": "Nothing that uses it adds routes."}
        )

    def security_group(self, name: Literal["load-balancer", "task", "gate"]) -> ec2.ISecurityGroup:
        """Return one of the firewall's groups, whose rules are not to be changed from here."""
        return ec2.SecurityGroup.from_security_group_id(
            self, name, self._directory.find(f"network/{name}-group"), mutable=False
        )

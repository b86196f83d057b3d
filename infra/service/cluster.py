"""The ECS cluster: where the tasks run, and on which capacity."""

from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecs as ecs
from constructs import Construct

from infra.settings import StageSettings


class Cluster(ecs.Cluster):
    """The cluster of one stage, with metrics of every task.

    `spot` is what a service on spare capacity must wait for, which the CDK does not see to: ECS refuses a
    service whose capacity provider the cluster does not know yet. Without spot there is nothing to wait for.
    """

    def __init__(self, scope: Construct, id_: str, *, settings: StageSettings, vpc: ec2.IVpc) -> None:
        super().__init__(
            scope,
            id_,
            cluster_name=settings.prefix,
            vpc=vpc,
            container_insights_v2=ecs.ContainerInsights.ENABLED,
        )
        self.spot = self._offer_spot() if settings.tasks.spot else None

    def _offer_spot(self) -> Construct:
        return ecs.CfnClusterCapacityProviderAssociations(
            self,
            "Capacity",
            cluster=self.cluster_name,
            capacity_providers=["FARGATE", "FARGATE_SPOT"],
            default_capacity_provider_strategy=[],
        )

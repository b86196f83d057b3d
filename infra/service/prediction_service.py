"""The ECS service, as far as both engines agree on it."""

from collections.abc import Sequence
from typing import Final, TypedDict, Unpack

from aws_cdk import Duration
from aws_cdk import aws_ecs as ecs
from constructs import Construct

from infra.place import Place
from infra.service.cluster import Cluster
from infra.service.task import PredictionTask
from infra.settings import StageSettings

_SPOT: Final = [ecs.CapacityProviderStrategy(capacity_provider="FARGATE_SPOT", weight=1)]


class EngineOptions(TypedDict, total=False):
    """What only one engine says of the service; the names are those of the CDK."""

    deployment_controller: ecs.DeploymentController
    task_definition_revision: ecs.TaskDefinitionRevision
    availability_zone_rebalancing: ecs.AvailabilityZoneRebalancing
    circuit_breaker: ecs.DeploymentCircuitBreaker
    deployment_alarms: ecs.DeploymentAlarmConfig | None
    deployment_strategy: ecs.DeploymentStrategy
    bake_time: Duration | None
    canary_configuration: ecs.TrafficShiftConfig | None
    linear_configuration: ecs.TrafficShiftConfig | None
    lifecycle_hooks: Sequence[ecs.IDeploymentLifecycleHookTarget] | None


class PredictionService(ecs.FargateService):
    """Tasks in private subnets, by the family's name.

    There is no desired count (CloudFormation would reset the scaler's number at each update) and no
    physical name (a change of controller replaces the service, and two cannot share a name). ECS Exec
    stays off on every stage: its agent writes to the container's root, which is read-only here.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        settings: StageSettings,
        cluster: Cluster,
        task: PredictionTask,
        place: Place,
        **by_engine: Unpack[EngineOptions],
    ) -> None:
        super().__init__(
            scope,
            id_,
            cluster=cluster,
            task_definition=task.definition,
            capacity_provider_strategies=_SPOT if settings.tasks.spot else None,
            security_groups=[place.security_group("task")],
            vpc_subnets=place.subnets,
            assign_public_ip=False,
            health_check_grace_period=Duration.seconds(settings.tasks.startup_grace),
            min_healthy_percent=100,
            max_healthy_percent=200,
            propagate_tags=ecs.PropagatedTagSource.SERVICE,  # the stage's tags, so that costs are told apart
            enable_ecs_managed_tags=True,
            enable_execute_command=False,
            **by_engine,
        )
        if cluster.spot is not None:
            self.node.add_dependency(cluster.spot)

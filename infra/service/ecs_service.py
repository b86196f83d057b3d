"""The ECS service that ECS itself releases."""

from typing import Any, Final, cast

from aws_cdk import Duration
from aws_cdk import aws_ecs as ecs
from constructs import Construct

from infra.colours import Colours
from infra.directory import Directory
from infra.live_colour import LiveColour
from infra.names import CONTAINER
from infra.place import Place
from infra.service.cluster import Cluster
from infra.service.ecs_traffic_role import EcsTrafficRole, GateCallerRole
from infra.service.prediction_service import PredictionService
from infra.service.release_gate import ReleaseGate
from infra.service.rollback_alarms import RollbackAlarms
from infra.service.task import PredictionTask
from infra.settings import ReleaseSettings, StageSettings, Strategy
from service import contract

_STRATEGIES: Final = {
    Strategy.ROLLING: ecs.DeploymentStrategy.ROLLING,
    Strategy.BLUE_GREEN: ecs.DeploymentStrategy.BLUE_GREEN,
    Strategy.CANARY: ecs.DeploymentStrategy.CANARY,
    Strategy.LINEAR: ecs.DeploymentStrategy.LINEAR,
}


class EcsService(PredictionService):
    """A service under the ECS controller, turned back when tasks fail to start or an alarm is red.

    It names the task's family without a revision, so that a change of the template alone rolls nothing
    out. An update of the service itself lets ECS take the family's newest revision.
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
        alarms: RollbackAlarms,
    ) -> None:
        """Build the service.

        Args:
            scope: parent of this construct.
            id_: its name there.
            settings: a stage with the engine `ecs`.
            cluster: where the tasks run.
            task: what runs in them.
            place: the network, with private subnets.
            alarms: what turns a release around; none when alarms are off.
        """
        release = settings.release
        super().__init__(
            scope,
            id_,
            settings=settings,
            cluster=cluster,
            task=task,
            place=place,
            deployment_controller=ecs.DeploymentController(type=ecs.DeploymentControllerType.ECS),
            deployment_strategy=_STRATEGIES[release.strategy],
            bake_time=Duration.minutes(release.bake_minutes) if release.two_colours else None,
            canary_configuration=_steps(release) if release.strategy is Strategy.CANARY else None,
            linear_configuration=_steps(release) if release.strategy is Strategy.LINEAR else None,
            circuit_breaker=ecs.DeploymentCircuitBreaker(enable=True, rollback=True),
            deployment_alarms=_turn_back_on(alarms),
            task_definition_revision=ecs.TaskDefinitionRevision.LATEST,
            availability_zone_rebalancing=ecs.AvailabilityZoneRebalancing.ENABLED,
        )

    def ask(self, gate: ReleaseGate) -> None:
        """Let ECS ask the gate when test traffic has moved, and before production traffic does."""
        role = GateCallerRole(self, "GateCaller", function=gate.function.function_arn)
        self.add_lifecycle_hook(
            ecs.DeploymentLifecycleLambdaTarget(
                gate.function,
                "Gate",
                lifecycle_stages=[ecs.DeploymentLifecycleStage.POST_TEST_TRAFFIC_SHIFT],
                role=role.without_policy_updates(),
            )
        )

    def move_between(self, colours: Colours, directory: Directory) -> None:
        """Let ECS move the two rules of the Traffic stack between the colours, beginning at blue.

        Written by hand, because the CDK's `AlternateTarget` takes only rules of the same stack.
        """
        production, test = directory.find("traffic/production-rule"), directory.find("traffic/test-rule")
        role = EcsTrafficRole(self, "Traffic", colours=colours, rules=[production, test])
        self._register(
            colours.blue.target_group_arn,
            AdvancedConfiguration={
                "AlternateTargetGroupArn": colours.green.target_group_arn,
                "ProductionListenerRule": production,
                "TestListenerRule": test,
                "RoleArn": role.role_arn,
            },
        )

    def stay_in_live(self, colours: Colours, *, parameter_name: str) -> None:
        """Stay in the colour that takes traffic, so that a stage can turn to rolling while green is live."""
        live = LiveColour(self, "Live", parameter_name=parameter_name)
        groups = {name: group.target_group_arn for name, group in colours.by_name().items()}
        self._register(live.live(blue=groups["blue"], green=groups["green"]))

    def _register(self, group: object, **more: object) -> None:
        target: dict[str, Any] = {
            "ContainerName": CONTAINER,
            "ContainerPort": contract.PORT,
            "TargetGroupArn": group,
            **more,
        }
        resource = cast("ecs.CfnService", self.node.default_child)
        resource.add_property_override("LoadBalancers", [target])


def _steps(release: ReleaseSettings) -> ecs.TrafficShiftConfig:
    return ecs.TrafficShiftConfig(
        step_percent=release.shift_percent, step_bake_time=Duration.minutes(release.shift_minutes)
    )


def _turn_back_on(alarms: RollbackAlarms) -> ecs.DeploymentAlarmConfig | None:
    names = [alarm.alarm_name for alarm in alarms.alarms]
    if not names:
        return None
    return ecs.DeploymentAlarmConfig(alarm_names=names, behavior=ecs.AlarmBehavior.ROLLBACK_ON_ALARM)

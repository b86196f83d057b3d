"""How CodeDeploy moves production traffic from one colour to the other, and when it turns back."""

from aws_cdk import Duration
from aws_cdk import aws_codedeploy as codedeploy
from aws_cdk import aws_ecs as ecs
from constructs import Construct

from infra.acknowledge import acknowledge_lint
from infra.colours import Colours
from infra.service.codedeploy_role import CodeDeployRole
from infra.service.release_gate import ReleaseGate
from infra.service.rollback_alarms import RollbackAlarms
from infra.settings import ReleaseSettings, StageSettings, Strategy


class TrafficShift(Construct):
    """The CodeDeploy application and deployment group, with a role of their own.

    A release is rolled back when it fails, when someone stops it and when an alarm turns red. The
    old tasks stay up for the termination wait, so that the way back is instant; with the strategy
    `all-at-once` they end as soon as traffic has moved.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        settings: StageSettings,
        service: ecs.FargateService,
        colours: Colours,
        alarms: RollbackAlarms,
        gate: ReleaseGate,
    ) -> None:
        super().__init__(scope, id_)
        role = CodeDeployRole(
            self, "Role", settings=settings, service=service, colours=colours, alarms=alarms, gate=gate
        )
        application = codedeploy.EcsApplication(self, "Application", application_name=settings.prefix)
        self.group = codedeploy.EcsDeploymentGroup(
            self,
            "Group",
            application=application,
            deployment_group_name=settings.prefix,
            service=service,
            role=role.without_policy_updates(),  # or it attaches the broad AWSCodeDeployRoleForECS
            deployment_config=self._build_config(settings.release),
            blue_green_deployment_config=codedeploy.EcsBlueGreenDeploymentConfig(
                blue_target_group=colours.blue,
                green_target_group=colours.green,
                listener=colours.production_listener,
                test_listener=colours.test_listener,
                termination_wait_time=Duration.minutes(_termination_wait(settings.release)),
            ),
            auto_rollback=codedeploy.AutoRollbackConfig(
                failed_deployment=True, stopped_deployment=True, deployment_in_alarm=bool(alarms.alarms)
            ),
            alarms=alarms.alarms,
        )
        if settings.release.gradual:
            acknowledge_lint(
                self.group, {"W3005": "The CDK names the configuration as a dependency and as a property."}
            )

    def _build_config(self, release: ReleaseSettings) -> codedeploy.IEcsDeploymentConfig:
        """Return the steps in which traffic moves.

        A configuration of one's own cannot change: AWS replaces it. It has no physical name, so that the
        old one and the new one can exist at the same time.
        """
        if not release.gradual:
            return codedeploy.EcsDeploymentConfig.ALL_AT_ONCE
        interval, percentage = Duration.minutes(release.shift_minutes), release.shift_percent
        routing: codedeploy.TrafficRouting = (
            codedeploy.TimeBasedCanaryTrafficRouting(interval=interval, percentage=percentage)
            if release.strategy is Strategy.CANARY
            else codedeploy.TimeBasedLinearTrafficRouting(interval=interval, percentage=percentage)
        )
        return codedeploy.EcsDeploymentConfig(self, "Config", traffic_routing=routing)


def _termination_wait(release: ReleaseSettings) -> int:
    """Return the minutes for which the old tasks stay up."""
    return 0 if release.strategy is Strategy.ALL_AT_ONCE else release.bake_minutes

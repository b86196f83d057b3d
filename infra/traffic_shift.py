"""How CodeDeploy moves production traffic from one colour to the other, and when it turns back."""

from aws_cdk import Aws, Duration
from aws_cdk import aws_codedeploy as codedeploy
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_iam as iam
from constructs import Construct

from infra.acknowledge import acknowledge
from infra.colours import Colours, Listeners
from infra.release_gate import ReleaseGate
from infra.rollback_alarms import RollbackAlarms
from infra.settings import StageSettings, Strategy
from infra.task import PredictionTask


class TrafficShift(Construct):
    """The CodeDeploy application and deployment group, with a role of their own.

    A release is rolled back when it fails, when someone stops it and when an alarm turns red. The
    old tasks stay up for the termination wait, so that the way back is instant.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        settings: StageSettings,
        service: ecs.FargateService,
        task: PredictionTask,
        colours: Colours,
        listeners: Listeners,
        alarms: RollbackAlarms,
        gate: ReleaseGate,
    ) -> None:
        super().__init__(scope, id_)
        role = self._build_role(settings, service, task, listeners, gate)
        application = codedeploy.EcsApplication(self, "Application", application_name=settings.prefix)
        self.group = codedeploy.EcsDeploymentGroup(
            self,
            "Group",
            application=application,
            deployment_group_name=settings.prefix,
            service=service,
            role=role.without_policy_updates(),  # or it attaches the broad AWSCodeDeployRoleForECS
            deployment_config=self._build_config(settings),
            blue_green_deployment_config=codedeploy.EcsBlueGreenDeploymentConfig(
                blue_target_group=colours.blue,
                green_target_group=colours.green,
                listener=listeners.production,
                test_listener=listeners.test,
                termination_wait_time=Duration.minutes(settings.termination_wait),
            ),
            auto_rollback=codedeploy.AutoRollbackConfig(
                failed_deployment=True, stopped_deployment=True, deployment_in_alarm=True
            ),
            alarms=alarms.alarms,
        )

    def _build_config(self, settings: StageSettings) -> codedeploy.IEcsDeploymentConfig:
        if settings.strategy is Strategy.BLUE_GREEN:
            return codedeploy.EcsDeploymentConfig.ALL_AT_ONCE
        interval = Duration.minutes(settings.shift_minutes)
        routing: codedeploy.TrafficRouting = (
            codedeploy.TimeBasedCanaryTrafficRouting(interval=interval, percentage=settings.shift_percent)
            if settings.strategy is Strategy.CANARY
            else codedeploy.TimeBasedLinearTrafficRouting(
                interval=interval, percentage=settings.shift_percent
            )
        )
        return codedeploy.EcsDeploymentConfig(self, "Config", traffic_routing=routing)

    def _build_role(
        self,
        settings: StageSettings,
        service: ecs.FargateService,
        task: PredictionTask,
        listeners: Listeners,
        gate: ReleaseGate,
    ) -> iam.Role:
        role = iam.Role(
            self,
            "Role",
            assumed_by=iam.ServicePrincipal("codedeploy.amazonaws.com"),
            description="CodeDeploy moves this one service between its colours",
            inline_policies={
                "Shift": iam.PolicyDocument(statements=_statements(settings, service, task, listeners, gate))
            },
        )
        acknowledge(
            role,
            {
                "AwsSolutions-IAM5[Resource::*]": "The describe calls know no resource.",
                (
                    f"AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:ecs:{settings.region}:<AWS::AccountId>:"
                    f"task-set/{settings.prefix}/*]"
                ): "Task sets get their names from CodeDeploy; the cluster holds this one service.",
            },
        )
        return role


def _statements(
    settings: StageSettings,
    service: ecs.FargateService,
    task: PredictionTask,
    listeners: Listeners,
    gate: ReleaseGate,
) -> list[iam.PolicyStatement]:
    """Return what CodeDeploy needs for one service, narrower than AWSCodeDeployRoleForECS."""
    definition = task.definition
    assert definition.execution_role is not None  # noqa: S101 - narrows the type: a container was added
    task_sets = f"arn:{Aws.PARTITION}:ecs:{settings.region}:{Aws.ACCOUNT_ID}:task-set/{settings.prefix}/*"
    return [
        iam.PolicyStatement(
            sid="Look",
            actions=[
                "cloudwatch:DescribeAlarms",
                "elasticloadbalancing:DescribeListeners",
                "elasticloadbalancing:DescribeRules",
                "elasticloadbalancing:DescribeTargetGroups",
            ],
            resources=["*"],
        ),
        iam.PolicyStatement(
            sid="ReplaceTasks",
            actions=[
                "ecs:CreateTaskSet",
                "ecs:DeleteTaskSet",
                "ecs:DescribeServices",
                "ecs:UpdateServicePrimaryTaskSet",
            ],
            resources=[service.service_arn, task_sets],
        ),
        iam.PolicyStatement(
            sid="MoveTraffic",
            actions=["elasticloadbalancing:ModifyListener"],
            resources=[listeners.production.listener_arn, listeners.test.listener_arn],
        ),
        iam.PolicyStatement(
            sid="AskTheGate", actions=["lambda:InvokeFunction"], resources=[gate.function.function_arn]
        ),
        iam.PolicyStatement(
            sid="HandRolesToTasks",
            actions=["iam:PassRole"],
            resources=[definition.task_role.role_arn, definition.execution_role.role_arn],
            conditions={"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}},
        ),
    ]

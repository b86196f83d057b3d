"""What CodeDeploy may do: move this one service, and nothing else."""

from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_iam as iam
from constructs import Construct

from infra import arns
from infra.acknowledge import acknowledge, acknowledge_own_policy
from infra.colours import Colours
from infra.service.release_gate import ReleaseGate
from infra.service.rollback_alarms import RollbackAlarms
from infra.settings import StageSettings


class CodeDeployRole(iam.Role):
    """A role narrower than AWSCodeDeployRoleForECS: one service and its listeners, hook and roles.

    Of that policy's actions it leaves out three. ModifyRule: the listeners have no rules but their default.
    s3:GetObject and GetObjectVersion: releases hand over their AppSpec itself. sns:Publish: the group has
    no triggers.
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
        task_sets = arns.of_stage(settings, "ecs", f"task-set/{settings.prefix}/*")
        statements = [_look(), *_watch(alarms), *_replace_tasks(settings, service)]
        statements += [_move_traffic(colours), _ask(gate), _pass_roles(service.task_definition)]
        super().__init__(
            scope,
            id_,
            assumed_by=iam.ServicePrincipal("codedeploy.amazonaws.com"),
            description="CodeDeploy moves this one service between its colours",
            inline_policies={"Shift": iam.PolicyDocument(statements=statements)},
        )
        acknowledge_own_policy(self)
        acknowledge(
            self,
            {
                "AwsSolutions-IAM5[Resource::*]": (
                    "The load balancer's describe calls know no resource, how CodeDeploy asks for alarms is "
                    "not documented and only reads, and the creation of a task set is limited by its "
                    "cluster instead, which holds this one service."
                ),
                f"AwsSolutions-IAM5[Resource::{arns.as_nag_says(task_sets)}]": (
                    "Task sets get their names from CodeDeploy; the cluster holds this one service."
                ),
            },
        )


def _look() -> iam.PolicyStatement:
    return iam.PolicyStatement(
        sid="Look",
        actions=[
            "elasticloadbalancing:DescribeListeners",
            "elasticloadbalancing:DescribeRules",
            "elasticloadbalancing:DescribeTargetGroups",
        ],
        resources=["*"],
    )


def _watch(alarms: RollbackAlarms) -> list[iam.PolicyStatement]:
    """Let it look at alarms, if its group has any.

    At all alarms, as AWS's own policy does: whether CodeDeploy asks for its group's by name is nowhere
    documented, and a release whose alarms cannot be looked at fails.
    """
    if not alarms.alarms:
        return []
    return [iam.PolicyStatement(sid="Watch", actions=["cloudwatch:DescribeAlarms"], resources=["*"])]


def _replace_tasks(settings: StageSettings, service: ecs.FargateService) -> list[iam.PolicyStatement]:
    """Let it replace the tasks of this service.

    AWS's references disagree on whether the creation of a task set is authorised on the set or on no
    resource at all. A condition on the cluster holds either way.
    """
    return [
        iam.PolicyStatement(
            sid="ReplaceTasks",
            actions=["ecs:DescribeServices", "ecs:UpdateServicePrimaryTaskSet"],
            resources=[service.service_arn],
        ),
        iam.PolicyStatement(
            sid="AddTasks",
            actions=["ecs:CreateTaskSet"],
            resources=["*"],
            conditions={"ArnEquals": {"ecs:cluster": service.cluster.cluster_arn}},
        ),
        iam.PolicyStatement(
            sid="RemoveTasks",
            actions=["ecs:DeleteTaskSet"],
            resources=[arns.of_stage(settings, "ecs", f"task-set/{settings.prefix}/*")],
        ),
    ]


def _move_traffic(colours: Colours) -> iam.PolicyStatement:
    return iam.PolicyStatement(
        sid="MoveTraffic",
        actions=["elasticloadbalancing:ModifyListener"],
        resources=[colours.production_listener.listener_arn, colours.test_listener.listener_arn],
    )


def _ask(gate: ReleaseGate) -> iam.PolicyStatement:
    return iam.PolicyStatement(
        sid="AskTheGate", actions=["lambda:InvokeFunction"], resources=[gate.function.function_arn]
    )


def _pass_roles(task: ecs.TaskDefinition) -> iam.PolicyStatement:
    return iam.PolicyStatement(
        sid="HandRolesToTasks",
        actions=["iam:PassRole"],
        resources=[task.task_role.role_arn, task.obtain_execution_role().role_arn],
        conditions={"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}},
    )

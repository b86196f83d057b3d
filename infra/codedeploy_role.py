"""What CodeDeploy may do: move this one service, and nothing else."""

from aws_cdk import Aws
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_iam as iam
from constructs import Construct

from infra.acknowledge import acknowledge, acknowledge_own_policy
from infra.colours import Colours
from infra.release_gate import ReleaseGate
from infra.rollback_alarms import RollbackAlarms
from infra.settings import StageSettings


class CodeDeployRole(iam.Role):
    """A role narrower than AWSCodeDeployRoleForECS: one service and its alarms, listeners, hook and roles."""

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
        task_sets = f"arn:{Aws.PARTITION}:ecs:{settings.region}:{Aws.ACCOUNT_ID}:task-set/{settings.prefix}/*"
        statements = [_look(), _watch(alarms), _replace_tasks(service, task_sets)]
        statements += [_pass_roles(service.task_definition), _move_traffic(colours), _ask(gate)]
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
                "AwsSolutions-IAM5[Resource::*]": "The load balancer's describe calls know no resource.",
                (
                    f"AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:ecs:{settings.region}:<AWS::AccountId>:"
                    f"task-set/{settings.prefix}/*]"
                ): "Task sets get their names from CodeDeploy; the cluster holds this one service.",
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


def _watch(alarms: RollbackAlarms) -> iam.PolicyStatement:
    """Let it look at the alarms of its group; only composite alarms would need more."""
    return iam.PolicyStatement(sid="Watch", actions=["cloudwatch:DescribeAlarms"], resources=alarms.arns)


def _replace_tasks(service: ecs.FargateService, task_sets: str) -> iam.PolicyStatement:
    return iam.PolicyStatement(
        sid="ReplaceTasks",
        actions=[
            "ecs:CreateTaskSet",
            "ecs:DeleteTaskSet",
            "ecs:DescribeServices",
            "ecs:UpdateServicePrimaryTaskSet",
        ],
        resources=[service.service_arn, task_sets],
    )


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

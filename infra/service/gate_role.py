"""What the release gate may do: read what a release left, look at this stage's service, and answer."""

from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_iam as iam
from constructs import Construct

from infra import arns
from infra.acknowledge import acknowledge, acknowledge_checkov, acknowledge_own_policy
from infra.names import PROBES_PREFIX
from infra.retained_logs import RetainedLogs
from infra.settings import StageSettings


class GateRole(iam.Role):
    """The role of the gate's function; what it may look at depends on the engine that calls it.

    CodeDeploy tells it a deployment and takes its report. ECS tells it a service revision and takes its
    answer, and its service is named by its cluster only: a reference to the service, which itself names
    the function, would be a circle.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        settings: StageSettings,
        logs: RetainedLogs,
        service: ecs.FargateService | None,
    ) -> None:
        engine = _for_codedeploy(settings, service) if service else _for_ecs(settings)
        statements = [*_join_network(settings), logs.writing(), _read(settings), _find_image(), *engine]
        super().__init__(
            scope,
            id_,
            assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"),
            description="The release gate looks, compares and reports",
            inline_policies={"Gate": iam.PolicyDocument(statements=statements)},
        )
        acknowledge_own_policy(self)
        acknowledge_checkov(
            self,
            {
                "CKV_AWS_111": (
                    "Lambda makes network interfaces with it, as with AWSLambdaVPCAccessExecutionRole; the "
                    "function's own code may not."
                )
            },
        )
        acknowledge(
            self,
            {
                "AwsSolutions-IAM5[Resource::*]": (
                    "Lambda makes and removes the function's network interfaces with this role, as with "
                    "AWSLambdaVPCAccessExecutionRole, which grants the same actions on every resource; "
                    "describing interfaces, subnets and task definitions cannot be limited to a resource."
                ),
                f"AwsSolutions-IAM5[Resource::{arns.as_nag_says(_documents(settings))}]": (
                    "Every release has a document of its own below this one prefix."
                ),
            },
        )
        if service is None:
            reason = "ECS names its service and every revision of it; the cluster holds this one service."
            acknowledge(
                self,
                {
                    f"AwsSolutions-IAM5[Resource::{arns.as_nag_says(arn)}]": reason
                    for arn in _revisions(settings)
                },
            )


def _join_network(settings: StageSettings) -> list[iam.PolicyStatement]:
    """Let Lambda manage the function's interfaces, and the function's own code only look at them."""
    manage = [
        "ec2:AssignPrivateIpAddresses",
        "ec2:CreateNetworkInterface",
        "ec2:DeleteNetworkInterface",
        "ec2:UnassignPrivateIpAddresses",
    ]
    look = ["ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets"]
    function = arns.of_stage(settings, "lambda", f"function:{settings.gate_function}")
    return [
        iam.PolicyStatement(sid="JoinTheNetwork", actions=sorted([*manage, *look]), resources=["*"]),
        iam.PolicyStatement(
            sid="LeaveTheNetworkToLambda",
            effect=iam.Effect.DENY,
            actions=manage,
            resources=["*"],
            conditions={"ArnEquals": {"lambda:SourceFunctionArn": function}},
        ),
    ]


def _read(settings: StageSettings) -> iam.PolicyStatement:
    return iam.PolicyStatement(sid="ReadProbes", actions=["s3:GetObject"], resources=[_documents(settings)])


def _documents(settings: StageSettings) -> str:
    return f"{arns.of_bucket(settings)}/{PROBES_PREFIX}*"


def _find_image() -> iam.PolicyStatement:
    return iam.PolicyStatement(sid="FindTheImage", actions=["ecs:DescribeTaskDefinition"], resources=["*"])


def _for_codedeploy(settings: StageSettings, service: ecs.FargateService) -> list[iam.PolicyStatement]:
    group = arns.of_stage(settings, "codedeploy", f"deploymentgroup:{settings.prefix}/{settings.prefix}")
    return [
        iam.PolicyStatement(
            sid="FindTheRelease", actions=["ecs:DescribeServices"], resources=[service.service_arn]
        ),
        iam.PolicyStatement(
            sid="Report", actions=["codedeploy:PutLifecycleEventHookExecutionStatus"], resources=[group]
        ),
    ]


def _for_ecs(settings: StageSettings) -> list[iam.PolicyStatement]:
    """Let it look at a revision; IAM asks for the right to the service as well as to its revision."""
    return [
        iam.PolicyStatement(
            sid="FindTheRelease",
            actions=["ecs:DescribeServiceRevisions"],
            resources=_revisions(settings),
        )
    ]


def _revisions(settings: StageSettings) -> list[str]:
    kinds = ("service", "service-revision")
    return [arns.of_stage(settings, "ecs", f"{kind}/{settings.prefix}/*") for kind in kinds]

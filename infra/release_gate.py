"""The release gate: the hook that lets a new version pass only when its answers are right."""

from pathlib import Path
from typing import Final

from aws_cdk import AssetHashType, Aws, Duration
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from infra.acknowledge import acknowledge, acknowledge_lint, acknowledge_own_policy
from infra.directory import Directory
from infra.names import CONTAINER, PROBES_PREFIX, TEST_PORT
from infra.place import Place
from infra.retained_logs import RetainedLogs
from infra.settings import StageSettings
from service import contract

_SOURCE: Final = Path(__file__).parent / "hooks"


class ReleaseGate(Construct):
    """A Lambda function in the VPC that sends the release's probes to the test listener.

    It may read probes, look at this one service and report to this one deployment group.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        settings: StageSettings,
        place: Place,
        service: ecs.FargateService,
        directory: Directory,
    ) -> None:
        super().__init__(scope, id_)
        logs = RetainedLogs(self, "Logs", settings=settings)
        self.role = self._build_role(settings, logs, service)
        self.function = lambda_.Function(
            self,
            "Function",
            function_name=settings.gate_function,
            description="Compares the new version's answers with its package's probes",
            runtime=lambda_.Runtime.PYTHON_3_14,
            architecture=lambda_.Architecture.ARM_64,
            code=lambda_.Code.from_asset(
                str(_SOURCE), exclude=["**/__pycache__"], asset_hash_type=AssetHashType.SOURCE
            ),
            handler="gate.codedeploy.handle",
            role=self.role,
            timeout=Duration.minutes(3),
            memory_size=256,
            vpc=place.vpc,
            vpc_subnets=place.subnets,
            security_groups=[place.security_group("gate")],
            log_group=logs,
            environment={
                "CLUSTER": service.cluster.cluster_name,
                "SERVICE": service.service_name,
                "CONTAINER": CONTAINER,
                "PROBES_BUCKET": settings.data_bucket(Aws.ACCOUNT_ID),
                "PROBES_PREFIX": PROBES_PREFIX,
                **_test_address(settings, directory),
                "PREDICT_PATH": contract.PREDICT,
                "READY_PATH": contract.READY,
                "TOLERANCE": repr(settings.release.gate_tolerance),
            },
        )
        acknowledge_own_policy(self)
        acknowledge(
            self.function,
            {
                "NIST.800.53.R5-LambdaConcurrency": (
                    "Releases call it one at a time; a reservation would "
                    "take from the account's other functions."
                ),
                "NIST.800.53.R5-LambdaDLQ": (
                    "It reports its own failure to the release; there "
                    "would be nothing to do with a failed call later."
                ),
            },
        )
        acknowledge_lint(
            self.function, {"W3005": "The CDK names the role as a dependency and as a property."}
        )

    def _build_role(
        self, settings: StageSettings, logs: RetainedLogs, service: ecs.FargateService
    ) -> iam.Role:
        role = iam.Role(
            self,
            "Role",
            assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"),
            description="The release gate looks, compares and reports",
            inline_policies={"Gate": iam.PolicyDocument(statements=_statements(settings, logs, service))},
        )
        acknowledge(
            role,
            {
                "AwsSolutions-IAM5[Resource::*]": (
                    "Lambda makes and removes the function's network interfaces with this role, as with "
                    "AWSLambdaVPCAccessExecutionRole, which grants the same actions on every resource; "
                    "describing interfaces, subnets and task definitions cannot be limited to a resource."
                ),
                (
                    "AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:s3:::"
                    f"{settings.data_bucket('<AWS::AccountId>')}/{PROBES_PREFIX}*]"
                ): "Every release has probes of its own below this one prefix.",
            },
        )
        return role


def _test_address(settings: StageSettings, directory: Directory) -> dict[str, str]:
    """Return what the handler needs to find private addresses, the only ones that the firewall knows."""
    if settings.traffic.internet_facing:
        return {"LOAD_BALANCER": directory.find("traffic/load-balancer"), "TEST_PORT": str(TEST_PORT)}
    return {"TEST_ENDPOINT": f"{directory.find('traffic/host')}:{TEST_PORT}"}


def _statements(
    settings: StageSettings, logs: RetainedLogs, service: ecs.FargateService
) -> list[iam.PolicyStatement]:
    bucket = f"arn:{Aws.PARTITION}:s3:::{settings.data_bucket(Aws.ACCOUNT_ID)}"
    function = (
        f"arn:{Aws.PARTITION}:lambda:{settings.region}:{Aws.ACCOUNT_ID}:function:{settings.gate_function}"
    )
    group = (
        f"arn:{Aws.PARTITION}:codedeploy:{settings.region}:{Aws.ACCOUNT_ID}:deploymentgroup:"
        f"{settings.prefix}/{settings.prefix}"
    )
    return [
        iam.PolicyStatement(
            sid="JoinTheNetwork",
            actions=[
                "ec2:AssignPrivateIpAddresses",
                "ec2:CreateNetworkInterface",
                "ec2:DeleteNetworkInterface",
                "ec2:DescribeNetworkInterfaces",  # also used to find the load balancer's addresses
                "ec2:DescribeSubnets",
                "ec2:UnassignPrivateIpAddresses",
            ],
            resources=["*"],
        ),
        iam.PolicyStatement(
            sid="LeaveTheNetworkToLambda",  # what Lambda may do with this role, the function's code may not
            effect=iam.Effect.DENY,
            actions=[
                "ec2:AssignPrivateIpAddresses",
                "ec2:CreateNetworkInterface",
                "ec2:DeleteNetworkInterface",
                "ec2:UnassignPrivateIpAddresses",
            ],
            resources=["*"],
            conditions={"ArnEquals": {"lambda:SourceFunctionArn": function}},
        ),
        iam.PolicyStatement(
            sid="Log", actions=["logs:CreateLogStream", "logs:PutLogEvents"], resources=[logs.log_group_arn]
        ),
        iam.PolicyStatement(
            sid="ReadProbes",
            actions=["s3:GetObject"],
            resources=[f"{bucket}/{PROBES_PREFIX}*"],
        ),
        iam.PolicyStatement(
            sid="FindTheRelease", actions=["ecs:DescribeServices"], resources=[service.service_arn]
        ),
        iam.PolicyStatement(sid="FindTheImage", actions=["ecs:DescribeTaskDefinition"], resources=["*"]),
        iam.PolicyStatement(
            sid="Report", actions=["codedeploy:PutLifecycleEventHookExecutionStatus"], resources=[group]
        ),
    ]

"""The release gate: the hook that lets a new version pass only when its answers are right."""

from pathlib import Path
from typing import Final

from aws_cdk import AssetHashType, Aws, Duration
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3 as s3
from constructs import Construct

from infra.acknowledge import acknowledge, acknowledge_lint
from infra.place import Place
from infra.retained_logs import RetainedLogs
from infra.settings import PROBES_PREFIX, TEST_PORT, StageSettings
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
        test_host: str,
    ) -> None:
        super().__init__(scope, id_)
        logs = RetainedLogs(self, "Logs", settings=settings)
        probes = s3.Bucket.from_bucket_name(self, "Probes", settings.data_bucket(Aws.ACCOUNT_ID))
        self.role = self._build_role(settings, logs, probes, service)
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
                "PROBES_BUCKET": probes.bucket_name,
                "PROBES_PREFIX": PROBES_PREFIX,
                "TEST_ENDPOINT": f"{test_host}:{TEST_PORT}",
                "PREDICT_PATH": contract.PREDICT,
                "READY_PATH": contract.READY,
                "TOLERANCE": repr(settings.gate_tolerance),
            },
        )
        acknowledge_lint(
            self.function, {"W3005": "The CDK names the role as a dependency and as a property."}
        )

    def _build_role(
        self, settings: StageSettings, logs: RetainedLogs, probes: s3.IBucket, service: ecs.FargateService
    ) -> iam.Role:
        role = iam.Role(
            self,
            "Role",
            assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"),
            description="The release gate looks, compares and reports",
            inline_policies={
                "Gate": iam.PolicyDocument(statements=_statements(settings, logs, probes, service))
            },
        )
        acknowledge(
            role,
            {
                "AwsSolutions-IAM5[Resource::*]": (
                    "ecs:DescribeTaskDefinition and the network interfaces of Lambda know no resource."
                ),
                (
                    "AwsSolutions-IAM5[Resource::arn:aws:s3:::"
                    f"{settings.prefix}-data-<AWS::AccountId>-{settings.region}/{PROBES_PREFIX}*]"
                ): ("Every release has probes of its own below this one prefix."),
            },
        )
        return role


def _statements(
    settings: StageSettings, logs: RetainedLogs, probes: s3.IBucket, service: ecs.FargateService
) -> list[iam.PolicyStatement]:
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
                "ec2:DescribeNetworkInterfaces",
                "ec2:DescribeSubnets",
                "ec2:UnassignPrivateIpAddresses",
            ],
            resources=["*"],
        ),
        iam.PolicyStatement(
            sid="Log", actions=["logs:CreateLogStream", "logs:PutLogEvents"], resources=[logs.log_group_arn]
        ),
        iam.PolicyStatement(
            sid="ReadProbes",
            actions=["s3:GetObject"],
            resources=[probes.arn_for_objects(f"{PROBES_PREFIX}*")],
        ),
        iam.PolicyStatement(
            sid="FindTheRelease", actions=["ecs:DescribeServices"], resources=[service.service_arn]
        ),
        iam.PolicyStatement(sid="FindTheImage", actions=["ecs:DescribeTaskDefinition"], resources=["*"]),
        iam.PolicyStatement(
            sid="Report", actions=["codedeploy:PutLifecycleEventHookExecutionStatus"], resources=[group]
        ),
    ]

"""What must outlive everything else of a stage: its data, and the memory of which colour is live."""

from aws_cdk import Aws, Duration, Environment, RemovalPolicy, Stack
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_ssm as ssm
from constructs import Construct

from infra.log_bucket import LogBucket
from infra.settings import StageSettings


class DataStack(Stack):
    """A bucket for packages, probes and training data, and the live colour; both are retained."""

    def __init__(self, scope: Construct, *, settings: StageSettings, env: Environment) -> None:
        super().__init__(scope, settings.stack_name("Data"), env=env, tags=settings.tags)
        self.bucket = self._build_bucket(settings)
        self.live_colour = self._build_live_colour(settings)

    def _build_bucket(self, settings: StageSettings) -> s3.Bucket:
        return s3.Bucket(
            self,
            "Bucket",
            bucket_name=settings.data_bucket(Aws.ACCOUNT_ID),
            encryption=s3.BucketEncryption.S3_MANAGED,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            enforce_ssl=True,
            versioned=True,
            server_access_logs_bucket=LogBucket(self, "Logs", settings=settings, what="data"),
            removal_policy=RemovalPolicy.RETAIN,
            lifecycle_rules=[s3.LifecycleRule(abort_incomplete_multipart_upload_after=Duration.days(7))],
        )

    def _build_live_colour(self, settings: StageSettings) -> ssm.StringParameter:
        """Build the parameter with its first value; from then on every release writes it.

        CloudFormation writes the value again only when this template changes it, so it never does.
        """
        parameter = ssm.StringParameter(
            self,
            "LiveColour",
            parameter_name=settings.live_colour_parameter,
            description="The colour that takes production traffic; written by releases",
            allowed_pattern="^(blue|green)$",
            string_value="blue",
        )
        parameter.apply_removal_policy(RemovalPolicy.RETAIN)
        return parameter

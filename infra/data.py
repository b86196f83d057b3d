"""What must outlive everything else of a stage: its data."""

from aws_cdk import Aws, Duration, Environment, RemovalPolicy, Stack
from aws_cdk import aws_s3 as s3
from constructs import Construct

from infra.acknowledge import acknowledge
from infra.log_bucket import LogBucket
from infra.settings import StageSettings


class DataStack(Stack):
    """A bucket for packages, probes and training data, retained, and the log of who used it."""

    def __init__(self, scope: Construct, *, settings: StageSettings, env: Environment) -> None:
        super().__init__(scope, settings.stack_name("Data"), env=env, tags=settings.tags)
        self.bucket = self._build_bucket(settings)

    def _build_bucket(self, settings: StageSettings) -> s3.Bucket:
        bucket = s3.Bucket(
            self,
            "Bucket",
            bucket_name=settings.data_bucket(Aws.ACCOUNT_ID),
            encryption=s3.BucketEncryption.S3_MANAGED,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            enforce_ssl=True,
            versioned=True,
            server_access_logs_bucket=LogBucket(self, "Logs", settings=settings, what="data"),
            removal_policy=RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
            lifecycle_rules=[s3.LifecycleRule(abort_incomplete_multipart_upload_after=Duration.days(7))],
        )
        acknowledge(
            bucket,
            {
                "NIST.800.53.R5-S3BucketReplicationEnabled": (
                    "Versions protect against mistakes; what it holds "
                    "can be made anew from the plant's records."
                ),
                "NIST.800.53.R5-S3DefaultEncryptionKMS": "S3 encrypts it with its own key: see decision 9.",
            },
        )
        return bucket

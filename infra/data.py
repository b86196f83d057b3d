"""What must outlive everything else of a stage: its data."""

from typing import Final

from aws_cdk import Aws, Duration, Environment, RemovalPolicy, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from constructs import Construct

from infra.acknowledge import acknowledge
from infra.log_bucket import LogBucket
from infra.names import MODELS_PREFIX, RECORDS_PREFIX
from infra.settings import StageSettings
from infra.traffic_logs import TrafficLogs

_ENCRYPTION: Final = "s3:x-amz-server-side-encryption"
"""How a request wants an object encrypted; most do not say, and get the bucket's own key."""
_CUSTOMER_KEY: Final = f"{_ENCRYPTION}-customer-algorithm"
"""Said by a request that brings a key of its own, without which nobody can read the object again."""


class DataStack(Stack):
    """A bucket for packages, probes, records of releases and training data, and the logs of who used what."""

    def __init__(self, scope: Construct, *, settings: StageSettings, env: Environment) -> None:
        super().__init__(
            scope,
            settings.stack_name("Data"),
            env=env,
            tags=settings.tags,
            termination_protection=settings.protected,
        )
        self.bucket = self._build_bucket(settings)
        TrafficLogs(self, "TrafficLogs", settings=settings)

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
            lifecycle_rules=_lifecycle(),
        )
        for statement in _refusals(bucket):
            bucket.add_to_resource_policy(statement)
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


def _lifecycle() -> list[s3.LifecycleRule]:
    """Return the rules by which versions are forgotten: replaced models and records after a year.

    The newest replaced version stays for good, so that whatever was deleted by mistake can be had back. No
    rule forgets a current version, or anything below `releases/`.
    """
    return [
        s3.LifecycleRule(abort_incomplete_multipart_upload_after=Duration.days(7)),
        *(
            s3.LifecycleRule(
                prefix=prefix,
                noncurrent_version_expiration=Duration.days(365),
                noncurrent_versions_to_retain=1,
            )
            for prefix in (MODELS_PREFIX, RECORDS_PREFIX)
        ),
    ]


def _refusals(bucket: s3.IBucket) -> list[iam.PolicyStatement]:
    """Return what nobody may do: lock the stage out of its own data with a key that it does not have.

    Whoever can write could otherwise replace every object by one that only they can read.
    """
    foreign_key = {"Null": {_ENCRYPTION: "false"}, "StringNotEquals": {_ENCRYPTION: "AES256"}}
    brought_along = {"Null": {_CUSTOMER_KEY: "false"}}
    return [
        iam.PolicyStatement(
            sid=sid,
            effect=iam.Effect.DENY,
            principals=[iam.AnyPrincipal()],
            actions=["s3:PutObject"],
            resources=[bucket.arn_for_objects("*")],
            conditions=conditions,
        )
        for sid, conditions in {"ForeignKey": foreign_key, "KeyBroughtAlong": brought_along}.items()
    ]

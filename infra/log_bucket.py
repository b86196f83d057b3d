"""Buckets for access logs."""

from typing import Final

from aws_cdk import Aws, Duration, RemovalPolicy
from aws_cdk import aws_s3 as s3
from constructs import Construct

from infra.acknowledge import acknowledge, acknowledge_checkov
from infra.settings import StageSettings

ENDLESS: Final = "It holds access logs; logging the access to them never ends."
"""Why the access to such a bucket is not logged."""


class LogBucket(s3.Bucket):
    """A private bucket that AWS services write logs to, and that forgets them in time.

    Encrypted with S3's own key: the load balancer and S3 can write to no other.
    """

    def __init__(self, scope: Construct, id_: str, *, settings: StageSettings, what: str) -> None:
        super().__init__(
            scope,
            id_,
            bucket_name=settings.log_bucket(what, Aws.ACCOUNT_ID),
            encryption=s3.BucketEncryption.S3_MANAGED,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            enforce_ssl=True,
            versioned=True,
            removal_policy=RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
            lifecycle_rules=[
                s3.LifecycleRule(
                    expiration=Duration.days(settings.operations.access_log_retention),
                    noncurrent_version_expiration=Duration.days(1),
                    abort_incomplete_multipart_upload_after=Duration.days(1),
                )
            ],
        )
        acknowledge(
            self,
            {
                "NIST.800.53.R5-S3BucketReplicationEnabled": (
                    "Access logs are forgotten in time, not kept twice."
                ),
                "NIST.800.53.R5-S3DefaultEncryptionKMS": "Those who write logs can use S3's own key only.",
            },
        )
        acknowledge_checkov(self, {"CKV_AWS_18": ENDLESS})

"""The bucket for what the load balancer saw: the Data stack keeps it, the Traffic stack knows it by name."""

from typing import Final

from aws_cdk import Aws
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from aws_cdk.region_info import RegionInfo
from constructs import Construct

from infra.acknowledge import acknowledge
from infra.log_bucket import ENDLESS, LogBucket
from infra.settings import StageSettings

REQUESTS: Final = "load-balancer"
"""Below this, one line for every request."""
CONNECTIONS: Final = "connections"
"""Below this, one line for every TLS connection, or attempt at one."""
_WHAT: Final = "traffic"


class TrafficLogs(LogBucket):
    """Every request that the load balancer saw and, over HTTPS, every connection.

    It does not stand beside the load balancer: Elastic Load Balancing leaves a file in it as soon as it is
    told of it, and CloudFormation cannot take a bucket back that holds one. A first deployment that failed
    would get stuck on it. Both prefixes may always be written to, so that this stack never takes away what a
    load balancer that is being rolled back still needs.
    """

    def __init__(self, scope: Construct, id_: str, *, settings: StageSettings) -> None:
        super().__init__(scope, id_, settings=settings, what=_WHAT)
        for statement in _deliveries(self, settings.region):
            self.add_to_resource_policy(statement)
        acknowledge(self, {"AwsSolutions-S1": ENDLESS, "NIST.800.53.R5-S3BucketLoggingEnabled": ENDLESS})


def traffic_logs(scope: Construct, *, settings: StageSettings) -> s3.IBucket:
    """Return the bucket by its name, for a load balancer of another stack of the stage."""
    return s3.Bucket.from_bucket_name(scope, "Logs", settings.log_bucket(_WHAT, Aws.ACCOUNT_ID))


def _deliveries(bucket: s3.IBucket, region: str) -> list[iam.PolicyStatement]:
    """Return what the CDK says of a bucket in a load balancer's own stack: who may leave logs in it.

    In regions older than August 2022 an account of AWS's own writes them, elsewhere a service (Elastic Load
    Balancing user guide, "Enable access logs"); both may everywhere ask for the object to be ours.
    """
    owner = RegionInfo.get(region).elbv2_account
    writer = (
        iam.AccountPrincipal(owner)
        if owner
        else iam.ServicePrincipal("logdelivery.elasticloadbalancing.amazonaws.com")
    )
    delivery = iam.ServicePrincipal("delivery.logs.amazonaws.com")
    objects = [
        bucket.arn_for_objects(f"{prefix}/AWSLogs/{Aws.ACCOUNT_ID}/*") for prefix in (CONNECTIONS, REQUESTS)
    ]
    return [
        iam.PolicyStatement(principals=[writer], actions=["s3:PutObject"], resources=objects),
        iam.PolicyStatement(
            principals=[delivery],
            actions=["s3:PutObject"],
            resources=objects,
            conditions={"StringEquals": {"s3:x-amz-acl": "bucket-owner-full-control"}},
        ),
        iam.PolicyStatement(
            principals=[delivery], actions=["s3:GetBucketAcl"], resources=[bucket.bucket_arn]
        ),
    ]

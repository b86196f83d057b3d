"""The bucket for what the load balancer saw."""

from pathlib import Path
from typing import Any

import pytest

from infra.config import STAGES
from tests.infra.assembly import Assembly
from tests.infra.shaped import GIVEN, NATIVE, PUBLIC, Changes, Shaped
from tests.infra.variants import changed

pytestmark = pytest.mark.slow

Rights = set[tuple[str, ...]]


def rights(statements: list[dict[str, Any]], arn: Any) -> Rights:  # noqa: ANN401 - as a template writes it
    """Return who may do what to which part of a bucket, and when, one by one."""
    found: Rights = set()
    for statement in statements:
        resources = statement["Resource"]
        for resource in resources if isinstance(resources, list) else [resources]:
            part = str(resource).replace(str(arn), "<bucket>")
            found.add(
                (statement["Effect"], str(statement["Principal"]), statement["Action"], part)
                + ((str(statement["Condition"]),) if "Condition" in statement else ())
            )
    return found


@pytest.mark.parametrize(
    "region", ["eu-central-1", "us-east-1", "ap-south-2", "us-gov-west-1", "cn-north-1", "eusc-de-east-1"]
)
def test_load_balancers_may_write_what_the_cdk_lets_them(tmp_path: Path, region: str) -> None:
    """In regions old and new: what it would say of a bucket in the load balancer's own stack, and no more."""
    from aws_cdk import App, Environment, Stack  # noqa: PLC0415 - starts Node
    from aws_cdk import aws_ec2 as ec2  # noqa: PLC0415
    from aws_cdk import aws_elasticloadbalancingv2 as elb  # noqa: PLC0415
    from aws_cdk import aws_s3 as s3  # noqa: PLC0415
    from aws_cdk.assertions import Template  # noqa: PLC0415

    from infra.traffic_logs import TrafficLogs  # noqa: PLC0415

    app, settings = App(outdir=str(tmp_path)), changed(STAGES["staging"], {"region": region})
    ours = Stack(app, "Ours", env=Environment(region=region))
    TrafficLogs(ours, "Logs", settings=settings)
    theirs = Stack(app, "Theirs", env=Environment(region=region))
    bucket = s3.Bucket(theirs, "Logs", enforce_ssl=True)
    balancer = elb.ApplicationLoadBalancer(theirs, "Balancer", vpc=ec2.Vpc(theirs, "Vpc"))
    balancer.log_access_logs(bucket, "load-balancer")
    balancer.log_connection_logs(bucket, "connections")
    found = []
    for stack in (ours, theirs):
        (policy,) = Template.from_stack(stack).find_resources("AWS::S3::BucketPolicy").values()
        statements = policy["Properties"]["PolicyDocument"]["Statement"]
        arn = next(one["Resource"] for one in statements if one["Action"] == "s3:GetBucketAcl")
        found.append(rights(statements, arn))
    assert found[0] == found[1]
    assert len(found[0]) == 7


@pytest.mark.parametrize(
    ("stage", "changes"),
    [("dev", {}), ("production", {**GIVEN}), ("staging", {**PUBLIC, **NATIVE})],
    ids=["dev", "production-https", "native-public"],
)
def test_nothing_of_the_traffic_stack_outlives_it(shaped: Shaped, stage: str, changes: Changes) -> None:
    """A first deployment that fails leaves nothing that AWS has written into, and can be tried again."""
    resources: dict[str, dict[str, Any]] = shaped(stage, changes).template("Traffic")["Resources"]
    kept = {name for name, one in resources.items() if one.get("DeletionPolicy", "Delete") != "Delete"}
    assert kept == set()
    assert not any(one["Type"] == "AWS::S3::Bucket" for one in resources.values())


def test_the_load_balancer_names_the_bucket_of_the_data_stack(assembly: Assembly) -> None:
    """By the same name on both sides, with no export between them."""
    name = f"switchyard-{assembly.stage}-traffic-logs-<AWS::AccountId>-eu-central-1"
    assert assembly.resources("Data", "AWS::S3::Bucket")["TrafficLogs"]["Properties"]["BucketName"] == name
    balancer = assembly.only("Traffic", "AWS::ElasticLoadBalancingV2::LoadBalancer")["Properties"]
    said = {one["Key"]: one["Value"] for one in balancer["LoadBalancerAttributes"]}
    assert said["access_logs.s3.bucket"] == name

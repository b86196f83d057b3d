"""What outlives everything else: images and data."""

import json
from typing import Any

import pytest

from infra.config import STAGES
from tests.infra.assembly import Assembly

pytestmark = pytest.mark.slow

RETAINED = {"UpdateReplacePolicy": "Retain", "DeletionPolicy": "RetainExceptOnCreate"}
"""Kept when the stack goes, but not in the way of a second try when its first deploy failed."""

_BALANCER = "<Logs.Arn>/load-balancer/AWSLogs/<AWS::AccountId>/*"

WRITERS: dict[tuple[str, str], list[dict[str, Any]]] = {
    ("Data", "Bucket"): [],
    ("Data", "Logs"): [
        {
            "Effect": "Allow",
            "Principal": {"Service": "logging.s3.amazonaws.com"},
            "Action": "s3:PutObject",
            "Resource": "<Logs.Arn>/*",
            "Condition": {
                "ArnLike": {"aws:SourceArn": "<Bucket.Arn>"},
                "StringEquals": {"aws:SourceAccount": "<AWS::AccountId>"},
            },
        }
    ],
    ("Traffic", "Logs"): [
        {
            "Effect": "Allow",
            "Principal": {"AWS": "arn:aws:iam::054676820928:root"},
            "Action": "s3:PutObject",
            "Resource": _BALANCER,
        },
        {
            "Effect": "Allow",
            "Principal": {"Service": "delivery.logs.amazonaws.com"},
            "Action": "s3:PutObject",
            "Resource": _BALANCER,
            "Condition": {"StringEquals": {"s3:x-amz-acl": "bucket-owner-full-control"}},
        },
        {
            "Effect": "Allow",
            "Principal": {"Service": "delivery.logs.amazonaws.com"},
            "Action": "s3:GetBucketAcl",
            "Resource": "<Logs.Arn>",
        },
    ],
}
"""Who may write to each bucket; 054676820928 is the load balancers' own account in eu-central-1."""


def test_registry_cannot_lose_a_released_image(dev: Assembly) -> None:
    """Tags cannot be moved, and a `release-` tag keeps an image from the rules that expire others.

    ECR expires no image by a rule when a rule before it matches the image, so the order matters.
    """
    repository = dev.only("Registry", "AWS::ECR::Repository")
    properties = repository["Properties"]
    rules = json.loads(properties.pop("LifecyclePolicy")["LifecyclePolicyText"])["rules"]
    assert repository == {
        "Type": "AWS::ECR::Repository",
        "Properties": {
            "RepositoryName": "switchyard",
            "ImageTagMutability": "IMMUTABLE",
            "ImageScanningConfiguration": {"ScanOnPush": True},
        },
        **RETAINED,
    }
    assert [(rule["rulePriority"], rule["selection"]) for rule in rules] == [
        (
            1,
            {
                "tagStatus": "tagged",
                "tagPrefixList": ["release-"],
                "countType": "imageCountMoreThan",
                "countNumber": 9999,
            },
        ),
        (
            2,
            {
                "tagStatus": "tagged",
                "tagPrefixList": ["pr-"],
                "countType": "sinceImagePushed",
                "countNumber": 14,
                "countUnit": "days",
            },
        ),
        (
            3,
            {
                "tagStatus": "untagged",
                "countType": "sinceImagePushed",
                "countNumber": 7,
                "countUnit": "days",
            },
        ),
    ]


@pytest.mark.parametrize(("part", "bucket"), [("Data", "Bucket"), ("Data", "Logs"), ("Traffic", "Logs")])
def test_buckets_are_private_encrypted_versioned_and_retained(
    assembly: Assembly, part: str, bucket: str
) -> None:
    """No bucket can be read by the public, over plain HTTP, or lost with its stack."""
    resource = assembly.resources(part, "AWS::S3::Bucket")[bucket]
    properties = resource["Properties"]
    assert {key: resource[key] for key in RETAINED} == RETAINED
    assert properties["PublicAccessBlockConfiguration"] == dict.fromkeys(
        ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"), True
    )
    assert properties["BucketEncryption"] == {
        "ServerSideEncryptionConfiguration": [{"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]
    }
    assert properties["VersioningConfiguration"] == {"Status": "Enabled"}
    assert properties["OwnershipControls"] == {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}


@pytest.mark.parametrize(("part", "bucket"), [("Data", "Bucket"), ("Data", "Logs"), ("Traffic", "Logs")])
def test_buckets_let_in_whom_they_must(assembly: Assembly, part: str, bucket: str) -> None:
    """The services that write logs may write them, and nobody may do anything over plain HTTP."""
    policy = assembly.resources(part, "AWS::S3::BucketPolicy")[f"{bucket}Policy"]["Properties"]
    assert policy["Bucket"] == f"<{bucket}>"
    refusal, *allowed = policy["PolicyDocument"]["Statement"]
    assert refusal == {
        "Effect": "Deny",
        "Principal": {"AWS": "*"},
        "Action": "s3:*",
        "Resource": [f"<{bucket}.Arn>", f"<{bucket}.Arn>/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    assert allowed == WRITERS[part, bucket]


def test_access_logs_are_forgotten_in_time(assembly: Assembly) -> None:
    """After as many days as the settings say, not before and not never."""
    for part in ("Data", "Traffic"):
        logs = assembly.resources(part, "AWS::S3::Bucket")["Logs"]["Properties"]
        assert logs["LifecycleConfiguration"] == {
            "Rules": [
                {
                    "Status": "Enabled",
                    "ExpirationInDays": STAGES[assembly.stage].operations.access_log_retention,
                    "NoncurrentVersionExpiration": {"NoncurrentDays": 1},
                    "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1},
                }
            ]
        }


def test_data_is_never_forgotten(dev: Assembly) -> None:
    """Only uploads that were broken off are tidied away."""
    bucket = dev.resources("Data", "AWS::S3::Bucket")["Bucket"]["Properties"]
    assert bucket["LifecycleConfiguration"] == {
        "Rules": [{"Status": "Enabled", "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7}}]
    }


def test_every_log_group_keeps_what_the_stage_says(assembly: Assembly) -> None:
    """Logs of tasks, gate and refused connections outlive their stack, for the stage's retention."""
    parts = {"Network": ["Refusals"], "Service": ["ReleaseGateLogs", "TaskLogs"]}
    for part, names in parts.items():
        groups = assembly.resources(part, "AWS::Logs::LogGroup")
        assert sorted(groups) == names
        for group in groups.values():
            assert group == {
                "Type": "AWS::Logs::LogGroup",
                "Properties": {"RetentionInDays": STAGES[assembly.stage].operations.log_retention},
                "DeletionPolicy": "Retain",
                "UpdateReplacePolicy": "Retain",
            }


def test_what_is_kept_and_has_a_name_is_not_in_the_way(assembly: Assembly) -> None:
    """A failed first deploy leaves nothing behind whose name the next one needs."""
    kept = {
        (resource["Type"], resource["DeletionPolicy"])
        for text in assembly.texts().values()
        for resource in json.loads(text)["Resources"].values()
        if "DeletionPolicy" in resource
    }
    assert kept == {
        ("AWS::ECR::Repository", "RetainExceptOnCreate"),
        ("AWS::S3::Bucket", "RetainExceptOnCreate"),
        ("AWS::SSM::Parameter", "RetainExceptOnCreate"),
        ("AWS::ECS::TaskDefinition", "Retain"),
        ("AWS::Logs::LogGroup", "Retain"),
    }


def test_access_to_data_is_logged(dev: Assembly) -> None:
    """Who read or wrote the stage's data can be looked up."""
    bucket = dev.resources("Data", "AWS::S3::Bucket")["Bucket"]["Properties"]
    assert bucket["LoggingConfiguration"] == {"DestinationBucketName": "<Logs>"}

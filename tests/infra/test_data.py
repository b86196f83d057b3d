"""What outlives everything else: the data."""

import json
from typing import Any

import pytest

from infra.config import STAGES
from tests.infra.access.iam import Request, allows
from tests.infra.assembly import Assembly

pytestmark = pytest.mark.slow

RETAINED = {"UpdateReplacePolicy": "Retain", "DeletionPolicy": "RetainExceptOnCreate"}
"""Kept when the stack goes, but not in the way of a second try when its first deploy failed."""

_DELIVERED = [
    f"<TrafficLogs.Arn>/{prefix}/AWSLogs/<AWS::AccountId>/*" for prefix in ("connections", "load-balancer")
]

_PUT = {"Principal": {"AWS": "*"}, "Action": "s3:PutObject", "Resource": "<Bucket.Arn>/*"}

WRITERS: dict[str, list[dict[str, Any]]] = {
    "Bucket": [
        {
            "Sid": "ForeignKey",
            "Effect": "Deny",
            **_PUT,
            "Condition": {
                "Null": {"s3:x-amz-server-side-encryption": "false"},
                "StringNotEquals": {"s3:x-amz-server-side-encryption": "AES256"},
            },
        },
        {
            "Sid": "KeyBroughtAlong",
            "Effect": "Deny",
            **_PUT,
            "Condition": {"Null": {"s3:x-amz-server-side-encryption-customer-algorithm": "false"}},
        },
    ],
    "Logs": [
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
    "TrafficLogs": [
        {
            "Effect": "Allow",
            "Principal": {"AWS": "arn:aws:iam::054676820928:root"},
            "Action": "s3:PutObject",
            "Resource": _DELIVERED,
        },
        {
            "Effect": "Allow",
            "Principal": {"Service": "delivery.logs.amazonaws.com"},
            "Action": "s3:PutObject",
            "Resource": _DELIVERED,
            "Condition": {"StringEquals": {"s3:x-amz-acl": "bucket-owner-full-control"}},
        },
        {
            "Effect": "Allow",
            "Principal": {"Service": "delivery.logs.amazonaws.com"},
            "Action": "s3:GetBucketAcl",
            "Resource": "<TrafficLogs.Arn>",
        },
    ],
}
"""Who may write to each bucket, and how not; 054676820928 is the load balancers' account in eu-central-1."""


@pytest.mark.parametrize("bucket", WRITERS)
def test_buckets_are_private_encrypted_versioned_and_retained(assembly: Assembly, bucket: str) -> None:
    """No bucket can be read by the public, over plain HTTP, or lost with its stack."""
    resource = assembly.resources("Data", "AWS::S3::Bucket")[bucket]
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


@pytest.mark.parametrize("bucket", WRITERS)
def test_buckets_let_in_whom_they_must(assembly: Assembly, bucket: str) -> None:
    """The services that write logs may write them, and nobody may do anything over plain HTTP."""
    policy = assembly.resources("Data", "AWS::S3::BucketPolicy")[f"{bucket}Policy"]["Properties"]
    assert policy["Bucket"] == f"<{bucket}>"
    refusal, *allowed = policy["PolicyDocument"]["Statement"]
    assert refusal == {
        "Effect": "Deny",
        "Principal": {"AWS": "*"},
        "Action": "s3:*",
        "Resource": [f"<{bucket}.Arn>", f"<{bucket}.Arn>/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    assert allowed == WRITERS[bucket]


def test_access_logs_are_forgotten_in_time(assembly: Assembly) -> None:
    """After as many days as the settings say, not before and not never."""
    for name in ("Logs", "TrafficLogs"):
        logs = assembly.resources("Data", "AWS::S3::Bucket")[name]["Properties"]
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
    """Broken uploads go after a week, replaced models and records after a year, but for the newest of them.

    Nothing current goes, and of `releases/` nothing at all.
    """
    bucket = dev.resources("Data", "AWS::S3::Bucket")["Bucket"]["Properties"]
    replaced = {
        "Status": "Enabled",
        "NoncurrentVersionExpiration": {"NoncurrentDays": 365, "NewerNoncurrentVersions": 1},
    }
    assert bucket["LifecycleConfiguration"] == {
        "Rules": [
            {"Status": "Enabled", "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7}},
            {"Prefix": "models/", **replaced},
            {"Prefix": "records/", **replaced},
        ]
    }


def test_every_log_group_keeps_what_the_stage_says(assembly: Assembly) -> None:
    """Logs are kept for the stage's retention, and outlive their stack unless AWS prescribes their name."""
    for part in ("Network", "Traffic", "Service", "Operations"):
        for name, group in assembly.resources(part, "AWS::Logs::LogGroup").items():
            kept = "Delete" if "LogGroupName" in group["Properties"] else "Retain"
            days = group["Properties"]["RetentionInDays"]
            assert (name, days) == (name, STAGES[assembly.stage].operations.log_retention)
            assert (name, group["DeletionPolicy"], group["UpdateReplacePolicy"]) == (name, kept, kept)
    gate = assembly.resources("Service", "AWS::Logs::LogGroup")["ReleaseGateLogs"]
    assert set(gate["Properties"]) == {"RetentionInDays"}


def test_what_is_kept_and_has_a_name_is_not_in_the_way(assembly: Assembly) -> None:
    """A failed first deploy leaves nothing behind whose name the next one needs."""
    kept = {
        (resource["Type"], resource["DeletionPolicy"])
        for text in assembly.texts().values()
        for resource in json.loads(text)["Resources"].values()
        if resource.get("DeletionPolicy", "Delete") != "Delete"
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


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ({}, True),
        ({"": "AES256"}, True),
        ({"": "aws:kms"}, False),
        ({"": "aws:kms:dsse", "-aws-kms-key-id": "arn:aws:kms:eu-central-1:999999999999:key/1"}, False),
        ({"-customer-algorithm": "AES256"}, False),
    ],
)
def test_nobody_locks_the_stage_out_of_its_data(dev: Assembly, said: dict[str, str], written: bool) -> None:  # noqa: FBT001
    """Objects are encrypted by S3's own key, said or unsaid; a key from elsewhere is refused to everybody."""
    policy = dev.resources("Data", "AWS::S3::BucketPolicy")["BucketPolicy"]["Properties"]["PolicyDocument"]
    context = {f"s3:x-amz-server-side-encryption{key}": value for key, value in said.items()}
    request = Request("s3:PutObject", "<Bucket.Arn>/models/a", {"aws:SecureTransport": "true", **context})
    everything = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    assert allows([everything, *policy["Statement"]], request) is written

"""What outlives everything else: images and data."""

import json

import pytest

from tests.infra.assembly import Assembly

pytestmark = pytest.mark.slow

RETAINED = {"UpdateReplacePolicy": "Retain", "DeletionPolicy": "Retain"}


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
    policy = assembly.resources(part, "AWS::S3::BucketPolicy")[f"{bucket}Policy"]["Properties"]
    assert policy["PolicyDocument"]["Statement"][0] == {
        "Effect": "Deny",
        "Principal": {"AWS": "*"},
        "Action": "s3:*",
        "Resource": [f"<{bucket}.Arn>", f"<{bucket}.Arn>/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }


def test_access_to_data_is_logged(dev: Assembly) -> None:
    """Who read or wrote the stage's data can be looked up."""
    bucket = dev.resources("Data", "AWS::S3::Bucket")["Bucket"]["Properties"]
    assert bucket["LoggingConfiguration"] == {"DestinationBucketName": "<Logs>"}

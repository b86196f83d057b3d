"""Where images live: nobody loses one that was released, and each may do what its duty is."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from infra.config import STAGES
from infra.settings import RegistrySettings
from tests.infra.assembly import Assembly, synthesised
from tests.infra.registry.ecr_lifecycle import Image, expired
from tests.infra.variants import changed

pytestmark = pytest.mark.slow

GITHUB = RegistrySettings(github="octo/plant", account="111111111111", signing=True)
PRODUCTION = changed(STAGES["production"], {"account": "333333333333"})
REPOSITORY = "<Repository.Arn>"
PROFILE = "arn:<AWS::Partition>:signer:<AWS::Region>:<AWS::AccountId>:/signing-profiles/switchyard"


@pytest.fixture(scope="module")
def with_github(tmp_path_factory: pytest.TempPathFactory) -> Assembly:
    """Return a registry with a repository of GitHub's, signing, and production in another account."""
    return synthesised(PRODUCTION, tmp_path_factory.mktemp("github"), image=None, registry=GITHUB)


def rules(assembly: Assembly) -> list[dict[str, Any]]:
    """Return the repository's lifecycle rules."""
    text = assembly.only("Registry", "AWS::ECR::Repository")["Properties"]["LifecyclePolicy"]
    found: list[dict[str, Any]] = json.loads(text["LifecyclePolicyText"])["rules"]
    return found


def test_the_repository_is_frozen(dev: Assembly) -> None:
    """Tags cannot be moved, every image is scanned, and nothing of it goes with the stack."""
    repository = dev.only("Registry", "AWS::ECR::Repository")
    repository["Properties"].pop("LifecyclePolicy")
    assert set(repository.pop("Metadata")) == {"checkov"}
    assert repository == {
        "Type": "AWS::ECR::Repository",
        "Properties": {
            "RepositoryName": "switchyard",
            "ImageTagMutability": "IMMUTABLE",
            "ImageScanningConfiguration": {"ScanOnPush": True},
        },
        "UpdateReplacePolicy": "Retain",
        "DeletionPolicy": "RetainExceptOnCreate",
    }


def test_images_are_forgotten_by_three_rules(dev: Assembly) -> None:
    """Released ones never, those of pull requests after two weeks, those without a tag after one."""
    assert [(rule["rulePriority"], rule["selection"]) for rule in rules(dev)] == [
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


def images() -> st.SearchStrategy[list[Image]]:
    """Return repositories of images with any mixture of tags that mean something and tags that do not."""
    tag = st.builds(
        "{}{}".format, st.sampled_from(["release-", "pr-", "main-", "release", "v", "PR-"]), st.integers(0, 9)
    )
    names = st.sampled_from([f"sha256:{number}" for number in range(12)])
    image = st.builds(
        Image,
        digest=names,
        tags=st.frozensets(tag, max_size=4),
        age=st.floats(0, 4000),
        refers_to=st.frozensets(names, max_size=2),
    )
    return st.lists(image, unique_by=lambda one: one.digest, max_size=12)


@pytest.fixture(scope="module")
def lifecycle(dev: Assembly) -> list[dict[str, Any]]:
    """Return the rules, read once."""
    return rules(dev)


@given(stock=images())
@settings(max_examples=1000, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_rule_expires_a_released_image(lifecycle: list[dict[str, Any]], stock: list[Image]) -> None:
    """Whatever other tags it has, however old it is, and with all that it consists of."""
    released = [one for one in stock if any(tag.startswith("release-") for tag in one.tags)]
    parts = {part for one in released for part in one.refers_to}
    assert expired(stock, lifecycle).isdisjoint({one.digest for one in released} | parts)


def test_the_order_of_the_rules_is_what_keeps_released_images(dev: Assembly) -> None:
    """A pull request's image that was released stays; with the first two rules swapped it would go."""
    stock = [Image("released", frozenset({"pr-7", "release-1"}), 15), Image("stale", frozenset({"pr-8"}), 15)]
    first, second, third = rules(dev)
    swapped = [{**first, "rulePriority": 2}, {**second, "rulePriority": 1}, third]
    assert expired(stock, [first, second, third]) == {"stale"}
    assert expired(stock, swapped) == {"released", "stale"}


def test_without_a_repository_of_githubs_there_are_no_roles(dev: Assembly) -> None:
    """The registry then has the repository and nothing else, and a stage has no Access stack."""
    kinds = {resource["Type"] for resource in dev.template("Registry")["Resources"].values()}
    assert kinds == {"AWS::ECR::Repository"}
    assert not (dev.folder / "Switchyard-dev-Access.template.json").exists()
    assert "RepositoryPolicyText" not in dev.only("Registry", "AWS::ECR::Repository")["Properties"]


def test_github_is_known_by_its_issuer(with_github: Assembly) -> None:
    """The provider is CloudFormation's own, names one audience and no thumbprint, and outlives the stack."""
    assert with_github.only("Registry", "AWS::IAM::OIDCProvider") == {
        "Type": "AWS::IAM::OIDCProvider",
        "Properties": {
            "Url": "https://token.actions.githubusercontent.com",
            "ClientIdList": ["sts.amazonaws.com"],
        },
        "UpdateReplacePolicy": "Retain",
        "DeletionPolicy": "RetainExceptOnCreate",
    }


def test_the_push_role_is_frozen(with_github: Assembly) -> None:
    """Jobs of one environment of one repository may push to one repository for an hour, and sign."""
    issuer = "token.actions.githubusercontent.com"
    role = with_github.only("Registry", "AWS::IAM::Role")
    assert [str(name)[:-8] for name in role.pop("DependsOn")] == ["Github"]
    assert role == {
        "Type": "AWS::IAM::Role",
        "Properties": {
            "RoleName": "switchyard-push",
            "Description": "The workflow that builds images pushes them",
            "MaxSessionDuration": 3600,
            "AssumeRolePolicyDocument": {
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Effect": "Allow",
                        "Principal": {
                            "Federated": f"arn:<AWS::Partition>:iam::<AWS::AccountId>:oidc-provider/{issuer}"
                        },
                        "Action": "sts:AssumeRoleWithWebIdentity",
                        "Condition": {
                            "StringEquals": {
                                f"{issuer}:aud": "sts.amazonaws.com",
                                f"{issuer}:sub": "repo:octo/plant:environment:registry",
                            }
                        },
                    }
                ],
            },
            "Policies": [
                {
                    "PolicyName": "Push",
                    "PolicyDocument": {
                        "Version": "2012-10-17",
                        "Statement": [
                            {
                                "Sid": "LogIn",
                                "Effect": "Allow",
                                "Action": "ecr:GetAuthorizationToken",
                                "Resource": "*",
                            },
                            {
                                "Sid": "Push",
                                "Effect": "Allow",
                                "Action": [
                                    "ecr:BatchCheckLayerAvailability",
                                    "ecr:BatchGetImage",
                                    "ecr:CompleteLayerUpload",
                                    "ecr:InitiateLayerUpload",
                                    "ecr:PutImage",
                                    "ecr:UploadLayerPart",
                                ],
                                "Resource": REPOSITORY,
                            },
                            {
                                "Sid": "Look",
                                "Effect": "Allow",
                                "Action": ["ecr:DescribeImageScanFindings", "ecr:DescribeImages"],
                                "Resource": REPOSITORY,
                            },
                            {
                                "Sid": "Sign",
                                "Effect": "Allow",
                                "Action": "signer:SignPayload",
                                "Resource": PROFILE,
                            },
                        ],
                    },
                }
            ],
        },
    }


def test_pushed_images_are_signed(with_github: Assembly) -> None:
    """By a key that outlives the stack; and what has no tag, as a signature has none, is kept."""
    profile = with_github.only("Registry", "AWS::Signer::SigningProfile")
    assert profile == {
        "Type": "AWS::Signer::SigningProfile",
        "Properties": {"PlatformId": "Notation-OCI-SHA384-ECDSA", "ProfileName": "switchyard"},
        "UpdateReplacePolicy": "Retain",
        "DeletionPolicy": "RetainExceptOnCreate",
    }
    configuration = with_github.only("Registry", "AWS::ECR::SigningConfiguration")
    assert [str(name)[:-8] for name in configuration.pop("DependsOn")] == ["SigningProfile"]
    assert configuration == {
        "Type": "AWS::ECR::SigningConfiguration",
        "Properties": {
            "Rules": [
                {
                    "SigningProfileArn": PROFILE,
                    "RepositoryFilters": [{"Filter": "switchyard", "FilterType": "WILDCARD_MATCH"}],
                }
            ]
        },
    }
    assert [rule["selection"]["tagPrefixList"] for rule in rules(with_github)] == [["release-"], ["pr-"]]


def test_other_accounts_may_pull_and_their_releases_may_tag(with_github: Assembly) -> None:
    """The one account that a stage names reads; of its roles, the release role alone may write a tag."""
    root = "arn:aws:iam::333333333333:root"
    release = "arn:<AWS::Partition>:iam::333333333333:role/switchyard-production-release-eu-central-1"
    policy = with_github.only("Registry", "AWS::ECR::Repository")["Properties"]["RepositoryPolicyText"]
    assert policy["Statement"] == [
        {
            "Sid": "StagesPull",
            "Effect": "Allow",
            "Principal": {"AWS": root},
            "Action": [
                "ecr:BatchCheckLayerAvailability",
                "ecr:BatchGetImage",
                "ecr:DescribeImageScanFindings",
                "ecr:DescribeImages",
                "ecr:GetDownloadUrlForLayer",
            ],
        },
        {
            "Sid": "ReleasesTag",
            "Effect": "Allow",
            "Principal": {"AWS": root},
            "Action": "ecr:PutImage",
            "Condition": {"ArnEquals": {"aws:PrincipalArn": [release]}},
        },
    ]


def test_stages_of_the_registrys_account_need_no_leave(with_github: Assembly) -> None:
    """Only accounts that differ from the registry's are let in by the repository's policy."""
    here = changed(STAGES["production"], {"account": GITHUB.account})
    assembly = synthesised(here, with_github.folder / "here", image=None, registry=GITHUB)
    assert "RepositoryPolicyText" not in assembly.only("Registry", "AWS::ECR::Repository")["Properties"]

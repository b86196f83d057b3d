"""Who may release to a stage and who may deploy it, as whole values; `test_iam_enforced` tries them."""

import json
from pathlib import Path
from typing import Any

import pytest

from infra.access import change
from infra.access.release_role import session_hours
from infra.config import STAGES
from infra.settings import Engine, RegistrySettings, Strategy
from release import remember
from tests.infra.access.authorization import arn
from tests.infra.access.iam import Request, allows
from tests.infra.access.roles import ACCOUNT, roles
from tests.infra.assembly import Assembly, synthesised
from tests.infra.variants import changed

pytestmark = pytest.mark.slow

GITHUB = RegistrySettings(github="octo/plant")
ISSUER = "token.actions.githubusercontent.com"
ROLE = "arn:<AWS::Partition>:iam::<AWS::AccountId>:role"


@pytest.fixture(scope="module")
def access(tmp_path_factory: pytest.TempPathFactory) -> Assembly:
    """Return the dev stage without an image, for workflows of a GitHub repository."""
    return synthesised(STAGES["dev"], tmp_path_factory.mktemp("access"), image=None, registry=GITHUB)


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Assembly:
    """Return a stage with ECS's own releases in an account and a region that are not the registry's."""
    changes = {
        "account": "333333333333",
        "region": "eu-west-1",
        "network.zones": ("eu-west-1a", "eu-west-1b"),
        "github_provider": True,
        "release.engine": Engine.ECS,
    }
    registry = RegistrySettings(github="octo/plant", account="111111111111")
    stage = changed(STAGES["production"], changes)
    return synthesised(stage, tmp_path_factory.mktemp("elsewhere"), image=None, registry=registry)


def at(service: str, resource: str, region: str = "eu-central-1") -> str:
    """Return an ARN as it stands in a template."""
    return f"arn:<AWS::Partition>:{service}:{region}:<AWS::AccountId>:{resource}"


def statements(assembly: Assembly, role: str) -> dict[str, Any]:
    """Return the actions, the resources and the conditions of a role's statements, by their sids."""
    (document,) = assembly.resources("Access", "AWS::IAM::Role")[role]["Properties"]["Policies"]
    found = document["PolicyDocument"]["Statement"]
    assert {item["Effect"] for item in found} == {"Allow"}
    return {
        item["Sid"]: (item["Action"], _sorted(item["Resource"]), *filter(None, [item.get("Condition")]))
        for item in found
    }


def _sorted(resources: str | list[str]) -> str | list[str]:
    return resources if isinstance(resources, str) else sorted(resources)


def test_the_stack_needs_nothing_of_those_after_it(access: Assembly) -> None:
    """It holds two roles, reads no directory entry, and is deployed after Colour and before Network."""
    template = access.template("Access")
    assert {item["Type"] for item in template["Resources"].values()} == {"AWS::IAM::Role"}
    assert set(template["Parameters"]) == {"BootstrapVersion"}
    manifest = json.loads((access.folder / "manifest.json").read_text(encoding="utf-8"))["artifacts"]
    assert "Switchyard-dev-Colour" in manifest["Switchyard-dev-Access"]["dependencies"]
    assert "Switchyard-dev-Access" in manifest["Switchyard-dev-Network"]["dependencies"]


@pytest.mark.parametrize("role", ["Release", "Deploy"])
def test_each_role_is_for_the_jobs_of_one_environment(access: Assembly, role: str) -> None:
    """Subject and audience of GitHub's token are compared letter by letter."""
    properties = access.resources("Access", "AWS::IAM::Role")[role]["Properties"]
    assert properties["RoleName"] == f"switchyard-dev-{role.lower()}-eu-central-1"
    assert properties["AssumeRolePolicyDocument"] == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {
                    "Federated": f"arn:<AWS::Partition>:iam::<AWS::AccountId>:oidc-provider/{ISSUER}"
                },
                "Action": "sts:AssumeRoleWithWebIdentity",
                "Condition": {
                    "StringEquals": {
                        f"{ISSUER}:aud": "sts.amazonaws.com",
                        f"{ISSUER}:sub": "repo:octo/plant:environment:dev",
                    }
                },
            }
        ],
    }


def test_the_deploy_role_becomes_two_roles_of_the_cdks(access: Assembly) -> None:
    """Those of `cdk bootstrap` in the stage's account and region, for an hour."""
    assert access.resources("Access", "AWS::IAM::Role")["Deploy"]["Properties"]["MaxSessionDuration"] == 3600
    cdk = f"{ROLE}/cdk-hnb659fds"
    assert statements(access, "Deploy") == {
        "BecomeTheCdk": (
            "sts:AssumeRole",
            [
                f"{cdk}-deploy-role-<AWS::AccountId>-eu-central-1",
                f"{cdk}-file-publishing-role-<AWS::AccountId>-eu-central-1",
            ],
        )
    }


def test_the_release_role_is_frozen(access: Assembly) -> None:
    """With CodeDeploy it may this and nothing else; only calls that look have every resource."""
    bucket = "arn:<AWS::Partition>:s3:::switchyard-dev-data-<AWS::AccountId>-eu-central-1"
    stacks = "stack/Switchyard-dev"
    listeners = "AWS::ElasticLoadBalancingV2::Listener"
    assert statements(access, "Release") == {
        "ReadTheDirectory": (
            ["ssm:GetParameter", "ssm:GetParameters"],
            at("ssm", "parameter/switchyard/dev/*"),
        ),
        "ReadTheBootstrap": ("ssm:GetParameters", at("ssm", "parameter/cdk-bootstrap/hnb659fds/version")),
        "LookAtTheService": (
            ["ecs:DescribeServices", "ecs:DescribeTasks"],
            [at("ecs", f"{kind}/switchyard-dev/*") for kind in ("service", "task")],
        ),
        "ListTasks": (
            "ecs:ListTasks",
            "*",
            {"ArnEquals": {"ecs:cluster": at("ecs", "cluster/switchyard-dev")}},
        ),
        "LookAtAlarms": ("cloudwatch:DescribeAlarms", "*"),
        "LookAtStacks": (
            [
                "cloudformation:DescribeStackEvents",
                "cloudformation:DescribeStackResources",
                "cloudformation:DescribeStacks",
                "cloudformation:GetStackPolicy",
            ],
            [at("cloudformation", f"{stacks}-{part}/*") for part in ("Service", "Traffic")],
        ),
        "ReadTheGatesLog": (
            "logs:FilterLogEvents",
            at("logs", "log-group:Switchyard-dev-Service-ReleaseGate*"),
        ),
        "LookAround": (
            [
                "ecs:DescribeTaskDefinition",
                "elasticloadbalancing:DescribeListeners",
                "elasticloadbalancing:DescribeRules",
                "elasticloadbalancing:DescribeTargetHealth",
            ],
            "*",
        ),
        "Register": ("ecs:RegisterTaskDefinition", at("ecs", "task-definition/switchyard-dev:*")),
        "TagWhatItRegisters": (
            "ecs:TagResource",
            at("ecs", "task-definition/switchyard-dev:*"),
            {"StringEquals": {"ecs:CreateAction": "RegisterTaskDefinition"}},
        ),
        "HandRolesToTasks": (
            "iam:PassRole",
            [f"{ROLE}/switchyard-dev-execution-eu-central-1", f"{ROLE}/switchyard-dev-task-eu-central-1"],
            {"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}},
        ),
        "Deploy": (
            [
                "codedeploy:BatchGetDeployments",
                "codedeploy:CreateDeployment",
                "codedeploy:GetDeployment",
                "codedeploy:ListDeployments",
                "codedeploy:StopDeployment",
                "codedeploy:UpdateDeploymentGroup",
            ],
            at("codedeploy", "deploymentgroup:switchyard-dev/switchyard-dev"),
        ),
        "LookAtTargets": (
            ["codedeploy:BatchGetDeploymentTargets", "codedeploy:ListDeploymentTargets"],
            "*",
        ),
        "Revise": (
            [
                "codedeploy:GetApplication",
                "codedeploy:GetApplicationRevision",
                "codedeploy:RegisterApplicationRevision",
            ],
            at("codedeploy", "application:switchyard-dev"),
        ),
        "ReadTheStrategy": ("codedeploy:GetDeploymentConfig", at("codedeploy", "deploymentconfig:*")),
        "TagTheImage": (
            [
                "ecr:BatchGetImage",
                "ecr:DescribeImageScanFindings",
                "ecr:GetDownloadUrlForLayer",
                "ecr:PutImage",
            ],
            at("ecr", "repository/switchyard"),
        ),
        "ListRecords": ("s3:ListBucket", bucket, {"StringLike": {"s3:prefix": "releases/*"}}),
        "Record": (["s3:GetObject", "s3:PutObject"], f"{bucket}/releases/*"),
        "WriteTheColour": ("ssm:PutParameter", at("ssm", "parameter/switchyard/dev/live-colour")),
        "TellCloudFormation": (
            "cloudformation:UpdateStack",
            at("cloudformation", f"{stacks}-Traffic/*"),
            {
                "ForAllValues:StringEquals": {
                    "cloudformation:ResourceTypes": [listeners, f"{listeners}Rule"]
                },
                "Null": {
                    "cloudformation:ResourceTypes": "false",
                    "cloudformation:RoleArn": "true",
                    "cloudformation:StackPolicyUrl": "true",
                    "cloudformation:TemplateUrl": "true",
                },
            },
        ),
        "HoldDeploymentsOff": (
            "cloudformation:SetStackPolicy",
            [at("cloudformation", f"{stacks}-{part}/*") for part in ("Service", "Traffic")],
            {"Null": {"cloudformation:StackPolicyUrl": "true"}},
        ),
    }


def test_with_ecss_own_releases_there_is_no_codedeploy(elsewhere: Assembly) -> None:
    """The service gets revisions of its own family, and no shell with them."""
    found = statements(elsewhere, "Release")
    name = "switchyard-production"
    assert not [sid for sid, (actions, *_) in found.items() if "codedeploy" in str(actions)]
    assert {sid: found[sid] for sid in ("Deploy", "FollowAndStop")} == {
        "Deploy": (
            "ecs:UpdateService",
            at("ecs", f"service/{name}/*", "eu-west-1"),
            {
                "ArnLike": {"ecs:task-definition": at("ecs", f"task-definition/{name}:*", "eu-west-1")},
                "StringNotEqualsIfExists": {"ecs:enable-execute-command": "true"},
            },
        ),
        "FollowAndStop": (
            [
                "ecs:DescribeServiceDeployments",
                "ecs:DescribeServiceRevisions",
                "ecs:ListServiceDeployments",
                "ecs:StopServiceDeployment",
            ],
            [
                at("ecs", f"{kind}/{name}/*", "eu-west-1")
                for kind in ("service-deployment", "service-revision", "service")
            ],
        ),
    }


def test_in_another_account_github_is_made_known(elsewhere: Assembly) -> None:
    """The stage that says so brings GitHub's provider, which outlives it, and images stay the registry's."""
    assert elsewhere.only("Access", "AWS::IAM::OIDCProvider") == {
        "Type": "AWS::IAM::OIDCProvider",
        "Properties": {
            "Url": f"https://{ISSUER}",
            "ClientIdList": ["sts.amazonaws.com"],
        },
        "UpdateReplacePolicy": "Retain",
        "DeletionPolicy": "RetainExceptOnCreate",
    }
    for role in elsewhere.resources("Access", "AWS::IAM::Role").values():
        assert [str(name)[:-8] for name in role["DependsOn"]] == ["Github"]
    images = "arn:<AWS::Partition>:ecr:eu-central-1:111111111111:repository/switchyard"
    assert statements(elsewhere, "Release")["TagTheImage"][1] == images


def test_names_in_policies_are_those_of_the_resources(tmp_path: Path) -> None:
    """What a release needs is found under the names that the other stacks give it."""
    stage = synthesised(STAGES["dev"], tmp_path, registry=GITHUB)
    release = roles(stage, "Access")["Release"].statements
    group = stage.only("Service", "AWS::CodeDeploy::DeploymentGroup")["Properties"]
    application = stage.only("Service", "AWS::CodeDeploy::Application")["Properties"]["ApplicationName"]
    family = stage.only("Service", "AWS::ECS::TaskDefinition")["Properties"]["Family"]
    cluster = stage.only("Service", "AWS::ECS::Cluster")["Properties"]["ClusterName"]
    colour = stage.only("Colour", "AWS::SSM::Parameter")["Properties"]["Name"]
    repository = stage.only("Registry", "AWS::ECR::Repository")["Properties"]["RepositoryName"]
    data = stage.resources("Data", "AWS::S3::Bucket")["Bucket"]["Properties"]["BucketName"]
    bucket = f"arn:aws:s3:::{data.replace('<AWS::AccountId>', ACCOUNT)}"
    tasks = [stage.resources("Service", "AWS::IAM::Role")[key] for key in ("TaskRole", "TaskExecutionRole")]
    to_tasks = {"iam:PassedToService": "ecs-tasks.amazonaws.com"}
    (gate,) = [key for key in stage.resources("Service", "AWS::Logs::LogGroup") if "Gate" in key]
    needed = [
        Request("codedeploy:GetApplication", arn("codedeploy", f"application:{application}")),
        Request(
            "codedeploy:CreateDeployment",
            arn("codedeploy", f"deploymentgroup:{application}/{group['DeploymentGroupName']}"),
        ),
        Request("ecs:RegisterTaskDefinition", arn("ecs", f"task-definition/{family}:8")),
        Request("ecs:DescribeServices", arn("ecs", f"service/{cluster}/any")),
        Request("ecs:ListTasks", context={"ecs:cluster": arn("ecs", f"cluster/{cluster}")}),
        Request("ssm:PutParameter", arn("ssm", f"parameter{colour}")),
        Request("ecr:PutImage", arn("ecr", f"repository/{repository}")),
        Request("s3:PutObject", f"{bucket}/releases/1.json"),
        Request("logs:FilterLogEvents", arn("logs", f"log-group:Switchyard-dev-Service-{gate}1F-xyz:*")),
        *(
            Request("iam:PassRole", f"arn:aws:iam::{ACCOUNT}:role/{role['Properties']['RoleName']}", to_tasks)
            for role in tasks
        ),
    ]
    assert [request for request in needed if not allows(release, request)] == []


@pytest.mark.parametrize("part", ["access", "elsewhere"])
def test_policies_fit_into_a_role(part: str, request: pytest.FixtureRequest) -> None:
    """IAM takes 10,240 characters of a role's own policies; names of regions may still grow."""
    for role in roles(request.getfixturevalue(part), "Access").values():
        assert len(json.dumps(role.statements, separators=(",", ":"))) < 8000


@pytest.mark.parametrize(
    ("changes", "hours"),
    [
        ({"bake_minutes": 0}, 2),
        ({"bake_minutes": 60}, 3),
        ({"strategy": Strategy.CANARY, "shift_percent": 10, "shift_minutes": 30, "bake_minutes": 0}, 2),
        ({"strategy": Strategy.CANARY, "shift_percent": 10, "shift_minutes": 31, "bake_minutes": 0}, 3),
        ({"strategy": Strategy.LINEAR, "shift_percent": 10, "shift_minutes": 10, "bake_minutes": 30}, 4),
        ({"strategy": Strategy.LINEAR, "shift_percent": 10, "shift_minutes": 60, "bake_minutes": 90}, 12),
        ({"strategy": Strategy.ALL_AT_ONCE, "bake_minutes": 60}, 2),
        ({"strategy": Strategy.BLUE_GREEN, "shift_percent": 1, "shift_minutes": 60, "bake_minutes": 30}, 2),
    ],
)
def test_a_session_outlasts_a_release(changes: dict[str, Any], hours: int) -> None:
    """Shift and bake, and an hour and a half for all else, in whole hours."""
    stage = changed(STAGES["dev"], {f"release.{name}": value for name, value in changes.items()})
    assert session_hours(stage) == hours


@pytest.mark.parametrize(
    ("github", "page"),
    [
        (None, None),
        ("octo/plant", "https://github.com/octo/plant"),
        ("octo@123456/plant@456789", "https://github.com/octo/plant"),
    ],
)
def test_a_repositorys_page_has_no_numbers(github: str | None, page: str | None) -> None:
    """Links lead to the name, whichever form the subject of its tokens has."""
    assert RegistrySettings(github=github).github_page == page


def test_a_release_asks_for_the_types_that_its_role_allows() -> None:
    """An update that named another type would be refused, and one that named none as well."""
    assert remember.MOVABLE == change.MOVABLE

"""What must never appear in any template, whatever a stage's settings say."""

import json
import re
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from functools import cache
from ipaddress import ip_network
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.infra.assembly import Assembly
from tests.infra.guards.combinations import AWAY, Combination

pytestmark = pytest.mark.slow

NEVER = {
    "resources that a Lambda function makes": r"Custom::|AWS::CloudFormation::CustomResource",
    "exports, which lock producer and consumer": r"Fn::ImportValue|\"Export\"",
    "ids that nothing may read": r"not-needed",
    "a number of tasks, which would undo scaling": r"\"DesiredCount\":",
    "zones that were looked up": r"dummy1|\"Fn::GetAZs\"",
    "the broad managed role of CodeDeploy": r"AWSCodeDeployRoleForECS",
    "the hook that allows no other change": r"AWS::CodeDeploy::BlueGreen",
    "tags of images that can be moved": r"MUTABLE\"(?<!IMMUTABLE\")",
    "images by a tag": r":latest\"|:latest@",
    "powers over everything": r"\"(?:iam:\*|\*:\*|AdministratorAccess|PowerUserAccess)\"",
    "keys in the clear": r"AKIA[0-9A-Z]{16}|aws_secret_access_key|BEGIN [A-Z ]*PRIVATE KEY",
    "resolved secrets": r"\{\{resolve:(?:secretsmanager|ssm-secure):",
}
"""Patterns of traps that are known from others' templates."""

OWN = {"StringEquals": {"aws:PrincipalAccount": {"Ref": "AWS::AccountId"}}}
"""Holds everybody to the stage's own account."""
GITHUB = (
    "arn:{'Ref': 'AWS::Partition'}:iam::{'Ref': 'AWS::AccountId'}"
    ":oidc-provider/token.actions.githubusercontent.com"
)
TRUSTED = {
    ("AWS::EC2::VPCEndpoint", "everybody of this account"),
    ("AWS::ECR::Repository", f"AWS arn:aws:iam::{AWAY}:root"),
    ("AWS::IAM::Role", "Service codedeploy.amazonaws.com"),
    ("AWS::IAM::Role", "Service ecs-tasks.amazonaws.com"),
    ("AWS::IAM::Role", "Service ecs.amazonaws.com"),
    ("AWS::IAM::Role", "Service lambda.amazonaws.com"),
    ("AWS::IAM::Role", "Service vpc-flow-logs.amazonaws.com"),
    ("AWS::IAM::Role", f"Federated {GITHUB}"),
    ("AWS::S3::BucketPolicy", "AWS arn:aws:iam::054676820928:root"),
    ("AWS::S3::BucketPolicy", "Service delivery.logs.amazonaws.com"),
    ("AWS::S3::BucketPolicy", "Service logging.s3.amazonaws.com"),
    ("AWS::SNS::TopicPolicy", "Service budgets.amazonaws.com"),
    ("AWS::SNS::TopicPolicy", "Service cloudwatch.amazonaws.com"),
    ("AWS::SNS::TopicPolicy", "Service events.amazonaws.com"),
}
"""Who is let in by what: services of AWS's, GitHub's workflows, and accounts.

One account is another stage's, as the settings name it; the other is Elastic Load Balancing's in the region,
which writes access logs.
"""


class Resource(NamedTuple):
    """One resource of one template."""

    template: str
    id: str
    type: str
    properties: dict[str, Any]


@cache
def content_of(path: Path) -> dict[str, Any]:
    """Read a template once."""
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return content


def resources(templates: tuple[Path, ...], *kinds: str) -> Iterator[Resource]:
    """Yield the resources of some types, or of any, of all templates."""
    for path in templates:
        for name, found in content_of(path)["Resources"].items():
            if not kinds or found["Type"] in kinds:
                yield Resource(path.name, name, found["Type"], found.get("Properties", {}))


def statements(templates: tuple[Path, ...]) -> Iterator[tuple[Resource, dict[str, Any]]]:
    """Yield every statement of every policy, with the resource that it is in."""
    for resource in resources(templates):
        for value in walk(resource.properties):
            if isinstance(value, dict) and "Effect" in value:
                yield resource, value


def walk(value: object) -> Iterator[object]:
    """Yield a value and everything in it."""
    yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from walk(inner)


def listed(value: object) -> list[object]:
    """Return a value of a policy as the list that it stands for."""
    return value if isinstance(value, list) else [value]


def allows(statement: Mapping[str, Any], action: str) -> bool:
    """Return whether a statement allows an action, by its name or by a pattern."""
    named = statement.get("Action", statement.get("NotAction"))
    covered = any(fnmatchcase(action.lower(), str(pattern).lower()) for pattern in listed(named))
    return statement["Effect"] == "Allow" and covered is ("Action" in statement)


def principals(statement: Mapping[str, Any]) -> Iterator[str]:
    """Yield whom a statement lets in, one by one."""
    principal = statement["Principal"]
    for kind, names in principal.items() if isinstance(principal, dict) else [("AWS", principal)]:
        for name in listed(names):
            text = "".join(map(str, name["Fn::Join"][1])) if isinstance(name, dict) else str(name)
            if kind == "AWS" and "*" in text:
                yield "everybody of this account" if statement.get("Condition") == OWN else "everybody"
            else:
                yield f"{kind} {text}"


@pytest.mark.parametrize("what", NEVER)
def test_traps_known_from_others_stay_out(distinct: tuple[Path, ...], what: str) -> None:
    """No template of any combination has it."""
    assert [path.name for path in distinct if re.search(NEVER[what], path.read_text(encoding="utf-8"))] == []


def test_nothing_is_looked_up(covered: tuple[Mapping[Combination, str | None], Path], dev: Assembly) -> None:
    """No synth asks for context, so that credentials and the day never change a template."""
    asked = [manifest.get("missing", []) for manifest in manifests(covered, dev)]
    assert asked
    assert asked == [[]] * len(asked)


def test_no_power_is_over_all_actions(distinct: tuple[Path, ...]) -> None:
    """Who is allowed something is allowed actions by their names."""
    assert [
        (resource.template, resource.id, action)
        for resource, statement in statements(distinct)
        if statement["Effect"] == "Allow"
        for action in listed(statement.get("Action", "*"))
        if str(action) == "*" or str(action).endswith(":*")
    ] == []


def test_roles_are_handed_on_by_name_and_to_one_service(distinct: tuple[Path, ...]) -> None:
    """PassRole names whole roles, and says to whom they may be given."""
    found = [
        (resource, statement)
        for resource, statement in statements(distinct)
        if allows(statement, "iam:PassRole")
    ]
    assert found
    for resource, statement in found:
        assert "*" not in json.dumps(statement["Resource"]), resource
        assert statement["Condition"] == {
            "StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}
        }, resource


def test_nobody_outside_is_trusted(distinct: tuple[Path, ...]) -> None:
    """Everybody who is let in is known here, and a principal that stands for all is held to this account.

    One statement of the endpoint to S3 has to let everybody in: Amazon ECR signs the addresses of an image's
    layers with an account of its own.
    """
    let_in: set[tuple[str, str]] = set()
    for resource, statement in statements(distinct):
        assert "NotPrincipal" not in statement, resource
        if statement["Effect"] != "Allow" or "Principal" not in statement:
            continue
        found = set(principals(statement))
        if resource.type == "AWS::EC2::VPCEndpoint" and found == {"everybody"}:
            assert statement["Action"] == "s3:GetObject", resource
            assert "starport-layer-bucket/*" in json.dumps(statement["Resource"]), resource
        else:
            let_in |= {(resource.type, name) for name in found}
    assert let_in == TRUSTED


def test_no_service_has_a_name(distinct: tuple[Path, ...]) -> None:
    """A service that has one cannot be replaced, and a change of engine replaces it."""
    services = list(resources(distinct, "AWS::ECS::Service"))
    assert services
    assert [one.template for one in services if "ServiceName" in one.properties] == []


def test_buckets_are_private_encrypted_and_kept(distinct: tuple[Path, ...]) -> None:
    """Every bucket blocks what is public, encrypts, keeps versions and outlives its stack."""
    found = 0
    for path in distinct:
        for name, bucket in content_of(path)["Resources"].items():
            if bucket["Type"] != "AWS::S3::Bucket":
                continue
            found += 1
            about = bucket["Properties"]
            assert set(about["PublicAccessBlockConfiguration"].values()) == {True}, (path.name, name)
            assert about["BucketEncryption"], (path.name, name)
            assert about["VersioningConfiguration"] == {"Status": "Enabled"}, (path.name, name)
            assert bucket["DeletionPolicy"].startswith("Retain"), (path.name, name)
    assert found


def test_every_alarm_says_what_silence_means(distinct: tuple[Path, ...]) -> None:
    """Counts of errors are absent when there are none."""
    alarms = list(resources(distinct, "AWS::CloudWatch::Alarm"))
    assert alarms
    assert [
        (alarm.template, alarm.id)
        for alarm in alarms
        if alarm.properties.get("TreatMissingData") not in ("notBreaching", "breaching", "ignore")
    ] == []


def test_the_test_listener_is_open_to_the_gate_only(distinct: tuple[Path, ...]) -> None:
    """What comes in at port 9000 comes from the gate's security group, never from addresses."""
    for path in distinct:
        groups = list(resources((path,), "AWS::EC2::SecurityGroup"))
        gates = [one.id for one in groups if one.properties["GroupDescription"] == "Release gate"]
        sources = [
            {name: value for name, value in rule.items() if name.startswith(("Cidr", "Source"))}
            for rule in ingress((path,))
            if rule["IpProtocol"] == "-1" or rule["FromPort"] <= 9000 <= rule["ToPort"]
        ]
        assert sources == [{"SourceSecurityGroupId": {"Fn::GetAtt": [gate, "GroupId"]}} for gate in gates]
        assert len(gates) == bool(groups), path.name
    assert list(ingress(distinct))


def test_the_way_in_is_as_wide_as_the_settings_say(distinct: tuple[Path, ...]) -> None:
    """Addresses come in at the load balancer's ports only, and the whole internet on a public stage only."""
    open_ports = {
        (rule["FromPort"], rule["ToPort"]) for rule in ingress(distinct) if rule.get("CidrIp") == "0.0.0.0/0"
    }
    assert open_ports == {(80, 80), (443, 443)}
    addresses = {rule["CidrIp"] for rule in ingress(distinct) if isinstance(rule.get("CidrIp"), str)}
    assert all(ip_network(text).is_private or text == "0.0.0.0/0" for text in addresses)
    assert not any("CidrIpv6" in rule for rule in ingress(distinct))
    assert not any(rule["IpProtocol"] in ("-1", "udp") for rule in ingress(distinct))


def ingress(templates: tuple[Path, ...]) -> Iterator[dict[str, Any]]:
    """Yield every rule that lets something in, inline or on its own."""
    for group in resources(templates, "AWS::EC2::SecurityGroup"):
        yield from group.properties.get("SecurityGroupIngress", [])
    for rule in resources(templates, "AWS::EC2::SecurityGroupIngress"):
        yield rule.properties


def test_everything_that_can_be_encrypted_is(distinct: tuple[Path, ...]) -> None:
    """Over the wire too: log groups and topics by AWS's own keys (decision 9), images by AES-256."""
    repositories = list(resources(distinct, "AWS::ECR::Repository"))
    assert repositories
    for repository in repositories:
        chosen = repository.properties.get("EncryptionConfiguration", {"EncryptionType": "AES256"})
        assert chosen == {"EncryptionType": "AES256"}
    listeners = list(resources(distinct, "AWS::ElasticLoadBalancingV2::Listener"))
    encrypted = [listener.properties for listener in listeners if listener.properties["Port"] == 443]
    assert encrypted
    for properties in encrypted:
        assert properties["Protocol"] == "HTTPS"
        assert properties["SslPolicy"].startswith("ELBSecurityPolicy-TLS13-")
    everything = "".join(path.read_text(encoding="utf-8") for path in distinct)
    assert re.findall(r"http://(?!127\.0\.0\.1:)[^\"\\ ]+", everything) == []


def test_no_environment_holds_a_secret(distinct: tuple[Path, ...]) -> None:
    """What tasks and hooks are told is names, places and numbers."""
    told = {
        name
        for function in resources(distinct, "AWS::Lambda::Function")
        for name in function.properties.get("Environment", {}).get("Variables", {})
    } | {
        entry["Name"]
        for task in resources(distinct, "AWS::ECS::TaskDefinition")
        for container in task.properties["ContainerDefinitions"]
        for entry in container.get("Environment", [])
    }
    assert {"PARAMETER", "ENGINE"} <= told
    assert {name for name in told if re.search(r"(?i)secret|password|token|key|credential", name)} == set()


def test_no_container_runs_with_more_than_it_needs(distinct: tuple[Path, ...]) -> None:
    """Never as root, never privileged, never with a writable root, always by digest."""
    tasks = resources(distinct, "AWS::ECS::TaskDefinition")
    containers = [container for task in tasks for container in task.properties["ContainerDefinitions"]]
    assert containers
    for container in containers:
        assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", container["User"])
        assert container["ReadonlyRootFilesystem"] is True
        assert container["LinuxParameters"]["Capabilities"] == {"Drop": ["ALL"]}
        assert not container.get("Privileged", False)
        assert "@sha256:" in json.dumps(container["Image"])


def test_nothing_outlives_a_failed_task_by_accident(distinct: tuple[Path, ...]) -> None:
    """Task definitions stay when a revision is replaced: a rollback needs the one before."""
    assert {
        (resource["DeletionPolicy"], resource["UpdateReplacePolicy"])
        for path in distinct
        for resource in content_of(path)["Resources"].values()
        if resource["Type"] == "AWS::ECS::TaskDefinition"
    } == {("Retain", "Retain")}


def test_the_tags_of_every_stack_are_constant(
    covered: tuple[Mapping[Combination, str | None], Path], dev: Assembly
) -> None:
    """One changed stack tag rewrites every listener, so no tag knows of a commit, a day or a person."""
    found = 0
    for manifest in manifests(covered, dev):
        for name, item in manifest["artifacts"].items():
            if item["type"] == "aws:cloudformation:stack":
                found += 1
                tags = item["properties"].get("tags", {})
                stage = re.fullmatch(r"Switchyard-(dev|staging|production)-\w+", name)
                expected = {"product": "switchyard", **({"stage": stage[1]} if stage else {})}
                assert tags == ({} if name.endswith("-Colour") else expected), name
    assert found > len(covered[0])


def manifests(
    covered: tuple[Mapping[Combination, str | None], Path], dev: Assembly
) -> Iterator[dict[str, Any]]:
    """Yield what each synth wrote of its stacks."""
    folders = list(covered[1].parent.glob("work*/*"))
    assert len(folders) >= len(covered[0])
    for folder in (dev.folder, *folders):
        yield json.loads((folder / "manifest.json").read_text(encoding="utf-8"))

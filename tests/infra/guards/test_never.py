"""What must never appear in any template, whatever a stage's settings say."""

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from ipaddress import ip_network
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.infra.assembly import Assembly
from tests.infra.guards.combinations import Combination

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


@pytest.mark.parametrize("what", NEVER)
def test_traps_known_from_others_stay_out(distinct: tuple[Path, ...], what: str) -> None:
    """No template of any combination has it."""
    assert [path.name for path in distinct if re.search(NEVER[what], path.read_text(encoding="utf-8"))] == []


def test_nothing_is_looked_up(covered: tuple[Mapping[Combination, str | None], Path], dev: Assembly) -> None:
    """No synth asks for context, so that credentials and the day never change a template."""
    for folder in (dev.folder, *covered[1].parent.glob("work*/*")):
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        assert manifest.get("missing", []) == []


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
        if statement["Effect"] == "Allow" and "iam:PassRole" in listed(statement["Action"])
    ]
    assert found
    for resource, statement in found:
        assert "*" not in json.dumps(statement["Resource"]), resource
        assert statement["Condition"] == {
            "StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}
        }, resource


def test_nobody_outside_is_trusted(distinct: tuple[Path, ...]) -> None:
    """A principal that stands for everybody is refused something, or is held to this account.

    One statement of the endpoint to S3 has to let everybody in: Amazon ECR signs the addresses of an image's
    layers with an account of its own.
    """
    own = {"StringEquals": {"aws:PrincipalAccount": {"Ref": "AWS::AccountId"}}}
    open_to_all = [
        (resource, statement)
        for resource, statement in statements(distinct)
        if statement["Effect"] == "Allow"
        and statement.get("Principal") in ("*", {"AWS": "*"})
        and statement.get("Condition") != own
    ]
    for resource, statement in open_to_all:
        assert resource.type == "AWS::EC2::VPCEndpoint", resource
        assert statement["Action"] == "s3:GetObject", resource
        assert "starport-layer-bucket/*" in json.dumps(statement["Resource"]), resource


def test_no_service_has_a_name(distinct: tuple[Path, ...]) -> None:
    """A service that has one cannot be replaced, and a change of engine replaces it."""
    services = list(resources(distinct, "AWS::ECS::Service"))
    assert services
    assert [one.template for one in services if "ServiceName" in one.properties] == []


def test_buckets_are_private_encrypted_and_kept(distinct: tuple[Path, ...]) -> None:
    """Every bucket blocks what is public, encrypts, keeps versions and outlives its stack."""
    for path in distinct:
        for name, bucket in content_of(path)["Resources"].items():
            if bucket["Type"] != "AWS::S3::Bucket":
                continue
            about = bucket["Properties"]
            assert set(about["PublicAccessBlockConfiguration"].values()) == {True}, (path.name, name)
            assert about["BucketEncryption"], (path.name, name)
            assert about["VersioningConfiguration"] == {"Status": "Enabled"}, (path.name, name)
            assert bucket["DeletionPolicy"].startswith("Retain"), (path.name, name)


def test_every_alarm_says_what_silence_means(distinct: tuple[Path, ...]) -> None:
    """Counts of errors are absent when there are none."""
    assert [
        (alarm.template, alarm.id)
        for alarm in resources(distinct, "AWS::CloudWatch::Alarm")
        if alarm.properties.get("TreatMissingData") not in ("notBreaching", "breaching", "ignore")
    ] == []


def test_the_test_listener_is_open_to_the_gate_only(distinct: tuple[Path, ...]) -> None:
    """What comes in at port 9000 comes from one security group, never from addresses."""
    for rule in ingress(distinct):
        if rule["FromPort"] <= 9000 <= rule["ToPort"]:
            assert "SourceSecurityGroupId" in rule
            assert not {"CidrIp", "CidrIpv6", "SourcePrefixListId"} & set(rule)


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
    for repository in resources(distinct, "AWS::ECR::Repository"):
        chosen = repository.properties.get("EncryptionConfiguration", {"EncryptionType": "AES256"})
        assert chosen == {"EncryptionType": "AES256"}
    for listener in resources(distinct, "AWS::ElasticLoadBalancingV2::Listener"):
        if listener.properties["Port"] == 443:
            assert listener.properties["Protocol"] == "HTTPS"
            assert listener.properties["SslPolicy"].startswith("ELBSecurityPolicy-TLS13-")
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
    assert {name for name in told if re.search(r"(?i)secret|password|token|key|credential", name)} == set()


def test_no_container_runs_with_more_than_it_needs(distinct: tuple[Path, ...]) -> None:
    """Never as root, never privileged, never with a writable root, always by digest."""
    for task in resources(distinct, "AWS::ECS::TaskDefinition"):
        for container in task.properties["ContainerDefinitions"]:
            assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", container["User"])
            assert container["ReadonlyRootFilesystem"] is True
            assert container["LinuxParameters"]["Capabilities"] == {"Drop": ["ALL"]}
            assert not container.get("Privileged", False)
            assert "@sha256:" in json.dumps(container["Image"])


def test_nothing_outlives_a_failed_task_by_accident(distinct: tuple[Path, ...]) -> None:
    """Task definitions stay when a revision is replaced: a rollback needs the one before."""
    for path in distinct:
        for resource in content_of(path)["Resources"].values():
            if resource["Type"] == "AWS::ECS::TaskDefinition":
                assert (resource["DeletionPolicy"], resource["UpdateReplacePolicy"]) == ("Retain", "Retain")


def test_the_tags_of_every_stack_are_constant(
    covered: tuple[Mapping[Combination, str | None], Path], dev: Assembly
) -> None:
    """One changed stack tag rewrites every listener, so no tag knows of a commit, a day or a person."""
    for folder in (dev.folder, *covered[1].parent.glob("work*/*")):
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        for name, item in manifest["artifacts"].items():
            if item["type"] == "aws:cloudformation:stack":
                tags = item["properties"].get("tags", {})
                stage = re.fullmatch(r"Switchyard-(dev|staging|production)-\w+", name)
                expected = {"product": "switchyard", **({"stage": stage[1]} if stage else {})}
                assert tags == ({} if name.endswith("-Colour") else expected), name

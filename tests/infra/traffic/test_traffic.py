"""The load balancer and the two colours."""

import json
from typing import Any

import pytest

from service import contract
from tests.infra.assembly import IMAGE, Assembly
from tests.infra.shaped import GIVEN, NATIVE, PUBLIC, ROLLING, Changes, Shaped

pytestmark = pytest.mark.slow

ANOTHER = f"sha256:{'2e' * 32}"


@pytest.mark.parametrize("colour", ["Blue", "Green"])
def test_colours_are_alike(shaped: Shaped, colour: str) -> None:
    """Both check readiness, prefer the task with the fewest requests and drain as long as one may take."""
    groups = shaped("staging").resources("Traffic", "AWS::ElasticLoadBalancingV2::TargetGroup")
    assert groups[colour]["Properties"] == {
        "VpcId": "/switchyard/staging/network/vpc",
        "TargetType": "ip",
        "Port": contract.PORT,
        "Protocol": "HTTP",
        "HealthCheckPath": "/health/ready",
        "HealthCheckIntervalSeconds": 10,
        "HealthCheckTimeoutSeconds": 5,
        "HealthyThresholdCount": 2,
        "UnhealthyThresholdCount": 3,
        "Matcher": {"HttpCode": "200"},
        "TargetGroupAttributes": [
            {"Key": "deregistration_delay.timeout_seconds", "Value": "30"},
            {"Key": "stickiness.enabled", "Value": "false"},
            {"Key": "load_balancing.algorithm.type", "Value": "least_outstanding_requests"},
        ],
    }


def attributes(assembly: Assembly) -> dict[str, str]:
    """Return the attributes of the load balancer."""
    balancer = assembly.only("Traffic", "AWS::ElasticLoadBalancingV2::LoadBalancer")["Properties"]
    return {item["Key"]: item["Value"] for item in balancer["LoadBalancerAttributes"]}


PLAIN = {
    "access_logs.s3.enabled": "true",
    "access_logs.s3.prefix": "load-balancer",
    "client_keep_alive.seconds": "3600",
    "deletion_protection.enabled": "false",
    "idle_timeout.timeout_seconds": str(contract.LOAD_BALANCER_IDLE),
    "routing.http.desync_mitigation_mode": "defensive",
    "routing.http.drop_invalid_header_fields.enabled": "true",
}
OVER_TLS = {
    "connection_logs.s3.enabled": "true",
    "connection_logs.s3.prefix": "connections",
}


@pytest.mark.parametrize(
    ("stage", "changes", "expected"),
    [
        ("dev", {}, PLAIN),
        ("staging", {}, PLAIN),
        ("production", GIVEN, {**PLAIN, **OVER_TLS, "deletion_protection.enabled": "true"}),
    ],
)
def test_attributes(shaped: Shaped, stage: str, changes: Changes, expected: dict[str, str]) -> None:
    """Requests are logged, over TLS connections as well; what smuggles is dropped; production stays."""
    bucket = f"switchyard-{stage}-traffic-logs-<AWS::AccountId>-eu-central-1"
    kinds = {key.partition(".")[0] for key in expected if key.endswith("_logs.s3.enabled")}
    assert attributes(shaped(stage, changes)) == {
        **expected,
        **{f"{kind}.s3.bucket": bucket for kind in kinds},
    }


@pytest.mark.parametrize(
    ("changes", "scheme", "kind"),
    [({}, "internal", "private"), (PUBLIC, "internet-facing", "public")],
    ids=["internal", "public"],
)
def test_where_it_stands(shaped: Shaped, changes: Changes, scheme: str, kind: str) -> None:
    """Without need it has no public address, and stands in the private subnets."""
    balancer = shaped("staging", changes).only("Traffic", "AWS::ElasticLoadBalancingV2::LoadBalancer")
    assert {key: balancer["Properties"][key] for key in ("Scheme", "SecurityGroups", "Subnets")} == {
        "Scheme": scheme,
        "SecurityGroups": ["/switchyard/staging/network/load-balancer-group"],
        "Subnets": [f"/switchyard/staging/network/{kind}-{zone}" for zone in range(2)],
    }


def entries(assembly: Assembly) -> dict[str, object]:
    """Return what the stack leaves in the directory."""
    start = f"/switchyard/{assembly.stage}/traffic/"
    found = assembly.resources("Traffic", "AWS::SSM::Parameter").values()
    return {one["Properties"]["Name"].removeprefix(start): one["Properties"]["Value"] for one in found}


ENTRIES = {
    "load-balancer": "<LoadBalancer>",
    "host": "<LoadBalancer.DNSName>",
    "production-listener": "<ListenersHttp>",
    "test-listener": "<ListenersTest>",
    "blue": "<Blue>",
    "green": "<Green>",
}
RULES = {"production-rule": "<ListenersProductionRule>", "test-rule": "<ListenersTestRule>"}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, ENTRIES),
        (ROLLING, ENTRIES),
        (NATIVE, {**ENTRIES, **RULES}),
        ({**NATIVE, **GIVEN}, {**ENTRIES, **RULES, "production-listener": "<ListenersHttps>"}),
    ],
    ids=["codedeploy", "rolling", "native", "native-https"],
)
def test_directory_entries(shaped: Shaped, changes: Changes, expected: dict[str, str]) -> None:
    """The stacks after this one find listeners and colours, and the rules where ECS moves those."""
    assert entries(shaped("staging", changes)) == expected


def stack(assembly: Assembly) -> dict[str, Any]:
    """Return how the stack is deployed: its tags, which every listener gets, and its template's hash."""
    manifest = json.loads((assembly.folder / "manifest.json").read_text(encoding="utf-8"))
    found: dict[str, Any] = manifest["artifacts"][f"Switchyard-{assembly.stage}-Traffic"]["properties"]
    return found


@pytest.mark.parametrize("changes", [{}, {**NATIVE, **PUBLIC}], ids=["codedeploy", "native-public"])
def test_nothing_changes_with_a_commit(shaped: Shaped, changes: Changes) -> None:
    """Another image leaves every byte of the stack as it was: an update would rewrite the listeners."""
    name = "Switchyard-staging-Traffic.template.json"
    one, another = (shaped("staging", changes, image=image) for image in (IMAGE, ANOTHER))
    assert one.texts()[name] == another.texts()[name]
    assert stack(one) == stack(another)
    assert stack(one)["tags"] == {"product": "switchyard", "stage": "staging"}

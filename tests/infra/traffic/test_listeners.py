"""The listeners, and what of them follows the live colour."""

from typing import Any

import pytest

from infra.settings import TlsPolicy
from tests.infra.assembly import Assembly
from tests.infra.shaped import CERTIFICATE, GIVEN, NAMED, NATIVE, ROLLING, Changes, Shaped

pytestmark = pytest.mark.slow

GREEN_ELSE_BLUE = {"Fn::If": ["GreenIsLive", "<Green>", "<Blue>"]}
BLUE_ELSE_GREEN = {"Fn::If": ["GreenIsLive", "<Blue>", "<Green>"]}
ALL_IF_GREEN = {"Fn::If": ["GreenIsLive", 100, 0]}
ALL_IF_BLUE = {"Fn::If": ["GreenIsLive", 0, 100]}

HTTP = {
    "LoadBalancerArn": "<LoadBalancer>",
    "Port": 80,
    "Protocol": "HTTP",
    "DefaultActions": [{"Type": "forward", "TargetGroupArn": GREEN_ELSE_BLUE}],
}
TEST = {
    "LoadBalancerArn": "<LoadBalancer>",
    "Port": 9000,
    "Protocol": "HTTP",
    "DefaultActions": [{"Type": "forward", "TargetGroupArn": BLUE_ELSE_GREEN}],
}
REDIRECT = {
    "LoadBalancerArn": "<LoadBalancer>",
    "Port": 80,
    "Protocol": "HTTP",
    "DefaultActions": [
        {"Type": "redirect", "RedirectConfig": {"Port": "443", "Protocol": "HTTPS", "StatusCode": "HTTP_301"}}
    ],
}


def https(certificate: str, policy: str = "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09") -> dict[str, Any]:
    """Return the HTTPS listener with this certificate."""
    return {
        "LoadBalancerArn": "<LoadBalancer>",
        "Port": 443,
        "Protocol": "HTTPS",
        "SslPolicy": policy,
        "Certificates": [{"CertificateArn": certificate}],
        "DefaultActions": [{"Type": "forward", "TargetGroupArn": GREEN_ELSE_BLUE}],
    }


def listeners(assembly: Assembly) -> dict[str, dict[str, Any]]:
    """Return the properties of every listener by its short name."""
    found = assembly.resources("Traffic", "AWS::ElasticLoadBalancingV2::Listener").items()
    return {name.removeprefix("Listeners"): listener["Properties"] for name, listener in found}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, {"Http": HTTP, "Test": TEST}),
        (ROLLING, {"Http": HTTP, "Test": TEST}),
        (GIVEN, {"Https": https(CERTIFICATE), "Test": TEST, "Http": REDIRECT}),
        (NAMED, {"Https": https("<DomainCertificate>"), "Test": TEST, "Http": REDIRECT}),
        (
            {**GIVEN, "traffic.tls_policy": TlsPolicy.TLS_1_3},
            {
                "Https": https(CERTIFICATE, "ELBSecurityPolicy-TLS13-1-3-PQ-2025-09"),
                "Test": TEST,
                "Http": REDIRECT,
            },
        ),
        ({**NATIVE, **GIVEN}, {"Https": https(CERTIFICATE), "Test": TEST, "Http": REDIRECT}),
    ],
    ids=["http", "rolling", "given", "named", "tls-1.3", "native"],
)
def test_listeners(shaped: Shaped, changes: Changes, expected: dict[str, Any]) -> None:
    """Production goes to the live colour, the test listener to the other one, and port 80 to HTTPS."""
    assert listeners(shaped("staging", changes)) == expected


def test_nobody_is_sent_to_a_port_that_is_not_there(shaped: Shaped) -> None:
    """Port 80 starts to redirect once port 443 listens."""
    found = shaped("staging", GIVEN).resources("Traffic", "AWS::ElasticLoadBalancingV2::Listener")
    (needed,) = found["ListenersHttp"]["DependsOn"]
    assert needed.startswith("ListenersHttps")


@pytest.mark.parametrize(
    ("changes", "excused"),
    [({}, {"ListenersHttp", "ListenersTest"}), (GIVEN, {"ListenersTest"})],
    ids=["http", "https"],
)
def test_https_needs_no_excuse(shaped: Shaped, changes: Changes, excused: set[str]) -> None:
    """Findings about plain HTTP are accepted where there is plain HTTP that clients or the gate use."""
    found = shaped("staging", changes).resources("Traffic", "AWS::ElasticLoadBalancingV2::Listener")
    assert {name for name, one in found.items() if "checkov" in one.get("Metadata", {})} == excused


@pytest.mark.parametrize("changes", [{}, GIVEN, NATIVE, ROLLING], ids=["http", "https", "native", "rolling"])
def test_live_colour_is_read_at_every_deploy(shaped: Shaped, changes: Changes) -> None:
    """The colour is an SSM-typed parameter, which CloudFormation fetches anew at each update."""
    template = shaped("staging", changes).template("Traffic")
    assert template["Conditions"] == {
        "GreenIsLive": {"Fn::Equals": ["/switchyard/staging/live-colour", "green"]}
    }
    assert template["Parameters"]["LiveColour"] == {
        "Type": "AWS::SSM::Parameter::Value<String>",
        "Default": "/switchyard/staging/live-colour",
        "Description": "SSM parameter with the colour that takes production traffic",
    }


def rule(listener: str, *, blue: object, green: object) -> dict[str, Any]:
    """Return a rule that shares everything out by these weights."""
    groups = [
        {"TargetGroupArn": "<Blue>", "Weight": blue},
        {"TargetGroupArn": "<Green>", "Weight": green},
    ]
    return {
        "ListenerArn": listener,
        "Priority": 1,
        "Conditions": [{"Field": "path-pattern", "Values": ["/*"]}],
        "Actions": [{"Type": "forward", "ForwardConfig": {"TargetGroups": groups}}],
    }


@pytest.mark.parametrize(
    ("changes", "listener"),
    [(NATIVE, "<ListenersHttp>"), ({**NATIVE, **GIVEN}, "<ListenersHttps>")],
    ids=["http", "https"],
)
def test_rules_that_ecs_moves(shaped: Shaped, changes: Changes, listener: str) -> None:
    """Each matches every path; all weight is on the live colour, on the test listener on the other one."""
    found = shaped("staging", changes).resources("Traffic", "AWS::ElasticLoadBalancingV2::ListenerRule")
    assert {name: one["Properties"] for name, one in found.items()} == {
        "ListenersProductionRule": rule(listener, blue=ALL_IF_BLUE, green=ALL_IF_GREEN),
        "ListenersTestRule": rule("<ListenersTest>", blue=ALL_IF_GREEN, green=ALL_IF_BLUE),
    }


@pytest.mark.parametrize("changes", [{}, ROLLING], ids=["codedeploy", "rolling"])
def test_no_rules_where_nobody_moves_them(shaped: Shaped, changes: Changes) -> None:
    """CodeDeploy moves default actions, and a rolling release moves nothing."""
    assert shaped("staging", changes).resources("Traffic", "AWS::ElasticLoadBalancingV2::ListenerRule") == {}

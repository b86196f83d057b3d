from collections.abc import Callable
from typing import Any, cast

import pytest

from rehearsal import described
from rehearsal.errors import StepFailed
from rehearsal.traffic import Listener, Redirect, Rule

EVERY_PATH = {"Field": "path-pattern", "Values": ["/*"], "PathPatternConfig": {"Values": ["/*"]}}


@pytest.mark.parametrize(
    ("matcher", "codes"),
    [("200", ((200, 201),)), ("200,204", ((200, 201), (204, 205))), ("200-299", ((200, 300),))],
)
def test_a_matcher_is_read_as_half_open_ranges(matcher: str, codes: tuple[tuple[int, int], ...]) -> None:
    """ELBv2 writes inclusive codes and ranges; Envoy takes ranges without their end."""
    assert described.parse_codes(matcher) == codes


@pytest.mark.parametrize(
    "action",
    [
        {"Type": "forward", "TargetGroupArn": "arn:blue"},
        {"Type": "forward", "ForwardConfig": {"TargetGroups": [{"TargetGroupArn": "arn:blue", "Weight": 1}]}},
    ],
)
def test_both_ways_of_writing_a_forward_mean_the_same(action: dict[str, Any]) -> None:
    """ELBv2 describes a single target group with or without weights."""
    listener = {"ListenerArn": "arn:80", "Port": 80, "Protocol": "HTTP", "DefaultActions": [action]}
    assert described.parse_listener(listener) == Listener("arn:80", 80, (("arn:blue", 1),))


def test_a_listener_is_read_with_protocol_redirect_and_rules() -> None:
    """Rules by priority, whatever order they are described in; the default rule is the default action."""
    config = {"Protocol": "HTTPS", "Port": "443", "StatusCode": "HTTP_301"}
    listener = {
        "ListenerArn": "arn",
        "Port": 80,
        "Protocol": "HTTPS",
        "SslPolicy": "policy",
        "DefaultActions": [{"Type": "redirect", "RedirectConfig": config}],
    }
    actions = [{"Type": "forward", "TargetGroupArn": "arn:blue"}]
    rules: list[dict[str, Any]] = [
        {"RuleArn": str(number), "IsDefault": False, "Priority": str(number), "Conditions": [EVERY_PATH]}
        | {"Actions": actions}
        for number in (2, 1)
    ]
    rules.append({"IsDefault": True, "Priority": "default", "Conditions": [], "Actions": actions})
    weights = (("arn:blue", 1),)
    assert described.parse_listener(listener, rules) == Listener(
        arn="arn",
        port=80,
        weights=(),
        rules=(Rule(1, ("/",), weights), Rule(2, ("/",), weights)),
        redirect=Redirect("https", 443, permanent=True),
        tls_policy="policy",
    )


@pytest.mark.parametrize(
    "conditions",
    [
        [],
        [{"Field": "host-header", "Values": ["a"]}],
        [EVERY_PATH, EVERY_PATH],
        [{"Field": "path-pattern", "Values": ["/v?/*"]}],
    ],
)
def test_a_condition_that_cannot_be_played_is_told(conditions: list[dict[str, Any]]) -> None:
    """Rather than played as another one."""
    with pytest.raises(StepFailed, match="cannot be played"):
        described.parse_rule({"RuleArn": "arn", "Priority": "1", "Conditions": conditions, "Actions": []})


def test_a_draining_target_is_no_target_any_more() -> None:
    """It gets no new request; delay and algorithm are the group's attributes."""
    described_group = {"TargetGroupArn": "arn:blue", "TargetGroupName": "blue"}
    health = {
        "TargetHealthDescriptions": [
            {"Target": {"Id": "127.80.0.10", "Port": 8080}, "TargetHealth": {"State": "healthy"}},
            {"Target": {"Id": "127.80.0.11", "Port": 8080}, "TargetHealth": {"State": "draining"}},
        ]
    }
    attributes = [
        {"Key": "deregistration_delay.timeout_seconds", "Value": "30"},
        {"Key": "load_balancing.algorithm.type", "Value": "least_outstanding_requests"},
    ]
    found = described.parse_target_group(described_group, health, attributes)
    assert found.targets == (("127.80.0.10", 8080),)
    assert (found.deregistration_delay, found.least_outstanding) == (30, True)
    plain = described.parse_target_group(described_group, health)
    assert (plain.deregistration_delay, plain.least_outstanding) == (300, False)


class Client:
    """Describes a load balancer between whose reads somebody moves the traffic and takes the targets away."""

    def __init__(self, *groups: str) -> None:
        self.asked: list[str] = []
        self._groups = groups

    def __getattr__(self, name: str) -> Callable[..., dict[str, Any]]:
        def answer(**_: object) -> dict[str, Any]:
            self.asked.append(name)
            forward = [{"Type": "forward", "TargetGroupArn": "arn:blue"}]
            return {
                "Attributes": [],
                "Listeners": [{"ListenerArn": "arn:80", "Port": 80, "DefaultActions": forward}],
                "Rules": [],
                "TargetGroups": [{"TargetGroupArn": arn, "TargetGroupName": arn} for arn in self._groups],
                "TargetHealthDescriptions": [],
            }

        return answer


def test_targets_are_read_before_what_is_sent_to_them() -> None:
    """Else traffic would be sent on to targets that are gone, for as long as a slow look takes."""
    client = Client("arn:blue", "arn:green")
    described.describe(cast("Any", client), "arn")
    health, listeners = "describe_target_health", "describe_listeners"
    assert [name for name in client.asked if name in {health, listeners}] == [health, health, listeners]


def test_a_target_group_that_is_not_known_yet_is_waited_for() -> None:
    """The look is repeated, rather than that Envoy is told half of it."""
    with pytest.raises(StepFailed, match="read again"):
        described.describe(cast("Any", Client("arn:green")), "arn")

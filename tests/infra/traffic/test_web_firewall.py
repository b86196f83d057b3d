"""The web application firewall."""

import json
from typing import Any

import pytest

from infra.traffic.web_firewall_rules import LONGEST_LENGTH, custom_bodies
from service import contract
from service.problems import LARGE_BODY
from tests.infra.assembly import Assembly
from tests.infra.shaped import PUBLIC, Shaped


def seen(metric: str) -> dict[str, Any]:
    """Return how a rule of this name is counted."""
    return {"CloudWatchMetricsEnabled": True, "MetricName": metric, "SampledRequestsEnabled": False}


def managed(priority: int, name: str, group: str, **more: object) -> dict[str, Any]:
    """Return a rule that is AWS's own group."""
    return {
        "Name": name,
        "Priority": priority,
        "Statement": {"ManagedRuleGroupStatement": {"VendorName": "AWS", "Name": group, **more}},
        "OverrideAction": {"None": {}},
        "VisibilityConfig": seen(name),
    }


RULES = [
    {
        "Name": "rate-limit",
        "Priority": 0,
        "Statement": {
            "RateBasedStatement": {"Limit": 2_000, "EvaluationWindowSec": 300, "AggregateKeyType": "IP"}
        },
        "Action": {
            "Block": {
                "CustomResponse": {
                    "ResponseCode": 429,
                    "CustomResponseBodyKey": "too-many-requests",
                    "ResponseHeaders": [{"Name": "retry-after", "Value": "300"}],
                }
            }
        },
        "VisibilityConfig": seen("rate-limit"),
    },
    {
        "Name": "absurd-body",
        "Priority": 1,
        "Statement": {
            "SizeConstraintStatement": {
                "FieldToMatch": {"SingleHeader": {"Name": "content-length"}},
                "ComparisonOperator": "GT",
                "Size": 8,
                "TextTransformations": [{"Priority": 0, "Type": "NONE"}],
            }
        },
        "Action": {
            "Block": {"CustomResponse": {"ResponseCode": 413, "CustomResponseBodyKey": "body-too-large"}}
        },
        "VisibilityConfig": seen("absurd-body"),
    },
    managed(2, "ip-reputation", "AWSManagedRulesAmazonIpReputationList"),
    managed(3, "known-bad-inputs", "AWSManagedRulesKnownBadInputsRuleSet"),
    managed(
        4,
        "common",
        "AWSManagedRulesCommonRuleSet",
        RuleActionOverrides=[
            {"Name": "SizeRestrictions_BODY", "ActionToUse": {"Count": {}}},
            {"Name": "NoUserAgent_HEADER", "ActionToUse": {"Count": {}}},
        ],
    ),
]


@pytest.fixture
def public(shaped: Shaped) -> Assembly:
    """Return a stage that faces the internet."""
    return shaped("staging", {**PUBLIC, "traffic.rate_limit": 2_000})


@pytest.mark.slow
def test_rules(public: Assembly) -> None:
    """The rate counts everything, then absurd bodies, then AWS's groups; what is left is let through."""
    acl = dict(public.only("Traffic", "AWS::WAFv2::WebACL")["Properties"])
    acl.pop("CustomResponseBodies")
    acl.pop("Tags", None)
    assert acl == {
        "Scope": "REGIONAL",
        "DefaultAction": {"Allow": {}},
        "Rules": RULES,
        "VisibilityConfig": seen("switchyard-staging"),
    }


@pytest.mark.slow
def test_it_stands_before_the_load_balancer(public: Assembly) -> None:
    """Before both listeners: a web application firewall belongs to the whole load balancer."""
    assert public.only("Traffic", "AWS::WAFv2::WebACLAssociation")["Properties"] == {
        "ResourceArn": "<LoadBalancer>",
        "WebACLArn": "<WebFirewallAcl.Arn>",
    }


@pytest.mark.slow
def test_only_internet_facing_stages_have_one(shaped: Shaped) -> None:
    """Inside, callers are known."""
    types = {one["Type"] for one in shaped("staging").template("Traffic")["Resources"].values()}
    assert not {name for name in types if name.startswith("AWS::WAFv2::")}


@pytest.mark.slow
def test_blocked_requests_are_logged_without_secrets(public: Assembly) -> None:
    """To a group under the name that AWS WAF asks for; what was let through is in the access log."""
    group = public.resources("Traffic", "AWS::Logs::LogGroup")["WebFirewallLog"]["Properties"]
    assert group["LogGroupName"] == "aws-waf-logs-switchyard-staging"
    assert public.only("Traffic", "AWS::WAFv2::LoggingConfiguration")["Properties"] == {
        "ResourceArn": "<WebFirewallAcl.Arn>",
        "LogDestinationConfigs": ["arn:aws:logs:eu-central-1:<AWS::AccountId>:log-group:<WebFirewallLog>"],
        "LoggingFilter": {
            "DefaultBehavior": "DROP",
            "Filters": [
                {
                    "Behavior": "KEEP",
                    "Requirement": "MEETS_ANY",
                    "Conditions": [{"ActionCondition": {"Action": "BLOCK"}}],
                }
            ],
        },
        "RedactedFields": [
            {"SingleHeader": {"Name": "authorization"}},
            {"SingleHeader": {"Name": "cookie"}},
        ],
    }


@pytest.mark.slow
def test_only_log_delivery_may_write_the_log(public: Assembly) -> None:
    """For this account alone."""
    policy = public.only("Traffic", "AWS::Logs::ResourcePolicy")["Properties"]["PolicyDocument"]
    assert json.loads(policy)["Statement"] == [
        {
            "Effect": "Allow",
            "Principal": {"Service": "delivery.logs.amazonaws.com"},
            "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
            "Resource": "<WebFirewallLog.Arn>",
            "Condition": {
                "StringEquals": {"aws:SourceAccount": "<AWS::AccountId>"},
                "ArnLike": {"aws:SourceArn": "arn:aws:logs:eu-central-1:<AWS::AccountId>:*"},
            },
        }
    ]


@pytest.mark.parametrize(
    ("length", "blocked"),
    [
        (contract.MAX_BODY_BYTES, False),
        (contract.DISCARD_BYTES, False),
        (99_999_999, False),
        (100_000_000, True),
        (10**15, True),
    ],
)
def test_the_service_refuses_what_it_reads(length: int, *, blocked: bool) -> None:
    """A body up to `DISCARD_BYTES` gets the service's own answer; only absurd ones end here."""
    assert (len(str(length)) > LONGEST_LENGTH) is blocked


def test_blocked_clients_get_problem_documents() -> None:
    """A body that is too large is told so in the same words, whoever refuses it."""
    bodies = {slug: json.loads(body["Content"]) for slug, body in custom_bodies().items()}
    assert bodies == {
        "body-too-large": {"type": LARGE_BODY.urn, "title": LARGE_BODY.title, "status": LARGE_BODY.status},
        "too-many-requests": {
            "type": "urn:switchyard:problem:too-many-requests",
            "title": "There are too many requests from this address",
            "status": 429,
        },
    }
    assert {body["ContentType"] for body in custom_bodies().values()} == {"APPLICATION_JSON"}

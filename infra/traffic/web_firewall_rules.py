"""What the web application firewall lets through: its rules as AWS WAF's own documents, no constructs.

Documents rather than typed properties, because order and actions are all that matters here, and whoever
knows AWS WAF reads them as they are.
"""

import json
from typing import Any, Final

from infra.settings import StageSettings
from service import contract

Document = dict[str, Any]

LONGEST_LENGTH: Final = len(str(contract.DISCARD_BYTES))
"""Digits of the largest Content-Length that always passes.

AWS WAF cannot compare numbers in headers, and inspects only the first 8 KiB of a body behind a load
balancer. A number with more digits than `DISCARD_BYTES` has is larger than it; whatever is smaller, the
service refuses in words of its own.
"""

COUNTED: Final = ("SizeRestrictions_BODY", "NoUserAgent_HEADER")
"""Common rules that only count.

The first blocks every body beyond 8 KiB, and batches are up to `MAX_BODY_BYTES`; the others look at the
first 8 KiB of those. The second blocks clients that send no user-agent, as small programs in plants do.
"""

BODIES: Final = {
    "too-many-requests": (429, "There are too many requests from this address"),
    "body-too-large": (413, "The body is too large"),
}
"""Status and title of the problem documents that blocked clients get, by the last part of their type."""


def rules(settings: StageSettings) -> list[Document]:
    """Return the rules in the order in which AWS WAF asks them; the first that blocks decides.

    The rate is counted first, so that what later rules block counts as well. Managed groups come without
    a version: AWS moves the default one along as attacks change, and a fixed one expires.
    """
    return [
        _rule(
            0,
            "rate-limit",
            {
                "RateBasedStatement": {
                    "Limit": settings.traffic.rate_limit,
                    "EvaluationWindowSec": 300,
                    "AggregateKeyType": "IP",
                }
            },
            _block("too-many-requests", headers={"retry-after": "300"}),
        ),
        _rule(
            1,
            "absurd-body",
            {
                "SizeConstraintStatement": {
                    "FieldToMatch": {"SingleHeader": {"Name": "content-length"}},
                    "ComparisonOperator": "GT",
                    "Size": LONGEST_LENGTH,
                    "TextTransformations": [{"Priority": 0, "Type": "NONE"}],
                }
            },
            _block("body-too-large"),
        ),
        _managed(2, "ip-reputation", "AWSManagedRulesAmazonIpReputationList"),
        _managed(3, "known-bad-inputs", "AWSManagedRulesKnownBadInputsRuleSet"),
        _managed(4, "common", "AWSManagedRulesCommonRuleSet", counted=COUNTED),
    ]


def custom_bodies() -> dict[str, Document]:
    """Return the problem documents (RFC 9457) of blocked requests, by the key that rules name them by.

    As `application/json`: AWS WAF offers no other type of JSON and lets no rule set `content-type`.
    """
    return {
        slug: {
            "ContentType": "APPLICATION_JSON",
            "Content": json.dumps(
                {"type": f"urn:switchyard:problem:{slug}", "title": title, "status": status}
            ),
        }
        for slug, (status, title) in BODIES.items()
    }


def _visibility(metric: str) -> Document:
    """Return how a rule is counted: under this name, without samples.

    Samples would keep whole requests, with all that they carry; the log has what was blocked, redacted.
    """
    return {"CloudWatchMetricsEnabled": True, "MetricName": metric, "SampledRequestsEnabled": False}


def logging() -> Document:
    """Return what is written down: blocked requests only, and nobody's secrets."""
    blocked = {"ActionCondition": {"Action": "BLOCK"}}
    return {
        "LoggingFilter": {
            "DefaultBehavior": "DROP",
            "Filters": [{"Behavior": "KEEP", "Requirement": "MEETS_ANY", "Conditions": [blocked]}],
        },
        "RedactedFields": [{"SingleHeader": {"Name": name}} for name in ("authorization", "cookie")],
    }


def _rule(priority: int, name: str, statement: Document, action: Document) -> Document:
    return {
        "Name": name,
        "Priority": priority,
        "Statement": statement,
        "Action": action,
        "VisibilityConfig": _visibility(name),
    }


def _managed(priority: int, name: str, group: str, *, counted: tuple[str, ...] = ()) -> Document:
    statement: Document = {"VendorName": "AWS", "Name": group}
    if counted:
        statement["RuleActionOverrides"] = [{"Name": rule, "ActionToUse": {"Count": {}}} for rule in counted]
    return {
        "Name": name,
        "Priority": priority,
        "Statement": {"ManagedRuleGroupStatement": statement},
        "OverrideAction": {"None": {}},
        "VisibilityConfig": _visibility(name),
    }


def _block(slug: str, *, headers: dict[str, str] | None = None) -> Document:
    status, _ = BODIES[slug]
    response: Document = {"ResponseCode": status, "CustomResponseBodyKey": slug}
    if headers:
        response["ResponseHeaders"] = [{"Name": name, "Value": value} for name, value in headers.items()]
    return {"Block": {"CustomResponse": response}}

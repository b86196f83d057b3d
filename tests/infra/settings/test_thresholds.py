"""Alarms, retention, addresses and budgets."""

import math
from dataclasses import fields, is_dataclass
from typing import Any

import pytest

from infra.checks.operations import RETENTION
from infra.settings import StageSettings
from tests.infra.settings.told import told

DAYS = (
    "operations.log_retention must be one of 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, "
)
MAIL = "operations.notify must be an e-mail address such as 'team@example.org', not "
FLOATS = [
    f"{group.name}.{field.name}"
    for group in fields(StageSettings)
    if is_dataclass(group.type)
    for field in fields(group.type)
    if field.type is float
]


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        (
            {"alarms.max_error_percent": 100},
            "alarms.max_error_percent must be above 0 and below 100 percent, not 100",
        ),
        ({"alarms.min_requests": 0}, "alarms.min_requests must be 1 to 1000000000 requests, not 0"),
        ({"alarms.min_errors": 0}, "alarms.min_errors must be 1 to 1000000000 responses, not 0"),
        (
            {"alarms.max_latency": 20},
            "alarms.max_latency must be above 0 and below 20 seconds, the request timeout, not 20",
        ),
        (
            {"alarms.max_balancer_errors": 0},
            "alarms.max_balancer_errors must be 1 to 1000000000 responses, not 0",
        ),
        ({"operations.log_retention": 31}, f"{DAYS}1096, 1827, 2192, 2557, 2922, 3288, 3653 days, not 31"),
        (
            {"operations.access_log_retention": 0},
            "operations.access_log_retention must be 1 to 36500 days, not 0",
        ),
        ({"operations.notify": ""}, f"{MAIL}''"),
        ({"operations.notify": "team"}, f"{MAIL}'team'"),
        ({"operations.notify": "a@b@example.org"}, f"{MAIL}'a@b@example.org'"),
        ({"operations.notify": "team@example.org\n"}, f"{MAIL}'team@example.org\\n'"),
        (
            {"operations.monthly_budget": 0},
            "operations.monthly_budget must be 1 to 1000000000 US dollars, not 0",
        ),
        (
            {
                "operations.monthly_budget": 1,
                "region": "us-gov-west-1",
                "network.zones": ("us-gov-west-1a", "us-gov-west-1b"),
            },
            "operations.monthly_budget must be None in us-gov-west-1, where CloudFormation makes no budgets",
        ),
        (
            {"operations.monthly_budget": 10**5000},
            (
                "operations.monthly_budget must be 1 to 1000000000 US dollars, not a number of thousands of "
                "digits"
            ),
        ),
    ],
)
def test_each_rule_is_told_with_its_value(changes: dict[str, Any], problem: str) -> None:
    """One clause, which begins with the field."""
    assert told(changes) == (problem,)


@pytest.mark.parametrize(
    "changes",
    [
        {"alarms.max_error_percent": 99.9, "alarms.min_requests": 1, "alarms.max_latency": 19.9},
        {"alarms.max_balancer_errors": 1, "alarms.min_errors": 1},
        {"operations.access_log_retention": 1},
        {"operations.notify": "on-call+yield@plant.example.org", "operations.monthly_budget": 1},
        *({"operations.log_retention": days} for days in RETENTION),
    ],
)
def test_what_just_fits_is_accepted(changes: dict[str, Any]) -> None:
    """The rules refuse nothing that can work."""
    assert told(changes) == ()


@pytest.mark.parametrize("value", [0.0, -1.0, math.inf, -math.inf, math.nan, 10**400])
@pytest.mark.parametrize("name", FLOATS)
def test_no_float_is_without_bounds(name: str, value: float) -> None:
    """A tolerance or threshold that nothing can exceed is a mistake: the release would never turn back."""
    (problem,) = told({name: value})
    assert problem.startswith(f"{name} must be above 0 and ")


@pytest.mark.slow
def test_the_cdk_knows_every_retention() -> None:
    """Its names stand for the days that the table says."""
    from aws_cdk import aws_logs  # noqa: PLC0415 - starts Node, which the quick tests do without

    names = {member.name: member for member in aws_logs.RetentionDays if member.name != "INFINITE"}
    assert sorted(names) == sorted(RETENTION.values())

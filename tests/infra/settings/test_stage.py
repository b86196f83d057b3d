"""Names, accounts and regions."""

from typing import Any

import pytest

from infra.checks.stage import partition, physical_names
from tests.infra.settings.told import DEV, told
from tests.infra.variants import changed

NAMED = "name must be lower-case letters, digits and single hyphens, such as 'dev', not "


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"name": "all"}, "name must not be 'all', which stands for every stage"),
        ({"name": ""}, f"{NAMED}''"),
        ({"name": "Dev"}, f"{NAMED}'Dev'"),
        ({"name": "1dev"}, f"{NAMED}'1dev'"),
        ({"name": "dev-"}, f"{NAMED}'dev-'"),
        ({"name": "dev--eu"}, f"{NAMED}'dev--eu'"),
        ({"name": "dev\n"}, f"{NAMED}'dev\\n'"),
        ({"name": "dévelop"}, f"{NAMED}'dévelop'"),
        (
            {"name": "abcdefghijklmn"},
            (
                "name must be 1 characters shorter, or AWS refuses names such as "
                "'switchyard-abcdefghijklmn-traffic-logs-000000000000-eu-central-1'"
            ),
        ),
        ({"account": "12345678901"}, "account must be twelve digits, not '12345678901'"),
        ({"account": ""}, "account must be twelve digits, not ''"),
        (
            {"account": "１２３４５６７８９０１２"},
            "account must be twelve digits, not '１２３４５６７８９０１２'",
        ),
        ({"region": "Frankfurt"}, "region must be an AWS region such as 'eu-central-1', not 'Frankfurt'"),
        (
            {"region": "eu-central-1a"},
            "region must be an AWS region such as 'eu-central-1', not 'eu-central-1a'",
        ),
        ({"region": "\ud800"}, "region must be an AWS region such as 'eu-central-1', not '\\ud800'"),
    ],
)
def test_each_rule_is_told_with_its_value(changes: dict[str, Any], problem: str) -> None:
    """One clause, which begins with the field."""
    assert told(changes, "staging") == (problem,)


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "abcdefghijklm"},
        {"name": "dev-eu2"},
        {"account": "012345678901"},
        {"region": "us-gov-west-1", "network.zones": ("us-gov-west-1a", "us-gov-west-1b")},
        {"region": "eusc-de-east-1", "network.zones": ("eusc-de-east-1a", "eusc-de-east-1b"), "name": "dev2"},
        {"region": "ap-southeast-2", "network.zones": ("ap-southeast-2a", "ap-southeast-2c"), "name": "test"},
    ],
)
def test_what_just_fits_is_accepted(changes: dict[str, Any]) -> None:
    """The rules refuse nothing that can work."""
    assert told(changes, "staging") == ()


@pytest.mark.parametrize(
    ("region", "name"),
    [
        ("eu-central-1", "aws"),
        ("cn-north-1", "aws-cn"),
        ("us-gov-east-1", "aws-us-gov"),
        ("us-east-1", "aws"),
    ],
)
def test_a_region_has_its_partition(region: str, name: str) -> None:
    """ARNs begin with it."""
    assert partition(region) == name


def test_the_names_that_are_measured_are_the_ones_in_use() -> None:
    """A name that grew too long would be found by CloudFormation only, half way through."""
    assert physical_names(changed(DEV, {"region": "ap-southeast-2"})) == {
        "switchyard-dev-data-000000000000-ap-southeast-2": 63,
        "switchyard-dev-traffic-logs-000000000000-ap-southeast-2": 63,
        "switchyard-dev-task-ap-southeast-2": 64,
        "switchyard-dev-execution-ap-southeast-2": 64,
        "switchyard-dev-release-ap-southeast-2": 64,
        "switchyard-dev-deploy-ap-southeast-2": 64,
        "switchyard-dev-release-gate": 64,
        "switchyard-dev-release-keeper": 64,
    }

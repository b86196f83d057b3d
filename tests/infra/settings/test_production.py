"""What only production refuses."""

from typing import Any

import pytest

from infra.checks.production import REFUSALS
from infra.settings import Egress, Engine, HostedZone, Strategy
from tests.infra.settings.told import PRODUCTION, told
from tests.infra.variants import changed

ZONES = ("eu-central-1a", "eu-central-1b", "eu-central-1c")
PUBLIC = {"traffic.internet_facing": True, "traffic.callers": ("0.0.0.0/0",)}
NAMED = {
    "traffic.domain": "yield.example.org",
    "traffic.hosted_zone": HostedZone(id="Z0123456789ABC", name="example.org"),
}
REFUSED: list[tuple[dict[str, Any], str]] = [
    (
        PUBLIC,
        (
            "traffic.internet_facing must not be True without HTTPS in production: anyone on the way could "
            "read and change requests and predictions"
        ),
    ),
    (
        {"traffic.deletion_protection": False},
        (
            "traffic.deletion_protection must not be False in production: one mistaken command could take "
            "away the address that clients call"
        ),
    ),
    (
        {"network.egress": Egress.ONE_NAT},
        (
            "network.egress must not be one-nat in production: the loss of that gateway's zone would cut the "
            "tasks in all others off"
        ),
    ),
    (
        {"tasks.spot": True},
        (
            "tasks.spot must not be True in production: AWS may end all tasks at two minutes' notice and "
            "have no others"
        ),
    ),
    (
        {"tasks.min_tasks": 1},
        (
            "tasks.min_tasks must not be 1 in production: nobody answers from the moment that task ends "
            "until another has started"
        ),
    ),
    (
        {"network.zones": ZONES},
        (
            "tasks.min_tasks must not be below the number of zones in production: a zone without a task does "
            "not help when another is lost"
        ),
    ),
    (
        {"release.strategy": Strategy.ALL_AT_ONCE},
        (
            "release.strategy must not be all-at-once in production: the old tasks end at once, so the way "
            "back from a bad version takes a new release"
        ),
    ),
    (
        {"release.engine": Engine.ECS, "release.strategy": Strategy.ROLLING},
        (
            "release.strategy must not be rolling in production: a version would take traffic without having "
            "passed the release gate"
        ),
    ),
    (
        {"alarms.enabled": False},
        (
            "alarms.enabled must not be False in production: nothing would turn a bad release around, and "
            "nobody would be told"
        ),
    ),
    (
        {"operations.log_retention": 60},
        (
            "operations.log_retention must not be below 90 in production: incidents are often looked into "
            "weeks later, and the logs would be gone"
        ),
    ),
]


@pytest.mark.parametrize(("changes", "problem"), REFUSED)
def test_production_says_why_it_refuses(changes: dict[str, Any], problem: str) -> None:
    """One sentence, with the consequence."""
    assert told(changes, "production") == (problem,)


def test_every_refusal_has_its_case() -> None:
    """The table above leaves none out."""
    assert len(REFUSED) == len(REFUSALS)


@pytest.mark.parametrize(("changes", "problem"), REFUSED[1:])
def test_another_stage_may_do_all_that(changes: dict[str, Any], problem: str) -> None:
    """The very same settings under another name work, public HTTP excepted."""
    assert told({"name": "staging"} | changes, "production") == ()
    assert told(changes, "production") == (problem,)


@pytest.mark.parametrize(
    "changes",
    [
        PUBLIC | NAMED,
        {"network.egress": Egress.ENDPOINTS},
        {"network.zones": ZONES, "tasks.min_tasks": 3},
        {"release.strategy": Strategy.BLUE_GREEN},
        {"release.engine": Engine.ECS, "release.strategy": Strategy.LINEAR},
        {"operations.log_retention": 90},
    ],
)
def test_what_is_safe_is_accepted(changes: dict[str, Any]) -> None:
    """The rules refuse nothing that is safe."""
    assert told(changes, "production") == ()


def test_all_refusals_are_told_at_once() -> None:
    """Whoever makes production cheap reads every reason in one run."""
    changes = {key: value for case, _ in REFUSED for key, value in case.items() if key != "release.engine"}
    changes |= {"release.strategy": Strategy.ALL_AT_ONCE, "tasks.min_tasks": 2}
    left = [
        problem for case, problem in REFUSED if case != {"tasks.min_tasks": 1} and " rolling " not in problem
    ]
    assert list(told(changes, "production")) == left
    assert changed(PRODUCTION, {}) == PRODUCTION

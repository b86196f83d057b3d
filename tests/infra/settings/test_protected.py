"""What only a protected stage refuses."""

from typing import Any

import pytest

from infra.checks.protected import REFUSALS
from infra.config import STAGES
from infra.settings import Egress, Engine, HostedZone, Severity, Strategy
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
            "traffic.internet_facing must not be True without HTTPS on a protected stage: anyone on the "
            "way could read and change requests and predictions"
        ),
    ),
    (
        {"traffic.deletion_protection": False},
        (
            "traffic.deletion_protection must not be False on a protected stage: one mistaken command "
            "could take away the address that clients call"
        ),
    ),
    (
        {"network.egress": Egress.ONE_NAT},
        (
            "network.egress must not be one-nat on a protected stage: the loss of that gateway's zone "
            "would cut the tasks in all others off"
        ),
    ),
    (
        {"tasks.spot": True},
        (
            "tasks.spot must not be True on a protected stage: AWS may end all tasks at two minutes' "
            "notice and have no others"
        ),
    ),
    (
        {"tasks.min_tasks": 1},
        (
            "tasks.min_tasks must not be 1 on a protected stage: nobody answers from the moment that task "
            "ends until another has started"
        ),
    ),
    (
        {"network.zones": ZONES},
        (
            "tasks.min_tasks must not be below the number of zones on a protected stage: a zone without a "
            "task does not help when another is lost"
        ),
    ),
    (
        {"release.strategy": Strategy.ALL_AT_ONCE},
        (
            "release.strategy must not be all-at-once on a protected stage: the old tasks end at once, so "
            "the way back from a bad version takes a new release"
        ),
    ),
    (
        {"release.engine": Engine.ECS, "release.strategy": Strategy.ROLLING},
        (
            "release.strategy must not be rolling on a protected stage: a version would take traffic "
            "without having passed the release gate"
        ),
    ),
    (
        {"release.max_severity": Severity.CRITICAL},
        (
            "release.max_severity must not be critical on a protected stage: whatever the registry's scan "
            "finds, the image would be released"
        ),
    ),
    (
        {"alarms.enabled": False},
        (
            "alarms.enabled must not be False on a protected stage: nothing would turn a bad release "
            "around, and nobody would be told"
        ),
    ),
    (
        {"alarms.max_error_percent": 10.1},
        (
            "alarms.max_error_percent must not be above 10 on a protected stage: one request in ten could "
            "fail, and the version would stay"
        ),
    ),
    (
        {"alarms.min_requests": 1001},
        (
            "alarms.min_requests must not be above 1000 on a protected stage: a version that is asked less"
            " often would be judged by nothing but its health"
        ),
    ),
    (
        {"alarms.min_errors": 101},
        (
            "alarms.min_errors must not be above 100 on a protected stage: that many requests could fail "
            "every minute, whatever share of all they are"
        ),
    ),
    (
        {"alarms.max_latency": 10.1},
        (
            "alarms.max_latency must not be above 10 on a protected stage: one request in a hundred could "
            "take half of the request timeout, and the version would stay"
        ),
    ),
    (
        {"alarms.max_balancer_errors": 101},
        (
            "alarms.max_balancer_errors must not be above 100 on a protected stage: tasks that crash or "
            "hang could fail so many requests every minute"
        ),
    ),
    (
        {"operations.log_retention": 60},
        (
            "operations.log_retention must not be below 90 on a protected stage: incidents are often "
            "looked into weeks later, and the logs would be gone"
        ),
    ),
]


@pytest.mark.parametrize(("changes", "problem"), REFUSED)
def test_a_protected_stage_says_why_it_refuses(changes: dict[str, Any], problem: str) -> None:
    """One sentence, with the consequence, whatever the stage is called."""
    assert told(changes, "production") == (problem,)
    assert told({"name": "live"} | changes, "production") == (problem,)


def test_production_must_be_protected() -> None:
    """The one name of which everybody knows what it stands for."""
    assert told({"protected": False}, "production") == (
        "protected must be True on the stage 'production': nothing unsafe is to get there by a default",
    )
    assert [stage.name for stage in STAGES.values() if stage.protected] == ["production"]


def test_every_refusal_has_its_case() -> None:
    """The table above leaves none out."""
    assert len(REFUSED) == len(REFUSALS)


@pytest.mark.parametrize(("changes", "problem"), REFUSED[1:])
def test_a_stage_without_protection_may_do_all_that(changes: dict[str, Any], problem: str) -> None:
    """The very same settings under another name work, public HTTP excepted."""
    assert told({"name": "staging", "protected": False} | changes, "production") == ()
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
        {"alarms.max_error_percent": 10, "alarms.min_requests": 1000, "alarms.min_errors": 100},
        {"alarms.max_latency": 10, "alarms.max_balancer_errors": 100},
    ],
)
def test_what_is_safe_is_accepted(changes: dict[str, Any]) -> None:
    """The rules refuse nothing that is safe."""
    assert told(changes, "production") == ()


def test_all_refusals_are_told_at_once() -> None:
    """Whoever makes a protected stage cheap reads every reason in one run."""
    changes = {key: value for case, _ in REFUSED for key, value in case.items() if key != "release.engine"}
    changes |= {"release.strategy": Strategy.ALL_AT_ONCE, "tasks.min_tasks": 2}
    left = [
        problem for case, problem in REFUSED if case != {"tasks.min_tasks": 1} and " rolling " not in problem
    ]
    assert list(told(changes, "production")) == left
    assert changed(PRODUCTION, {}) == PRODUCTION

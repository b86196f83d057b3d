"""The registry, and the stages beside each other."""

from typing import Any

import pytest

from infra.checks import problems_of_registry
from infra.config import REGISTRY, STAGES
from infra.settings import Egress, RegistrySettings, StageSettings, Strategy
from tests.infra.settings.told import DEV, PRODUCTION, STAGING
from tests.infra.variants import changed

HOME, AWAY = "111122223333", "444455556666"
GITHUB = "registry.github must be a GitHub repository 'owner/name' or 'owner@1234/name@5678', not "


def stages(*changes: dict[str, Any]) -> tuple[StageSettings, ...]:
    """Return the shipped stages, each with its changes."""
    return tuple(
        changed(stage, change) for stage, change in zip((DEV, STAGING, PRODUCTION), changes, strict=False)
    )


def test_the_shipped_registry_is_valid() -> None:
    """Together with all shipped stages."""
    assert problems_of_registry(REGISTRY, STAGES.values()) == ()


@pytest.mark.parametrize(
    ("registry", "problem"),
    [
        ({"account": "1"}, "registry.account must be twelve digits, not '1'"),
        ({"region": ""}, "registry.region must be an AWS region such as 'eu-central-1', not ''"),
        ({"github": ""}, f"{GITHUB}''"),
        ({"github": "owner"}, f"{GITHUB}'owner'"),
        ({"github": "owner/name/more"}, f"{GITHUB}'owner/name/more'"),
        ({"github": "owner/*"}, f"{GITHUB}'owner/*'"),
        ({"github": "own er/name"}, f"{GITHUB}'own er/name'"),
        ({"github": "owner/name\n"}, f"{GITHUB}'owner/name\\n'"),
        ({"github": "owner/.."}, f"{GITHUB}'owner/..'"),
        ({"github": "https://github.com/owner/name"}, f"{GITHUB}'https://github.com/owner/name'"),
        ({"github": "owner@1/name"}, f"{GITHUB}'owner@1/name'"),
        ({"signing": None}, "registry.signing must be True or False, not None"),
        ({"region": None}, "registry.region must be a text, not None"),
    ],
)
def test_each_rule_of_the_registry_is_told(registry: dict[str, Any], problem: str) -> None:
    """One clause, which begins with the field."""
    assert problems_of_registry(RegistrySettings(**registry), ()) == (problem,)


@pytest.mark.parametrize(
    ("registry", "changes", "problem"),
    [
        ({}, ({}, {"name": "dev"}), "name 'dev' belongs to 2 stages, and each needs its own"),
        (
            {},
            ({}, {"name": "dev-eu"}),
            "name 'dev-eu' begins like stage 'dev', whose permissions would reach it",
        ),
        (
            {"account": HOME},
            ({"account": HOME}, {}, {}),
            (
                "account must be given for all or for none, and is missing for stage 'staging', stage "
                "'production'"
            ),
        ),
        ({}, ({"account": HOME},), "account must be given for all or for none, and is missing for registry"),
        (
            {"github": "owner/name"},
            ({"github_provider": True},),
            "github_provider of stage 'dev' must be False: the registry brings it",
        ),
        (
            {"account": HOME, "github": "owner/name"},
            ({"account": AWAY, "github_provider": True}, {"account": AWAY, "github_provider": True}),
            "github_provider must be True for one stage of account '444455556666', not for 2",
        ),
        (
            {},
            ({"github_provider": True},),
            "github_provider of stage 'dev' must be False: registry.github names nobody",
        ),
        (
            {},
            ({"network.cidr": "10.0.0.0/16"}, {"network.cidr": "10.0.240.0/20"}),
            (
                "network.cidr of stage 'staging' must not overlap with '10.0.0.0/16' of stage 'dev', or "
                "nothing can be peered with both"
            ),
        ),
        (
            {"github": "owner/name"},
            ({}, {"release.bake_minutes": 626}),
            (
                "release of stage 'staging' must end within 720 minutes, not 721: a workflow of GitHub's has "
                "no longer session"
            ),
        ),
        (
            {"region": "eu-west-1"},
            ({"network.egress": Egress.ENDPOINTS},),
            "region of stage 'dev' must be 'eu-west-1', where the images are: endpoints lead to no other",
        ),
    ],
)
def test_each_rule_for_stages_together_is_told(
    registry: dict[str, Any], changes: tuple[dict[str, Any], ...], problem: str
) -> None:
    """What each stage may do alone, but not beside the others."""
    assert problems_of_registry(RegistrySettings(**registry), stages(*changes)) == (problem,)


@pytest.mark.parametrize(
    ("registry", "changes"),
    [
        ({"github": "owner-1/name.of_it"}, ({}, {}, {})),
        ({"github": "owner@1234/name@5678"}, ({},)),
        (
            {"account": HOME, "github": "owner/name"},
            ({"account": HOME}, {"account": HOME}, {"account": AWAY, "github_provider": True}),
        ),
        ({}, ({"name": "de"}, {"name": "dev2"})),
        ({"region": "eu-west-1"}, ({}, {})),
        ({}, ({"account": 5},)),
        ({}, ({"network.cidr": "10.0.0.0/17"}, {"network.cidr": "10.0.128.0/17"}, {"network.cidr": "all"})),
        ({}, ({"release.bake_minutes": 2880},)),
        (
            {"github": "owner/name"},
            (
                {"release.shift_percent": 0, "release.strategy": Strategy.LINEAR},
                {"release.bake_minutes": 625},
            ),
        ),
    ],
)
def test_what_fits_together_is_accepted(
    registry: dict[str, Any], changes: tuple[dict[str, Any], ...]
) -> None:
    """The rules refuse nothing that can work, and leave a stage's own mistakes to its own rules."""
    assert problems_of_registry(RegistrySettings(**registry), stages(*changes)) == ()

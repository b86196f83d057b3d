"""The stages: everything that differs between dev, staging and production.

Plain data: imports no CDK, so that the release and the rehearsal may read it cheaply.
"""

from types import MappingProxyType
from typing import Final

from infra.checks import problems_of
from infra.errors import ContextError, SettingsError
from infra.settings import StageSettings, Strategy

REGISTRY_STACK: Final = "Switchyard-Registry"
"""The one stack that all stages share: images are built once and promoted by digest."""

STAGES: Final = MappingProxyType(
    {
        settings.name: settings
        for settings in (
            StageSettings(
                name="dev",
                cidr="10.20.0.0/16",
                internet_facing=True,
                callers=("0.0.0.0/0",),
                termination_wait=5,
            ),
            StageSettings(
                name="staging",
                cidr="10.21.0.0/16",
                min_tasks=2,
                max_tasks=4,
                strategy=Strategy.CANARY,
            ),
            StageSettings(
                name="production",
                cidr="10.22.0.0/16",
                nat_gateways=2,
                cpu=1024,
                memory=2048,
                min_tasks=2,
                max_tasks=10,
                strategy=Strategy.CANARY,
                termination_wait=60,
                log_retention=365,
                access_log_retention=365,
                deletion_protection=True,
            ),
        )
    }
)
"""Every stage by its name."""


def settings_for(stage: str) -> StageSettings:
    """Return the settings of a stage, checked.

    Raises:
        ContextError: there is no such stage.
        SettingsError: the settings cannot work; it lists everything that is wrong.
    """
    settings = STAGES.get(stage)
    if settings is None:
        known = ", ".join(STAGES)
        raise ContextError(f"There is no stage {stage!r}: give one of {known} with --context stage=NAME.")
    return validated(settings)


def validated(settings: StageSettings) -> StageSettings:
    """Return the settings unchanged when they can work.

    Raises:
        SettingsError: they cannot; it lists everything that is wrong.
    """
    problems = problems_of(settings)
    if problems:
        raise SettingsError(settings.name, problems)
    return settings

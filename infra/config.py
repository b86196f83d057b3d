"""The stages and the registry: everything that an owner of this repository decides about AWS.

Plain data: imports no CDK, so that the release and the rehearsal may read it cheaply.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

from infra.checks import problems_of, problems_of_registry
from infra.checks.rules import shown
from infra.checks.stage import EVERY_STAGE
from infra.errors import ContextError, SettingsError, unknown_stage
from infra.settings import (
    AlarmSettings,
    Egress,
    NetworkSettings,
    OperationsSettings,
    RegistrySettings,
    ReleaseSettings,
    StageSettings,
    Strategy,
    TaskSettings,
    TrafficSettings,
)

__all__ = ["EVERY_STAGE", "REGISTRY", "STAGES", "chosen_stages", "settings_for", "validated"]

REGISTRY: Final = RegistrySettings()
"""What all stages share."""

STAGES: Final = MappingProxyType(
    {
        settings.name: settings
        for settings in (
            StageSettings(
                name="dev",
                network=NetworkSettings(cidr="10.20.0.0/16"),
                traffic=TrafficSettings(internet_facing=True, callers=("0.0.0.0/0",)),
                release=ReleaseSettings(bake_minutes=5),
            ),
            StageSettings(
                name="staging",
                network=NetworkSettings(cidr="10.21.0.0/16"),
                tasks=TaskSettings(min_tasks=2, max_tasks=4),
                release=ReleaseSettings(strategy=Strategy.CANARY),
            ),
            StageSettings(
                name="production",
                protected=True,
                network=NetworkSettings(cidr="10.22.0.0/16", egress=Egress.NAT_PER_ZONE),
                traffic=TrafficSettings(deletion_protection=True),
                tasks=TaskSettings(cpu=1024, memory=2048, min_tasks=2, max_tasks=10),
                release=ReleaseSettings(strategy=Strategy.CANARY, bake_minutes=60),
                alarms=AlarmSettings(max_error_percent=1.0),
                operations=OperationsSettings(log_retention=365, access_log_retention=365),
            ),
        )
    }
)
"""Every stage by its name."""


def chosen_stages(
    name: str,
    stages: Mapping[str, StageSettings] = STAGES,
    registry: RegistrySettings = REGISTRY,
) -> tuple[StageSettings, ...]:
    """Return the settings of the stage of this name, or of every stage for `all`.

    Checked: what is returned, stage by stage, and the registry together with all stages there are.

    Raises:
        ContextError: there is no such stage.
        SettingsError: the settings cannot work; it lists everything that is wrong.
    """
    chosen = stages if name == EVERY_STAGE else {name: _named(name, stages, EVERY_STAGE)}
    findings = {f"stage {known!r}": problems_of(settings) for known, settings in chosen.items()}
    findings["the registry and the stages"] = problems_of_registry(registry, stages.values())
    _refuse(findings)
    return tuple(chosen.values())


def settings_for(stage: str, stages: Mapping[str, StageSettings] = STAGES) -> StageSettings:
    """Return the settings of a stage, checked.

    Raises:
        ContextError: there is no such stage.
        SettingsError: the settings cannot work; it lists everything that is wrong.
    """
    return validated(_named(stage, stages))


def validated(settings: StageSettings) -> StageSettings:
    """Return the settings unchanged when they can work.

    Raises:
        SettingsError: they cannot; it lists everything that is wrong.
    """
    _refuse({f"stage {shown(settings.name)}": problems_of(settings)})
    return settings


def _named(name: str, stages: Mapping[str, StageSettings], *also: str) -> StageSettings:
    settings = stages.get(name)
    if settings is None:
        raise ContextError(unknown_stage(name, (*stages, *also), how="--context stage=NAME"))
    return settings


def _refuse(findings: Mapping[str, Sequence[str]]) -> None:
    if any(findings.values()):
        raise SettingsError(findings)

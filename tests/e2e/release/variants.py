"""The stages that are released to: `staging` with other settings, or `dev` and `staging`, by name.

The programs that release read settings from `infra.config` alone, so they are told a name (see `program`).
"""

from collections.abc import Mapping
from typing import Any, Final

from infra.config import STAGES
from infra.settings import Engine, StageSettings, Strategy
from rehearsal.isolation import ACCOUNT
from tests.infra.variants import changed

STAGE: Final = "staging"
PAIR: Final = "pair"
"""The variant of two stages, of which the second is promoted to."""
CERTIFICATE: Final = f"arn:aws:acm:eu-central-1:{ACCOUNT}:certificate/0f0e0d0c-0b0a-4908-8706-050403020100"
_SMALL: Final = {"traffic.certificate": CERTIFICATE, "tasks.min_tasks": 1, "tasks.max_tasks": 2}
_QUICK: Final = {"release.shift_percent": 30, "release.shift_minutes": 1, "release.bake_minutes": 1}

CHANGES: Final[Mapping[str, Mapping[str, Any]]] = {
    f"{engine}-{strategy}": {
        **_SMALL,
        **_QUICK,
        "release.engine": engine,
        "release.strategy": strategy,
    }
    for engine, strategies in {
        Engine.CODEDEPLOY: (Strategy.ALL_AT_ONCE, Strategy.BLUE_GREEN, Strategy.CANARY, Strategy.LINEAR),
        Engine.ECS: (Strategy.ROLLING, Strategy.BLUE_GREEN, Strategy.CANARY, Strategy.LINEAR),
    }.items()
    for strategy in strategies
}
"""What each variant changes of `staging`: over HTTPS, one task a colour, by each engine in each way."""

_PAIR: Final[Mapping[str, Mapping[str, Any]]] = {
    "dev": {"release.strategy": Strategy.ALL_AT_ONCE},
    "staging": {**_QUICK, "tasks.min_tasks": 1, "tasks.max_tasks": 2},
}


def stages(variant: str) -> Mapping[str, StageSettings]:
    """Return the settings of a variant's stages by their names: one, or the two of the pair."""
    chosen = _PAIR if variant == PAIR else {STAGE: CHANGES[variant]}
    return {name: changed(STAGES[name], changes) for name, changes in chosen.items()}


def settings(variant: str) -> StageSettings:
    """Return the settings of a variant's first stage."""
    return next(iter(stages(variant).values()))

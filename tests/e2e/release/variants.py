"""The stages that are released to: each is `staging` with other settings, by name.

The programs that release read settings from `infra.config` alone, so they are told a name (see `program`).
"""

from collections.abc import Mapping
from typing import Any, Final

from infra.config import STAGES
from infra.settings import Engine, StageSettings, Strategy
from rehearsal.isolation import ACCOUNT
from tests.infra.variants import changed

STAGE: Final = "staging"
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


def settings(variant: str) -> StageSettings:
    """Return the settings of a variant."""
    return changed(STAGES[STAGE], CHANGES[variant])

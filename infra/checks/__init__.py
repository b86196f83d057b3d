"""Whether settings can work: every rule is looked at, every broken one is told in words.

Pure decisions over `infra.settings`, one module for each group of it. What only a protected stage refuses,
and why, is in `infra.checks.protected`.
"""

from collections.abc import Iterable
from typing import Final

from infra.checks import alarms, network, operations, protected, registry, release, stage, tasks, traffic
from infra.checks.kinds import unreadable
from infra.checks.operations import RETENTION
from infra.checks.rules import Rule, broken
from infra.settings import RegistrySettings, StageSettings

__all__ = ["RETENTION", "RULES", "problems_of", "problems_of_registry"]

RULES: Final[tuple[Rule[StageSettings], ...]] = (
    *stage.RULES,
    *network.RULES,
    *traffic.RULES,
    *tasks.RULES,
    *release.RULES,
    *alarms.RULES,
    *operations.RULES,
    *protected.RULES,
)
"""Every rule for one stage, in the order in which they are told."""


def problems_of(settings: StageSettings) -> tuple[str, ...]:
    """Return one clause for each thing that is wrong with a stage; nothing when its settings can work.

    A clause begins with the path of its field, such as `tasks.cpu`. Values of a wrong type are told as well;
    what depends on them is not judged. Never raises, whatever the values are.
    """
    strangers = unreadable(settings)
    return (*strangers.values(), *broken(RULES, settings, frozenset(strangers)))


def problems_of_registry(registry_: RegistrySettings, stages: Iterable[StageSettings]) -> tuple[str, ...]:
    """Return one clause for each thing that is wrong with the registry, or with stages beside each other.

    Stages that are wrong by themselves are `problems_of`'s to tell. Never raises.
    """
    return registry.problems(registry_, tuple(stages))

"""Rules for releases: which engine knows which strategy, and its bounds."""

import math
import sys
from typing import Final

from infra.checks.rules import Rule, rule, shown
from infra.settings import Engine, ReleaseSettings, StageSettings, Strategy

STRATEGIES: Final = {
    Engine.CODEDEPLOY: (Strategy.ALL_AT_ONCE, Strategy.BLUE_GREEN, Strategy.CANARY, Strategy.LINEAR),
    Engine.ECS: (Strategy.ROLLING, Strategy.BLUE_GREEN, Strategy.CANARY, Strategy.LINEAR),
}
"""What each engine can do."""
LONGEST_STEP: Final = {Engine.CODEDEPLOY: 60, Engine.ECS: 1440}
"""Minutes between two steps: ours for CodeDeploy; 24 hours by the Amazon ECS API reference."""
LONGEST_BAKE: Final = {Engine.CODEDEPLOY: 2880, Engine.ECS: 1440}
"""Minutes that the old tasks can be kept: two days by the CodeDeploy API reference
(BlueInstanceTerminationOption), one by Amazon ECS's."""
SMALLEST_LINEAR_STEP: Final = {Engine.CODEDEPLOY: 1, Engine.ECS: 3}
"""Percent of a linear shift's step (Amazon ECS API reference, LinearConfiguration)."""
LONGEST_SHIFT: Final = 2880
"""Minutes between the first and the last step of a CodeDeploy release.

Its quota, documented for Lambda; for ECS none is, and two days are the other limits there.
"""
LONGEST_ECS_RELEASE: Final = 33 * 60
"""Minutes of all steps and the bake time together, beyond which CloudFormation refuses an ECS-native service:
its own operations end after 36 hours (CloudFormation reference, LinearConfiguration)."""
AROUND: Final = 90
"""Minutes of a release beside its shift and bake: tasks start, the gate has an hour at most, tasks drain."""
LONGEST_SESSION: Final = 12 * 60
"""Minutes that a role's session lasts at most (IAM API reference, MaxSessionDuration)."""


def shift_minutes_of(release: ReleaseSettings) -> int:
    """Return the minutes between the first and the last step; the percentage must be above 0."""
    if release.strategy is Strategy.CANARY:
        return release.shift_minutes
    if release.strategy is Strategy.LINEAR:
        return (math.ceil(100 / release.shift_percent) - 1) * release.shift_minutes
    return 0


def minutes_of(release: ReleaseSettings) -> int:
    """Return the minutes that a whole release may take; the percentage must be above 0."""
    at_once = release.strategy in {Strategy.ALL_AT_ONCE, Strategy.ROLLING}
    return shift_minutes_of(release) + (0 if at_once else release.bake_minutes) + AROUND


def sound(release: ReleaseSettings) -> bool:
    """Return whether each number by itself is within its bounds, so that their sum can be judged."""
    return (
        1 <= release.shift_percent <= 99  # noqa: PLR2004 - percent
        and 1 <= release.shift_minutes <= LONGEST_STEP[release.engine]
        and 1 <= release.bake_minutes <= LONGEST_BAKE[release.engine]
    )


@rule("release.strategy", "release.engine")
def strategy(settings: StageSettings) -> str | None:
    """One that the engine knows: not `rolling` by CodeDeploy, not `all-at-once` by ECS."""
    release = settings.release
    known = STRATEGIES[release.engine]
    if release.strategy in known:
        return None
    names = ", ".join(known)
    return f"must be one of {names} with engine {release.engine}, not {release.strategy}"


@rule("release.shift_percent", "release.engine", "release.strategy")
def shift_percent(settings: StageSettings) -> str | None:
    """1 to 99 percent; from 3 on for ECS's linear."""
    release = settings.release
    linear = release.strategy is Strategy.LINEAR
    low = SMALLEST_LINEAR_STEP[release.engine] if linear else 1
    if low <= release.shift_percent <= 99:  # noqa: PLR2004 - percent
        return None
    return f"must be {low} to 99 percent, not {shown(release.shift_percent)}"


@rule("release.shift_minutes", "release.engine")
def shift_minutes(settings: StageSettings) -> str | None:
    """1 to 60 minutes by CodeDeploy, 1 to 1440 by ECS."""
    high = LONGEST_STEP[settings.release.engine]
    if 1 <= settings.release.shift_minutes <= high:
        return None
    engine = settings.release.engine
    return f"must be 1 to {high} minutes with engine {engine}, not {shown(settings.release.shift_minutes)}"


@rule("release.bake_minutes", "release.engine")
def bake_minutes(settings: StageSettings) -> str | None:
    """1 to 2880 minutes by CodeDeploy, 1 to 1440 by ECS."""
    high = LONGEST_BAKE[settings.release.engine]
    if 1 <= settings.release.bake_minutes <= high:
        return None
    engine = settings.release.engine
    return f"must be 1 to {high} minutes with engine {engine}, not {shown(settings.release.bake_minutes)}"


@rule(
    "release.shift_minutes",
    "release.engine",
    "release.strategy",
    "release.shift_percent",
    "release.bake_minutes",
)
def whole_release(settings: StageSettings) -> str | None:
    """All steps within 2880 minutes by CodeDeploy; with the bake time within 1980 by ECS."""
    release = settings.release
    if not sound(release):
        return None
    shift = shift_minutes_of(release)
    if release.engine is Engine.CODEDEPLOY:
        over = shift > LONGEST_SHIFT
        return (
            f"must be fewer: the shift must end within {LONGEST_SHIFT} minutes, not {shift}" if over else None
        )
    whole = shift + release.bake_minutes if release.two_colours else 0
    if whole <= LONGEST_ECS_RELEASE:
        return None
    return f"must be fewer: shift and bake must end within {LONGEST_ECS_RELEASE} minutes, not {whole}"


@rule("release.gate_tolerance")
def gate_tolerance(settings: StageSettings) -> str | None:
    """Above 0 and finite."""
    if 0 < settings.release.gate_tolerance <= sys.float_info.max:
        return None
    return f"must be above 0 and finite, not {shown(settings.release.gate_tolerance)}"


RULES: Final[tuple[Rule[StageSettings], ...]] = (
    strategy,
    shift_percent,
    shift_minutes,
    bake_minutes,
    whole_release,
    gate_tolerance,
)

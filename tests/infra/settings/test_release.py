"""Engines, strategies and their bounds."""

from itertools import product
from typing import Any

import pytest

from infra.checks.release import STRATEGIES
from infra.settings import Engine, Strategy
from tests.infra.settings.told import told

ECS = {"release.engine": Engine.ECS}
LINEAR = {"release.strategy": Strategy.LINEAR}
CANARY = {"release.strategy": Strategy.CANARY}
ONE_PERCENT = LINEAR | {"release.shift_percent": 1}


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"release.shift_percent": 0}, "release.shift_percent must be 1 to 99 percent, not 0"),
        (CANARY | {"release.shift_percent": 100}, "release.shift_percent must be 1 to 99 percent, not 100"),
        (ECS | LINEAR | {"release.shift_percent": 2}, "release.shift_percent must be 3 to 99 percent, not 2"),
        (
            CANARY | {"release.shift_minutes": 0},
            "release.shift_minutes must be 1 to 60 minutes with engine codedeploy, not 0",
        ),
        (
            CANARY | {"release.shift_minutes": 61},
            "release.shift_minutes must be 1 to 60 minutes with engine codedeploy, not 61",
        ),
        (
            ECS | CANARY | {"release.shift_minutes": 1441},
            "release.shift_minutes must be 1 to 1440 minutes with engine ecs, not 1441",
        ),
        (
            {"release.bake_minutes": 0},
            "release.bake_minutes must be 1 to 2880 minutes with engine codedeploy, not 0",
        ),
        (
            {"release.bake_minutes": 2881},
            "release.bake_minutes must be 1 to 2880 minutes with engine codedeploy, not 2881",
        ),
        (
            ECS | {"release.bake_minutes": 1441},
            "release.bake_minutes must be 1 to 1440 minutes with engine ecs, not 1441",
        ),
        (
            ONE_PERCENT | {"release.shift_minutes": 30},
            "release.shift_minutes must be fewer: the shift must end within 2880 minutes, not 2970",
        ),
        (
            ECS | CANARY | {"release.shift_minutes": 1440, "release.bake_minutes": 541},
            "release.shift_minutes must be fewer: shift and bake must end within 1980 minutes, not 1981",
        ),
        (
            ECS | LINEAR | {"release.shift_minutes": 200, "release.bake_minutes": 181},
            "release.shift_minutes must be fewer: shift and bake must end within 1980 minutes, not 1981",
        ),
        ({"release.gate_tolerance": 0.0}, "release.gate_tolerance must be above 0 and finite, not 0.0"),
    ],
)
def test_each_rule_is_told_with_its_value(changes: dict[str, Any], problem: str) -> None:
    """One clause, which begins with the field."""
    assert told(changes) == (problem,)


@pytest.mark.parametrize(
    "changes",
    [
        ONE_PERCENT | {"release.shift_minutes": 29},
        LINEAR | {"release.shift_percent": 50, "release.shift_minutes": 60},
        {"release.bake_minutes": 2880},
        ECS | CANARY | {"release.shift_minutes": 1440, "release.bake_minutes": 540},
        ECS | LINEAR | {"release.shift_minutes": 200, "release.bake_minutes": 180},
        ECS | LINEAR | {"release.shift_percent": 3, "release.shift_minutes": 59, "release.bake_minutes": 1},
        ECS
        | {"release.strategy": Strategy.ROLLING, "release.bake_minutes": 1440, "release.shift_minutes": 1440},
    ],
)
def test_what_just_fits_is_accepted(changes: dict[str, Any]) -> None:
    """The rules refuse nothing that can work."""
    assert told(changes) == ()


@pytest.mark.parametrize(("engine", "strategy"), list(product(Engine, Strategy)))
def test_an_engine_takes_the_strategies_that_it_knows(engine: Engine, strategy: Strategy) -> None:
    """All others are refused, with those that it knows."""
    problems = told({"release.engine": engine, "release.strategy": strategy})
    known = ", ".join(STRATEGIES[engine])
    refused = f"release.strategy must be one of {known} with engine {engine}, not {strategy}"
    assert problems == (() if strategy in STRATEGIES[engine] else (refused,))
    unknown = {(Engine.CODEDEPLOY, Strategy.ROLLING), (Engine.ECS, Strategy.ALL_AT_ONCE)}
    assert bool(problems) == ((engine, strategy) in unknown)

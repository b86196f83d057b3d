"""Sizes, numbers and the time to start."""

from typing import Any

import pytest

from infra.checks.tasks import FARGATE_MEMORY, cold_start
from service.contract import COLD_START_CPU_SECONDS
from tests.infra.settings.told import told


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        (
            {"tasks.cpu": 300},
            "tasks.cpu must be one of [256, 512, 1024, 2048, 4096, 8192, 16384] units, not 300",
        ),
        ({"tasks.cpu": 0}, "tasks.cpu must be one of [256, 512, 1024, 2048, 4096, 8192, 16384] units, not 0"),
        (
            {"tasks.memory": 512},
            "tasks.memory must be one of [1024, 2048, 3072, 4096] MiB with cpu 512, not 512",
        ),
        (
            {"tasks.cpu": 1024, "tasks.memory": 1024},
            "tasks.memory must be 2048 to 8192 in steps of 1024 MiB with cpu 1024, not 1024",
        ),
        ({"tasks.min_tasks": 0}, "tasks.min_tasks must be 1 to 3000 tasks, not 0"),
        (
            {"tasks.max_tasks": 3001},
            "tasks.max_tasks must be 1 to 3000 tasks, no fewer than min_tasks, not 3001",
        ),
        ({"tasks.min_tasks": 3}, "tasks.max_tasks must be 3 to 3000 tasks, no fewer than min_tasks, not 2"),
        (
            {"tasks.max_tasks": 1001},
            "tasks.max_tasks must be at most 1000 with 2 zones, for the addresses of both colours, not 1001",
        ),
        ({"tasks.cpu_target": 9}, "tasks.cpu_target must be 10 to 90 percent, not 9"),
        ({"tasks.cpu_target": 91}, "tasks.cpu_target must be 10 to 90 percent, not 91"),
        ({"tasks.requests_target": 0}, "tasks.requests_target must be 1 to 100000000 requests, not 0"),
        ({"tasks.startup_grace": 11}, "tasks.startup_grace must be 12 to 3600 seconds with cpu 512, not 11"),
        (
            {"tasks.cpu": 256, "tasks.startup_grace": 23},
            "tasks.startup_grace must be 24 to 3600 seconds with cpu 256, not 23",
        ),
        (
            {"tasks.startup_grace": 3601},
            "tasks.startup_grace must be 12 to 3600 seconds with cpu 512, not 3601",
        ),
    ],
)
def test_each_rule_is_told_with_its_value(changes: dict[str, Any], problem: str) -> None:
    """One clause, which begins with the field."""
    assert told(changes) == (problem,)


@pytest.mark.parametrize(
    "changes",
    [
        {"tasks.startup_grace": 12},
        {"tasks.cpu": 256, "tasks.memory": 512, "tasks.startup_grace": 24},
        {"tasks.min_tasks": 2},
        {"tasks.max_tasks": 1000},
        {"tasks.spot": True},
        *({"tasks.cpu": cpu, "tasks.memory": sizes[-1]} for cpu, sizes in FARGATE_MEMORY.items()),
    ],
)
def test_what_just_fits_is_accepted(changes: dict[str, Any]) -> None:
    """The rules refuse nothing that can work."""
    assert told(changes) == ()


def test_a_small_task_is_given_more_time() -> None:
    """CPU seconds last longer by the clock on a part of a processor; three times that is the least grace."""
    assert [cold_start(cpu) for cpu in (256, 1024, 16384)] == [
        12 * COLD_START_CPU_SECONDS,
        3 * COLD_START_CPU_SECONDS,
        1,
    ]

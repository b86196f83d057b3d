"""Rules for the tasks: what Fargate sells, and what scaling can work with."""

import math
from typing import Final

from infra.checks.network import FEWEST_ZONES
from infra.checks.rules import Rule, rule, shown, within
from infra.settings import StageSettings
from infra.settings.plan import MOST_ZONES
from service.contract import COLD_START_CPU_SECONDS

FARGATE_MEMORY: Final = {
    256: (512, 1024, 2048),
    512: tuple(range(1024, 4096 + 1, 1024)),
    1024: tuple(range(2048, 8192 + 1, 1024)),
    2048: tuple(range(4096, 16384 + 1, 1024)),
    4096: tuple(range(8192, 30720 + 1, 1024)),
    8192: tuple(range(16384, 61440 + 1, 4096)),
    16384: tuple(range(32768, 122880 + 1, 8192)),
}
"""MiB of memory that Fargate sells for each number of CPU units (Amazon ECS developer guide)."""
VCPU: Final = 1024
"""CPU units of one vCPU."""
TASKS_PER_ZONE: Final = 500
"""Tasks of each colour that a zone's private subnet holds: a /22 has 1019 addresses, a task takes one, both
colours are up during a release, and some are left for endpoints and functions."""
MOST_TASKS: Final = TASKS_PER_ZONE * MOST_ZONES
"""Tasks that the largest network holds; fewer than the 5000 that Amazon ECS allows a service."""
STARTUP_MARGIN: Final = 3
"""How many times the measured cold start a task is given: pulling and placing are not in the measurement."""


def cold_start(cpu: int) -> int:
    """Return the seconds that a task of so many CPU units is to be given to start, rounded up."""
    return math.ceil(STARTUP_MARGIN * COLD_START_CPU_SECONDS * VCPU / cpu)


@rule("tasks.cpu")
def cpu(settings: StageSettings) -> str | None:
    """A number of units that Fargate sells: 256, 512, 1024, 2048, 4096, 8192 or 16384."""
    if settings.tasks.cpu in FARGATE_MEMORY:
        return None
    return f"must be one of {list(FARGATE_MEMORY)} units, not {shown(settings.tasks.cpu)}"


@rule("tasks.memory", "tasks.cpu")
def memory(settings: StageSettings) -> str | None:
    """A memory that Fargate sells with these CPU units: twice to eight times as many MiB, roughly."""
    tasks = settings.tasks
    sizes = FARGATE_MEMORY.get(tasks.cpu)
    if sizes is None or tasks.memory in sizes:
        return None
    step = sizes[1] - sizes[0]
    few = f"one of {list(sizes)}" if len(sizes) <= 4 else f"{sizes[0]} to {sizes[-1]} in steps of {step}"  # noqa: PLR2004
    return f"must be {few} MiB with cpu {tasks.cpu}, not {shown(tasks.memory)}"


min_tasks: Final[Rule[StageSettings]] = within(
    "tasks.min_tasks", 1, MOST_TASKS, lambda settings: settings.tasks.min_tasks, "tasks"
)


@rule("tasks.max_tasks", "tasks.min_tasks")
def max_tasks(settings: StageSettings) -> str | None:
    """`min_tasks` to 3000 tasks."""
    tasks = settings.tasks
    low = tasks.min_tasks if 1 <= tasks.min_tasks <= MOST_TASKS else 1
    if low <= tasks.max_tasks <= MOST_TASKS:
        return None
    return f"must be {low} to {MOST_TASKS} tasks, no fewer than min_tasks, not {shown(tasks.max_tasks)}"


@rule("tasks.max_tasks", "network.zones")
def tasks_have_addresses(settings: StageSettings) -> str | None:
    """At most 500 tasks for each zone: the subnets hold that many of each colour."""
    zones, most = len(settings.network.zones), settings.tasks.max_tasks
    if not FEWEST_ZONES <= zones <= MOST_ZONES or not TASKS_PER_ZONE * zones < most <= MOST_TASKS:
        return None
    room = f"{TASKS_PER_ZONE * zones} with {zones} zones, for the addresses of both colours"
    return f"must be at most {room}, not {most}"


cpu_target: Final[Rule[StageSettings]] = within(
    "tasks.cpu_target", 10, 90, lambda settings: settings.tasks.cpu_target, "percent"
)
"""Below, scaling flaps; above, it never acts."""

requests_target: Final[Rule[StageSettings]] = within(
    "tasks.requests_target", 1, 100_000_000, lambda settings: settings.tasks.requests_target, "requests"
)
"""More than any task answers would say that this signal is not wanted, which it cannot."""


@rule("tasks.startup_grace", "tasks.cpu")
def startup_grace(settings: StageSettings) -> str | None:
    """3600 seconds at most; at least three times the measured cold start of a task of that size."""
    tasks = settings.tasks
    low = cold_start(tasks.cpu) if tasks.cpu in FARGATE_MEMORY else 1
    if low <= tasks.startup_grace <= 3600:  # noqa: PLR2004 - an hour
        return None
    why = f" with cpu {tasks.cpu}" if low > 1 else ""
    return f"must be {low} to 3600 seconds{why}, not {shown(tasks.startup_grace)}"


RULES: Final[tuple[Rule[StageSettings], ...]] = (
    cpu,
    memory,
    min_tasks,
    max_tasks,
    tasks_have_addresses,
    cpu_target,
    requests_target,
    startup_grace,
)

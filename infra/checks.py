"""Whether a stage's settings can work: every rule is looked at, every broken one is told in words."""

import math
from collections.abc import Iterator
from ipaddress import IPv4Network
from typing import Final

from infra.settings import StageSettings, Strategy

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

RETENTION: Final = {
    7: "ONE_WEEK",
    14: "TWO_WEEKS",
    30: "ONE_MONTH",
    90: "THREE_MONTHS",
    180: "SIX_MONTHS",
    365: "ONE_YEAR",
    731: "TWO_YEARS",
}
"""Days for which logs can be kept, and the CDK's names for them."""

PRIVATE: Final = tuple(map(IPv4Network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")))
"""The ranges that nobody routes on the internet (RFC 1918)."""

LONGEST_SHIFT: Final = 2880
"""Minutes between the first and the last step of a release.

CodeDeploy's quota, documented for Lambda; for ECS none is, and two days are the other limits there.
"""


def problems_of(settings: StageSettings) -> tuple[str, ...]:
    """Return one clause for each thing that is wrong; nothing when the settings can work."""
    return (
        *_zone_problems(settings),
        *_address_problems(settings),
        *_task_problems(settings),
        *_release_problems(settings),
        *_retention_problems(settings),
    )


def _zone_problems(settings: StageSettings) -> Iterator[str]:
    if len(set(settings.network.zones)) < 2:  # noqa: PLR2004 - the load balancer's own minimum
        yield f"zones must name at least two, not {list(settings.network.zones)}"
    strangers = [zone for zone in settings.network.zones if zone[:-1] != settings.region]
    if strangers:
        yield f"zones {strangers} are not in region {settings.region}"


def _address_problems(settings: StageSettings) -> Iterator[str]:
    broken = [text for text in (settings.network.cidr, *settings.traffic.callers) if _network(text) is None]
    if broken:
        yield f"{broken} are not IPv4 ranges such as 10.20.0.0/16"
    vpc = _network(settings.network.cidr)
    if vpc and not (_is_private(vpc) and 16 <= vpc.prefixlen <= 20):  # noqa: PLR2004 - documented at `cidr`
        yield f"cidr must be a private range of /16 to /20, not {settings.network.cidr}"
    elif vpc and vpc.num_addresses < _addresses_needed(len(settings.network.zones)):
        zones = len(settings.network.zones)
        yield f"cidr {settings.network.cidr} is too small for the subnets of {zones} zones"
    if not settings.traffic.callers:
        yield "callers must name at least one range, or nobody can ask for a prediction"
    public = [text for text in settings.traffic.callers if (net := _network(text)) and not _is_private(net)]
    if public and settings.name != "dev":
        yield f"callers {public} are public, and plain HTTP to the public is for dev only"
    if settings.traffic.internet_facing and settings.name != "dev":
        yield "internet_facing must be False: the listeners speak plain HTTP, which is for dev only"


def _task_problems(settings: StageSettings) -> Iterator[str]:
    sizes = FARGATE_MEMORY.get(settings.tasks.cpu)
    if sizes is None:
        yield f"cpu must be one of {list(FARGATE_MEMORY)}, not {settings.tasks.cpu}"
    elif settings.tasks.memory not in sizes:
        tasks = settings.tasks
        yield f"memory must be one of {list(sizes)} with cpu {tasks.cpu}, not {tasks.memory}"
    if not 1 <= settings.tasks.min_tasks <= settings.tasks.max_tasks:
        yield f"tasks must be 1 <= min <= max, not {settings.tasks.min_tasks} and {settings.tasks.max_tasks}"
    if settings.name == "production" and settings.tasks.min_tasks < len(settings.network.zones):
        yield f"min_tasks must be at least {len(settings.network.zones)} in production, one per zone"
    if not 10 <= settings.tasks.cpu_target <= 90:  # noqa: PLR2004 - outside, scaling flaps or never acts
        yield f"cpu_target must be 10 to 90 percent, not {settings.tasks.cpu_target}"
    if not 0 < settings.tasks.startup_grace <= 3600:  # noqa: PLR2004 - an hour
        yield f"startup_grace must be 1 to 3600 seconds, not {settings.tasks.startup_grace}"


def _release_problems(settings: StageSettings) -> Iterator[str]:
    gradual = settings.release.strategy is not Strategy.BLUE_GREEN
    if settings.name == "production" and not gradual:
        yield "strategy must be canary or linear in production"
    if gradual and not 1 <= settings.release.shift_percent <= 99:  # noqa: PLR2004 - percent
        yield f"shift_percent must be 1 to 99, not {settings.release.shift_percent}"
    if gradual and not 1 <= settings.release.shift_minutes <= 60:  # noqa: PLR2004 - minutes of an hour
        yield f"shift_minutes must be 1 to 60, not {settings.release.shift_minutes}"
    if not 1 <= settings.release.bake_minutes <= 2880:  # noqa: PLR2004 - CodeDeploy's two days
        yield f"bake_minutes must be 1 to 2880 minutes, not {settings.release.bake_minutes}"
    if settings.release.strategy is Strategy.LINEAR and _shift_minutes(settings) > LONGEST_SHIFT:
        yield f"the shift must end within {LONGEST_SHIFT} minutes, not {_shift_minutes(settings)}"
    limits = {
        "gate_tolerance": settings.release.gate_tolerance,
        "max_error_percent": settings.alarms.max_error_percent,
        "max_balancer_errors": settings.alarms.max_balancer_errors,
        "max_latency": settings.alarms.max_latency,
    }
    for name, value in limits.items():
        if not 0 < value < math.inf:
            yield f"{name} must be above 0 and finite, not {value}"


def _retention_problems(settings: StageSettings) -> Iterator[str]:
    if settings.operations.log_retention not in RETENTION:
        yield f"log_retention must be one of {list(RETENTION)} days, not {settings.operations.log_retention}"
    if settings.operations.access_log_retention < 1:
        yield f"access_log_retention must be at least 1 day, not {settings.operations.access_log_retention}"


def _shift_minutes(settings: StageSettings) -> int:
    """Return the minutes between the first and the last step of a linear shift."""
    steps = math.ceil(100 / max(settings.release.shift_percent, 1))
    return (steps - 1) * settings.release.shift_minutes


def _addresses_needed(zones: int) -> int:
    """Return what the subnets take: a /24 for each zone, then, aligned to its size, a /22 for each zone."""
    small, large = 2**8, 2**10
    return math.ceil(zones * small / large) * large + zones * large


def _is_private(network: IPv4Network) -> bool:
    return any(network.subnet_of(private) for private in PRIVATE)


def _network(text: str) -> IPv4Network | None:
    try:
        return IPv4Network(text)
    except ValueError:
        return None

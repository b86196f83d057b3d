"""The mends of ECS, put in together."""

from typing import TYPE_CHECKING

from rehearsal.aws.ecs import (
    fleets,
    reports,
    scaling,
    service_templates,
    services,
    task_definitions,
    task_sets,
    tasks,
)

if TYPE_CHECKING:
    from rehearsal.aws.server import Routes


def apply() -> "Routes":
    """Mend ECS; return the private routes that it answers."""
    task_definitions.mend()
    services.mend()
    service_templates.mend()
    task_sets.mend()
    tasks.mend()
    scaling.mend()
    return {**reports.mend(), **fleets.mend()}

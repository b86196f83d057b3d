"""What the dashboard's graphs are about, and the lines that several of them share."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from infra.operations.widgets import Formula, Line
from infra.settings import StageSettings

INSIGHTS: Final = "ECS/ContainerInsights"
"""Namespace of what is known of the service's tasks."""
MINUTE: Final = 60
"""Seconds of what is watched live."""
HOUR: Final = 3600
"""Seconds of what is paid for."""
_BALANCER: Final = "AWS/ApplicationELB"


@dataclass(frozen=True, slots=True, kw_only=True)
class Subjects:
    """What the graphs are about, by the names that metrics use."""

    load_balancer: str
    """Full name of the load balancer, `app/…`."""
    colours: Mapping[str, str]
    """Full name of each colour's target group, `targetgroup/…`."""
    service: str
    """Name of the ECS service."""
    rollback_alarms: Sequence[str]
    """ARNs of the alarms that turn a release around."""
    other_alarms: Sequence[str]
    """ARNs of the alarms that only call people."""


def requests(subjects: Subjects, *, visible: bool = True) -> list[Line]:
    """Return the requests of each colour, named by it in formulas."""
    return [
        of_colour(subjects, colour, "RequestCount", "Sum", colour, id_=colour, visible=visible)
        for colour in subjects.colours
    ]


def shares() -> list[Formula]:
    """Return the formulas for each colour's share of `requests`."""
    return [
        Formula(expression=f"100 * {colour} / SUM([blue, green])", label=colour)
        for colour in ("blue", "green")
    ]


def of_colour(
    subjects: Subjects,
    colour: str,
    metric: str,
    stat: str,
    label: str,
    *,
    id_: str | None = None,
    visible: bool = True,
) -> Line:
    """Return one metric of a colour's target group."""
    return Line(
        namespace=_BALANCER,
        metric=metric,
        dimensions={"TargetGroup": subjects.colours[colour], "LoadBalancer": subjects.load_balancer},
        stat=stat,
        label=label,
        id=id_,
        visible=visible,
    )


def of_balancer(subjects: Subjects, metric: str, stat: str, label: str) -> Line:
    """Return one metric of the load balancer."""
    dimensions = {"LoadBalancer": subjects.load_balancer}
    return Line(namespace=_BALANCER, metric=metric, dimensions=dimensions, stat=stat, label=label)


def of_service(settings: StageSettings, subjects: Subjects, namespace: str, metric: str, label: str) -> Line:
    """Return one metric of the ECS service, averaged."""
    dimensions = {"ClusterName": settings.prefix, "ServiceName": subjects.service}
    return Line(namespace=namespace, metric=metric, dimensions=dimensions, stat="Average", label=label)


def of_gate(settings: StageSettings, metric: str, stat: str, label: str) -> Line:
    """Return one metric of the release gate's function."""
    dimensions = {"FunctionName": settings.gate_function}
    return Line(namespace="AWS/Lambda", metric=metric, dimensions=dimensions, stat=stat, label=label)

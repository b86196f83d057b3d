"""The three questions that the dashboard answers, each as rows of widgets.

Pure functions of the settings and of names: a test reads them without a synth.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from infra.operations.widgets import AlarmStatus, Formula, Graph, Line, Row, Text
from infra.runbooks import RUNBOOKS, location
from infra.settings import Egress, Engine, RegistrySettings, StageSettings

_BALANCER: Final = "AWS/ApplicationELB"
_INSIGHTS: Final = "ECS/ContainerInsights"
_MINUTE: Final = 60
_HOUR: Final = 3600
_MIB_PER_GB: Final = 1024
_UNITS_PER_CPU: Final = 1024


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


def is_it_healthy(settings: StageSettings, registry: RegistrySettings, subjects: Subjects) -> Iterator[Row]:
    """Yield what tells whether the live colour is healthy."""
    yield Row(4, [Text(markdown=_head(settings, registry))])
    states = [("Rollback alarms", subjects.rollback_alarms), ("Other alarms", subjects.other_alarms)]
    shown = [AlarmStatus(title=title, arns=arns) for title, arns in states if arns]
    if shown:
        yield Row(4, shown)
    alarms = settings.alarms
    yield Row(
        6,
        [
            Graph(
                title="Which colour is live: share of requests, last minute (%)",
                lines=[*_requests(subjects, visible=False), *_shares()],
                period=_MINUTE,
                numbers=True,
            ),
            Graph(title="Requests per minute", lines=_requests(subjects), period=_MINUTE),
            Graph(
                title="Answers with status 5xx (% of a colour's requests)",
                lines=[*_requests(subjects, visible=False), *_errors(subjects), *_error_shares()],
                period=_MINUTE,
                limits={"turns a release around": alarms.max_error_percent} if alarms.enabled else None,
            ),
        ],
    )
    yield Row(
        6,
        [
            Graph(
                title="Response time (seconds)",
                lines=[
                    _of_colour(subjects, colour, "TargetResponseTime", stat, f"{colour} {stat}")
                    for colour in subjects.colours
                    for stat in ("p50", "p99")
                ],
                period=_MINUTE,
                limits={"p99 turns a release around": alarms.max_latency} if alarms.enabled else None,
            ),
            Graph(
                title="Tasks that answer, and that do not",
                lines=[
                    _of_colour(subjects, colour, metric, stat, f"{colour} {word}")
                    for colour in subjects.colours
                    for metric, stat, word in (
                        ("HealthyHostCount", "Minimum", "healthy"),
                        ("UnHealthyHostCount", "Maximum", "unhealthy"),
                    )
                ],
                period=_MINUTE,
            ),
            Graph(
                title="5xx that the load balancer answered itself (per minute)",
                lines=[_of_balancer(subjects, "HTTPCode_ELB_5XX_Count", "Sum", "502, 503 and 504")],
                period=_MINUTE,
                limits={"turns a release around": alarms.max_balancer_errors} if alarms.enabled else None,
            ),
        ],
    )


def what_is_being_released(settings: StageSettings, subjects: Subjects) -> Iterator[Row]:
    """Yield what tells whether a release runs and how far it is."""
    tasks = settings.tasks
    yield Row(2, [Text(markdown=_releases(settings))])
    first = [
        Graph(
            title="Share of requests by colour (%)",
            lines=[*_requests(subjects, visible=False), *_shares()],
            period=_MINUTE,
            stacked=True,
        ),
        Graph(
            title="Tasks wanted, running and starting",
            lines=[
                _of_service(settings, subjects, _INSIGHTS, "DesiredTaskCount", "wanted"),
                _of_service(settings, subjects, _INSIGHTS, "RunningTaskCount", "running"),
                _of_service(settings, subjects, _INSIGHTS, "PendingTaskCount", "starting"),
            ],
            period=_MINUTE,
            limits={"fewest": tasks.min_tasks, "most": tasks.max_tasks},
        ),
    ]
    if settings.release.two_colours:
        first.append(
            Graph(
                title="Task sets and deployments of the service (2: a release runs)",
                lines=[
                    _of_service(settings, subjects, _INSIGHTS, "TaskSetCount", "task sets"),
                    _of_service(settings, subjects, _INSIGHTS, "DeploymentCount", "deployments"),
                ],
                period=_MINUTE,
            )
        )
    yield Row(6, first)
    yield Row(6, [*_gate(settings), *_scaling(settings, subjects)])


def what_does_it_cost(settings: StageSettings, subjects: Subjects) -> Iterator[Row]:
    """Yield what tells where the money goes; only the bill knows the sum."""
    tasks = settings.tasks
    cpus, gigabytes = tasks.cpu / _UNITS_PER_CPU, tasks.memory / _MIB_PER_GB
    running = Line(
        namespace=_INSIGHTS,
        metric="RunningTaskCount",
        dimensions={"ClusterName": settings.prefix, "ServiceName": subjects.service},
        stat="Average",
        label="tasks",
        id="tasks",
        visible=False,
    )
    yield Row(3, [Text(markdown=_costs(settings, cpus, gigabytes))])
    graphs = [
        Graph(
            title="Fargate: vCPU and GB in use (hourly average)",
            lines=[
                running,
                Formula(expression=f"tasks * {cpus:g}", label="vCPU"),
                Formula(expression=f"tasks * {gigabytes:g}", label="GB of memory"),
            ],
            period=_HOUR,
        ),
        Graph(
            title="Load balancer: capacity units (hourly sum of LCU)",
            lines=[_of_balancer(subjects, "ConsumedLCUs", "Sum", "LCU")],
            period=_HOUR,
        ),
    ]
    if settings.network.egress is not Egress.ENDPOINTS:
        search = "SEARCH('{AWS/NATGateway,NatGatewayId} MetricName=\"BytesOutToDestination\"', 'Sum', 3600)"
        graphs.append(
            Graph(
                title="NAT gateways: bytes sent per hour (all of this region)",
                lines=[Formula(expression=search, label="")],
                period=_HOUR,
            )
        )
    yield Row(6, graphs)


def _head(settings: StageSettings, registry: RegistrySettings) -> str:
    console = f"https://{settings.region}.console.aws.amazon.com"
    here = f"region={settings.region}"
    application = f"codesuite/codedeploy/applications/{settings.prefix}?{here}"
    links = {
        "service": f"{console}/ecs/v2/clusters/{settings.prefix}/services?{here}",
        "saved log queries": f"{console}/cloudwatch/home?{here}#logsV2:logs-insights",
        "alarms": f"{console}/cloudwatch/home?{here}#alarmsV2:?search={settings.prefix}",
    }
    if settings.release.engine is Engine.CODEDEPLOY:
        links = {"releases": f"{console}/{application}", **links}
    documents = {name: location(name, registry) for name in RUNBOOKS}
    return "\n".join(
        (
            f"# {settings.name}: is the live colour healthy?",
            " | ".join(f"[{name}]({link})" for name, link in links.items()),
            "",
            "Runbooks: "
            + " | ".join(
                f"[{name}]({place})" if registry.github else f"`{place}`" for name, place in documents.items()
            ),
            "",
            "The live colour is the one that takes the requests. What the next deploy believes:",
            f"`aws ssm get-parameter --name {settings.live_colour_parameter} --region {settings.region}`",
        )
    )


def _releases(settings: StageSettings) -> str:
    release = settings.release
    steps = f", {release.shift_percent} % every {release.shift_minutes} min" if release.gradual else ""
    return (
        f"# What is being released?\nEngine {release.engine}, strategy {release.strategy}{steps}. While a "
        "release runs, the colour that is not live takes the release gate's probes, then its share."
    )


def _costs(settings: StageSettings, cpus: float, gigabytes: float) -> str:
    tasks, budget = settings.tasks, settings.operations.monthly_budget
    spare = ", on spare capacity" if tasks.spot else ""
    planned = f"The budget is {budget} USD a month" if budget is not None else "There is no budget"
    return (
        "# What does it cost?\n"
        f"An estimate: each running task is billed as {cpus:g} vCPU and {gigabytes:g} GB{spare}, so "
        f"{tasks.min_tasks} to {tasks.max_tasks} tasks, and twice as many while a release keeps both colours "
        "up; times the region's Fargate price. Load balancer, NAT, logs and metrics come on top. "
        f"{planned} ([budgets](https://console.aws.amazon.com/costmanagement/home#/budgets)). The metric "
        "EstimatedCharges exists in us-east-1 only and for the whole account, so it is not shown here."
    )


def _requests(subjects: Subjects, *, visible: bool = True) -> list[Line]:
    return [
        _of_colour(subjects, colour, "RequestCount", "Sum", colour, id_=colour, visible=visible)
        for colour in subjects.colours
    ]


def _shares() -> list[Formula]:
    return [
        Formula(expression=f"100 * {colour} / SUM([blue, green])", label=colour)
        for colour in ("blue", "green")
    ]


def _errors(subjects: Subjects) -> list[Line]:
    return [
        _of_colour(
            subjects,
            colour,
            "HTTPCode_Target_5XX_Count",
            "Sum",
            f"{colour} errors",
            id_=f"{colour}errors",
            visible=False,
        )
        for colour in subjects.colours
    ]


def _error_shares() -> list[Formula]:
    return [
        Formula(expression=f"100 * FILL({colour}errors, 0) / {colour}", label=colour)
        for colour in ("blue", "green")
    ]


def _gate(settings: StageSettings) -> list[Graph]:
    if not settings.release.two_colours:
        return []
    lines = [
        _of_gate(settings, metric, "Sum", word)
        for metric, word in (
            ("Invocations", "asked"),
            ("Errors", "crashed"),
            ("Throttles", "refused by Lambda"),
        )
    ]
    return [
        Graph(title="Release gate: calls in five minutes", lines=lines, period=5 * _MINUTE),
        Graph(
            title="Release gate: longest call (milliseconds)",
            lines=[_of_gate(settings, "Duration", "Maximum", "longest")],
            period=5 * _MINUTE,
        ),
    ]


def _scaling(settings: StageSettings, subjects: Subjects) -> list[Graph]:
    tasks = settings.tasks
    return [
        Graph(
            title="Scaling: CPU (% of the tasks' size)",
            lines=[_of_service(settings, subjects, "AWS/ECS", "CPUUtilization", "CPU")],
            period=_MINUTE,
            limits={"aimed at": tasks.cpu_target},
        ),
        Graph(
            title="Scaling: requests per task and minute",
            lines=[
                *_requests(subjects, visible=False),
                Line(
                    namespace=_INSIGHTS,
                    metric="DesiredTaskCount",
                    dimensions={"ClusterName": settings.prefix, "ServiceName": subjects.service},
                    stat="Average",
                    label="tasks",
                    id="tasks",
                    visible=False,
                ),
                Formula(expression="SUM([blue, green]) / tasks", label="requests per task"),
            ],
            period=_MINUTE,
            limits={"aimed at": tasks.requests_target},
        ),
    ]


def _of_colour(
    subjects: Subjects,
    colour: str,
    metric: str,
    stat: str,
    label: str,
    *,
    id_: str | None = None,
    visible: bool = True,
) -> Line:
    return Line(
        namespace=_BALANCER,
        metric=metric,
        dimensions={"TargetGroup": subjects.colours[colour], "LoadBalancer": subjects.load_balancer},
        stat=stat,
        label=label,
        id=id_,
        visible=visible,
    )


def _of_balancer(subjects: Subjects, metric: str, stat: str, label: str) -> Line:
    dimensions = {"LoadBalancer": subjects.load_balancer}
    return Line(namespace=_BALANCER, metric=metric, dimensions=dimensions, stat=stat, label=label)


def _of_service(settings: StageSettings, subjects: Subjects, namespace: str, metric: str, label: str) -> Line:
    dimensions = {"ClusterName": settings.prefix, "ServiceName": subjects.service}
    return Line(namespace=namespace, metric=metric, dimensions=dimensions, stat="Average", label=label)


def _of_gate(settings: StageSettings, metric: str, stat: str, label: str) -> Line:
    dimensions = {"FunctionName": settings.gate_function}
    return Line(namespace="AWS/Lambda", metric=metric, dimensions=dimensions, stat=stat, label=label)

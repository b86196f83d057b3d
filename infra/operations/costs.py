"""The dashboard's third question: what does it cost?"""

from collections.abc import Iterator
from typing import Final

from infra.operations.subjects import HOUR, INSIGHTS, Subjects, of_balancer
from infra.operations.widgets import Formula, Graph, Line, Row, Text
from infra.settings import Egress, StageSettings

_MIB_PER_GB: Final = 1024
_UNITS_PER_CPU: Final = 1024


def what_does_it_cost(settings: StageSettings, subjects: Subjects) -> Iterator[Row]:
    """Yield what tells where the money goes; only the bill knows the sum."""
    tasks = settings.tasks
    cpus, gigabytes = tasks.cpu / _UNITS_PER_CPU, tasks.memory / _MIB_PER_GB
    running = Line(
        namespace=INSIGHTS,
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
            period=HOUR,
        ),
        Graph(
            title="Load balancer: capacity units (hourly sum of LCU)",
            lines=[of_balancer(subjects, "ConsumedLCUs", "Sum", "LCU")],
            period=HOUR,
        ),
    ]
    if settings.network.egress is not Egress.ENDPOINTS:
        search = "SEARCH('{AWS/NATGateway,NatGatewayId} MetricName=\"BytesOutToDestination\"', 'Sum', 3600)"
        graphs.append(
            Graph(
                title="NAT gateways: bytes sent per hour (all of this region)",
                lines=[Formula(expression=search, label="")],
                period=HOUR,
            )
        )
    yield Row(6, graphs)


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

"""The dashboard's second question: what is being released?"""

from collections.abc import Iterator

from infra.operations.subjects import INSIGHTS, MINUTE, Subjects, of_gate, of_service, requests, shares
from infra.operations.widgets import Formula, Graph, Line, Row, Text
from infra.settings import StageSettings


def what_is_being_released(settings: StageSettings, subjects: Subjects) -> Iterator[Row]:
    """Yield what tells whether a release runs and how far it is."""
    tasks = settings.tasks
    yield Row(2, [Text(markdown=_releases(settings))])
    first = [
        Graph(
            title="Share of requests by colour (%)",
            lines=[*requests(subjects, visible=False), *shares()],
            period=MINUTE,
            stacked=True,
        ),
        Graph(
            title="Tasks wanted, running and starting",
            lines=[
                of_service(settings, subjects, INSIGHTS, "DesiredTaskCount", "wanted"),
                of_service(settings, subjects, INSIGHTS, "RunningTaskCount", "running"),
                of_service(settings, subjects, INSIGHTS, "PendingTaskCount", "starting"),
            ],
            period=MINUTE,
            limits={"fewest": tasks.min_tasks, "most": tasks.max_tasks},
        ),
    ]
    if settings.release.two_colours:
        first.append(
            Graph(
                title="Task sets and deployments of the service (2: a release runs)",
                lines=[
                    of_service(settings, subjects, INSIGHTS, "TaskSetCount", "task sets"),
                    of_service(settings, subjects, INSIGHTS, "DeploymentCount", "deployments"),
                ],
                period=MINUTE,
            )
        )
    yield Row(6, first)
    yield Row(6, [*_gate(settings), *_scaling(settings, subjects)])


def _releases(settings: StageSettings) -> str:
    release = settings.release
    steps = f", {release.shift_percent} % every {release.shift_minutes} min" if release.gradual else ""
    return (
        f"# What is being released?\nEngine {release.engine}, strategy {release.strategy}{steps}. While a "
        "release runs, the colour that is not live takes the release gate's probes, then its share."
    )


def _gate(settings: StageSettings) -> list[Graph]:
    if not settings.release.two_colours:
        return []
    lines = [
        of_gate(settings, metric, "Sum", word)
        for metric, word in (
            ("Invocations", "asked"),
            ("Errors", "crashed"),
            ("Throttles", "refused by Lambda"),
        )
    ]
    return [
        Graph(title="Release gate: calls in five minutes", lines=lines, period=5 * MINUTE),
        Graph(
            title="Release gate: longest call (milliseconds)",
            lines=[of_gate(settings, "Duration", "Maximum", "longest")],
            period=5 * MINUTE,
        ),
    ]


def _scaling(settings: StageSettings, subjects: Subjects) -> list[Graph]:
    tasks = settings.tasks
    return [
        Graph(
            title="Scaling: CPU (% of the tasks' size)",
            lines=[of_service(settings, subjects, "AWS/ECS", "CPUUtilization", "CPU")],
            period=MINUTE,
            limits={"aimed at": tasks.cpu_target},
        ),
        Graph(
            title="Scaling: requests per task and minute",
            lines=[
                *requests(subjects, visible=False),
                Line(
                    namespace=INSIGHTS,
                    metric="DesiredTaskCount",
                    dimensions={"ClusterName": settings.prefix, "ServiceName": subjects.service},
                    stat="Average",
                    label="tasks",
                    id="tasks",
                    visible=False,
                ),
                Formula(expression="SUM([blue, green]) / tasks", label="requests per task"),
            ],
            period=MINUTE,
            limits={"aimed at": tasks.requests_target},
        ),
    ]

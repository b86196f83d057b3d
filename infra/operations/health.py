"""The dashboard's first question: is the live colour healthy?"""

from collections.abc import Iterator

from infra.operations.subjects import MINUTE, Subjects, of_balancer, of_colour, requests, shares
from infra.operations.widgets import AlarmStatus, Formula, Graph, Line, Row, Text
from infra.runbooks import RUNBOOKS, location
from infra.settings import Engine, RegistrySettings, StageSettings


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
                lines=[*requests(subjects, visible=False), *shares()],
                period=MINUTE,
                numbers=True,
            ),
            Graph(title="Requests per minute", lines=requests(subjects), period=MINUTE),
            Graph(
                title="Answers with status 5xx (% of a colour's requests)",
                lines=[*requests(subjects, visible=False), *_errors(subjects), *_error_shares()],
                period=MINUTE,
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
                    of_colour(subjects, colour, "TargetResponseTime", stat, f"{colour} {stat}")
                    for colour in subjects.colours
                    for stat in ("p50", "p99")
                ],
                period=MINUTE,
                limits={"p99 turns a release around": alarms.max_latency} if alarms.enabled else None,
            ),
            Graph(
                title="Tasks that answer, and that do not",
                lines=[
                    of_colour(subjects, colour, metric, stat, f"{colour} {word}")
                    for colour in subjects.colours
                    for metric, stat, word in (
                        ("HealthyHostCount", "Minimum", "healthy"),
                        ("UnHealthyHostCount", "Maximum", "unhealthy"),
                    )
                ],
                period=MINUTE,
            ),
            Graph(
                title="5xx that the load balancer answered itself (per minute)",
                lines=[of_balancer(subjects, "HTTPCode_ELB_5XX_Count", "Sum", "502, 503 and 504")],
                period=MINUTE,
                limits={"turns a release around": alarms.max_balancer_errors} if alarms.enabled else None,
            ),
        ],
    )


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


def _errors(subjects: Subjects) -> list[Line]:
    return [
        of_colour(
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

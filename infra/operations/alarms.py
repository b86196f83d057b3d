"""The alarms that call people and turn no release around."""

from collections.abc import Iterator
from dataclasses import dataclass

from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from infra.operations.release_news import news_rule
from infra.runbooks import runbook
from infra.settings import RegistrySettings, StageSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """One alarm over one metric."""

    name: str
    """Its name after the stage's prefix."""
    meaning: str
    """What is wrong when it is red, in a sentence."""
    runbook: str
    """What to read then."""
    namespace: str
    """Namespace of the metric."""
    metric: str
    """The metric."""
    dimensions: dict[str, str]
    """What it belongs to."""
    statistic: str
    """How the values of a period become one."""
    operator: str
    """How they are compared with the threshold."""
    threshold: float
    """The value from which on something is wrong."""
    periods: int
    """Periods in a row."""
    period: int = 60
    """Seconds whose values become one."""
    silence: str
    """What it means when there are no values."""


class OperationsAlarms(Construct):
    """An alarm for each thing that the rollback alarms do not see.

    Each watches one metric and names no other alarm, so that any stack can lose its own at any time. They
    are L1 constructs, because a `Watch` says all that such an alarm is; the rollback alarms are L2, for the
    metrics that target groups know.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        settings: StageSettings,
        registry: RegistrySettings,
        topic: str,
        service: str,
    ) -> None:
        super().__init__(scope, id_)
        self._settings, self._registry, self._topic = settings, registry, topic
        self.names: list[str] = []
        """Names of the alarms, which are literal."""
        if settings.alarms.enabled:
            for watch in watches(settings, service):
                self._build(watch)

    def _build(self, watch: Watch) -> None:
        cloudwatch.CfnAlarm(
            self,
            watch.name,
            alarm_name=self._name(watch.name),
            alarm_description=self._describe(watch.meaning, watch.runbook),
            namespace=watch.namespace,
            metric_name=watch.metric,
            dimensions=[
                cloudwatch.CfnAlarm.DimensionProperty(name=name, value=value)
                for name, value in watch.dimensions.items()
            ],
            statistic=watch.statistic,
            period=watch.period,
            evaluation_periods=watch.periods,
            comparison_operator=watch.operator,
            threshold=watch.threshold,
            treat_missing_data=watch.silence,
            alarm_actions=[self._topic],
            ok_actions=[self._topic],
        )

    def _name(self, name: str) -> str:
        self.names.append(f"{self._settings.prefix}-{name}")
        return self.names[-1]

    def _describe(self, meaning: str, document: str) -> str:
        return f"{meaning} {runbook(document, self._registry)}"


def watches(settings: StageSettings, service: str) -> Iterator[Watch]:
    """Return the alarms of a stage, given the name of its ECS service."""
    if settings.release.two_colours:
        yield from _gate_watches(settings)
    yield _keeper_watch(settings)
    yield _news_watch(settings)
    yield from _task_watches(settings, {"ClusterName": settings.prefix, "ServiceName": service})


def _gate_watches(settings: StageSettings) -> Iterator[Watch]:
    """Watch the function itself; a version that it refuses is no error of the function."""
    for metric, meaning in (
        ("Errors", "The release gate crashed or ran out of time, so its release fails."),
        ("Throttles", "Lambda refused to run the release gate, so its release waits or fails."),
    ):
        yield Watch(
            name=f"gate-{metric.lower()}",
            meaning=meaning,
            runbook="release-stuck",
            namespace="AWS/Lambda",
            metric=metric,
            dimensions={"FunctionName": settings.gate_function},
            statistic="Sum",
            operator="GreaterThanThreshold",
            threshold=0,
            periods=1,
            silence="notBreaching",  # nothing is reported while nothing is released
        )


def _keeper_watch(settings: StageSettings) -> Watch:
    """Tell what is still wrong when Lambda has repeated a call twice, within three minutes.

    Single failures pass: the clock calls it every ten minutes anyway. It also fails on purpose, when traffic
    is not with one colour that answers.
    """
    two = settings.release.two_colours
    cannot = "the release keeper cannot pause scale-in for releases or resume it after"
    return Watch(
        name="release-keeper-errors",
        meaning=(
            f"Traffic is not with one colour that answers, or {cannot}, or it cannot keep the live colour."
            if two
            else f"{cannot.capitalize()}."
        ),
        runbook="wrong-colour" if two else "release-stuck",
        namespace="AWS/Lambda",
        metric="Errors",
        dimensions={"FunctionName": settings.keeper_function},
        statistic="Sum",
        operator="GreaterThanThreshold",
        threshold=2,
        periods=1,
        period=1800,
        silence="notBreaching",
    )


def _news_watch(settings: StageSettings) -> Watch:
    """Watch the messages about releases: what EventBridge cannot deliver is lost without a word.

    The alarm's own message goes to the same topic, by another statement of its policy.
    """
    return Watch(
        name="release-news-lost",
        meaning="A message about a release could not be delivered to the topic.",
        runbook="alarm-red",
        namespace="AWS/Events",
        metric="FailedInvocations",
        dimensions={"RuleName": news_rule(settings)},
        statistic="Sum",
        operator="GreaterThanThreshold",
        threshold=0,
        periods=1,
        silence="notBreaching",  # nothing is reported while nothing fails
    )


def _task_watches(settings: StageSettings, dimensions: dict[str, str]) -> Iterator[Watch]:
    """Watch the service's tasks.

    A service that reports nothing runs nothing, so silence is a breach of `too-few-tasks`. So that alarm may
    be red for some minutes after a stage was made or its service replaced, until Container Insights reports
    of the new one: longer periods would not help, since a past without data is a breach as well. It turns
    no release around.
    """
    yield Watch(
        name="too-few-tasks",
        meaning="Fewer tasks run than the stage asks for at least.",
        runbook="alarm-red",
        namespace="ECS/ContainerInsights",
        metric="RunningTaskCount",
        dimensions=dimensions,
        statistic="Minimum",
        operator="LessThanThreshold",
        threshold=settings.tasks.min_tasks,
        periods=5,
        silence="breaching",  # Container Insights reports for as long as there is a service
    )
    if settings.tasks.min_tasks < settings.tasks.max_tasks:
        yield Watch(
            name="no-room-to-scale",
            meaning="For half an hour scaling has wanted all the tasks it may have: more load has no room.",
            runbook="quota",
            namespace="ECS/ContainerInsights",
            # Not the running tasks: while a release keeps both colours up there are twice as many.
            metric="DesiredTaskCount",
            dimensions=dimensions,
            statistic="Minimum",
            operator="GreaterThanOrEqualToThreshold",
            threshold=settings.tasks.max_tasks,
            periods=30,
            silence="notBreaching",
        )

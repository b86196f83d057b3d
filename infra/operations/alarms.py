"""The alarms that call people and turn no release around."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from aws_cdk import Aws
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

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
    """One message for all rollback alarms, and an alarm for each thing that they do not see."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        settings: StageSettings,
        registry: RegistrySettings,
        topic: str,
        service: str,
        rollback_alarms: Sequence[str],
    ) -> None:
        super().__init__(scope, id_)
        self._settings, self._registry, self._topic = settings, registry, topic
        self.names: list[str] = []
        """Names of the alarms, which are literal."""
        if not settings.alarms.enabled:
            return
        if rollback_alarms:
            self._build_unwell(rollback_alarms)
        for watch in watches(settings, service):
            self._build(watch)

    def _build_unwell(self, rollback_alarms: Sequence[str]) -> None:
        """Send one message when any rollback alarm turns red, instead of one for each."""
        start = f"arn:{Aws.PARTITION}:cloudwatch:{self._settings.region}:{Aws.ACCOUNT_ID}:alarm:"
        cloudwatch.CfnCompositeAlarm(
            self,
            "unwell",
            alarm_name=self._name("unwell"),
            alarm_description=self._describe("At least one rollback alarm is red.", "alarm-red"),
            alarm_rule=" OR ".join(f'ALARM("{start}{name}")' for name in rollback_alarms),
            alarm_actions=[self._topic],
            ok_actions=[self._topic],
        )

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
    yield _pause_watch(settings)
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


def _pause_watch(settings: StageSettings) -> Watch:
    """Let single failures pass: the function is called again, and every ten minutes anyway."""
    return Watch(
        name="scale-in-pause-errors",
        meaning="Scale-in is not suspended for releases, or stays suspended after one.",
        runbook="release-stuck",
        namespace="AWS/Lambda",
        metric="Errors",
        dimensions={"FunctionName": f"{settings.prefix}-scale-in-pause"},
        statistic="Sum",
        operator="GreaterThanThreshold",
        threshold=2,
        periods=1,
        period=1800,
        silence="notBreaching",
    )


def _task_watches(settings: StageSettings, dimensions: dict[str, str]) -> Iterator[Watch]:
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

"""The alarms that turn a release around."""

from typing import Final

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_elasticloadbalancingv2 as elb
from constructs import Construct

from infra.colours import Colours
from infra.settings import StageSettings

_MINUTE: Final = Duration.minutes(1)


class RollbackAlarms(Construct):
    """Errors, slowness and unhealthy targets, on blue and on green alike.

    Either colour can be the new one, so both are watched. The metrics are absent when nothing
    happens, so missing data is not a breach. CodeDeploy takes at most ten alarms; these are six.
    """

    def __init__(self, scope: Construct, id_: str, *, settings: StageSettings, colours: Colours) -> None:
        super().__init__(scope, id_)
        self._prefix = settings.prefix
        self.alarms = [
            alarm
            for colour, target_group in colours.by_name().items()
            for alarm in self._build_alarms(colour, target_group, settings)
        ]

    @property
    def names(self) -> list[str]:
        """Names of the alarms; literal, so that other stacks need no reference to them."""
        return [f"{self._prefix}-{alarm.node.id}" for alarm in self.alarms]

    def _build_alarms(
        self, colour: str, target_group: elb.IApplicationTargetGroup, settings: StageSettings
    ) -> list[cloudwatch.Alarm]:
        metrics = target_group.metrics
        errors = metrics.http_code_target(elb.HttpCodeTarget.TARGET_5XX_COUNT, period=_MINUTE)
        latency = metrics.target_response_time(statistic="p99", period=_MINUTE)
        unhealthy = metrics.unhealthy_host_count(statistic="Maximum", period=_MINUTE)
        return [
            self._build(colour, "errors", errors, settings.max_errors, minutes=1),
            self._build(colour, "latency", latency, settings.max_latency, minutes=3),
            self._build(colour, "unhealthy", unhealthy, 0, minutes=3),
        ]

    def _build(
        self, colour: str, what: str, metric: cloudwatch.IMetric, threshold: float, *, minutes: int
    ) -> cloudwatch.Alarm:
        return cloudwatch.Alarm(
            self,
            f"{colour}-{what}",
            alarm_name=f"{self._prefix}-{colour}-{what}",
            metric=metric,
            threshold=threshold,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
            evaluation_periods=minutes,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )

"""The alarms that turn a release around."""

from typing import Final

from aws_cdk import Aws, Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_elasticloadbalancingv2 as elb
from constructs import Construct

from infra.acknowledge import acknowledge
from infra.colours import Colours
from infra.settings import StageSettings

_MINUTE: Final = Duration.minutes(1)


class RollbackAlarms(Construct):
    """Errors, slowness and unhealthy targets, on blue and on green alike, and what neither answers.

    Either colour can be the new one, so both are watched. Requests to a task that crashes or hangs
    are answered by the load balancer itself (502, 503, 504) and count for no colour, so there is one
    alarm more. The metrics are absent when nothing happens, so missing data is not a breach.

    These are seven. AWS documents 50 alarms for a deployment group today (CodeDeploy quotas) and
    documented ten before, so ten is the number to stay within.
    """

    def __init__(self, scope: Construct, id_: str, *, settings: StageSettings, colours: Colours) -> None:
        super().__init__(scope, id_)
        acknowledge(
            self,
            {
                "NIST.800.53.R5-CloudWatchAlarmAction": (
                    "CodeDeploy asks them; one composite alarm tells people."
                )
            },
        )
        self._prefix, self._region = settings.prefix, settings.region
        self.alarms = [
            alarm
            for colour, target_group in colours.by_name().items()
            for alarm in self._build_alarms(colour, target_group, settings)
        ]
        unanswered = colours.unanswered(period=_MINUTE)
        self.alarms.append(
            self._build("load-balancer-errors", unanswered, settings.alarms.max_balancer_errors, minutes=1)
        )

    @property
    def names(self) -> list[str]:
        """Names of the alarms; literal, so that other stacks need no reference to them."""
        return [f"{self._prefix}-{alarm.node.id}" for alarm in self.alarms]

    @property
    def arns(self) -> list[str]:
        """ARNs of the alarms, made from their names."""
        start = f"arn:{Aws.PARTITION}:cloudwatch:{self._region}:{Aws.ACCOUNT_ID}:alarm:"
        return [f"{start}{name}" for name in self.names]

    def _build_alarms(
        self, colour: str, target_group: elb.IApplicationTargetGroup, settings: StageSettings
    ) -> list[cloudwatch.Alarm]:
        metrics = target_group.metrics
        errors = metrics.http_code_target(elb.HttpCodeTarget.TARGET_5XX_COUNT, period=_MINUTE)
        latency = metrics.target_response_time(statistic="p99", period=_MINUTE)
        unhealthy = metrics.unhealthy_host_count(statistic="Maximum", period=_MINUTE)
        return [
            self._build(f"{colour}-errors", errors, settings.alarms.min_requests, minutes=1),
            self._build(f"{colour}-latency", latency, settings.alarms.max_latency, minutes=3),
            self._build(f"{colour}-unhealthy", unhealthy, 0, minutes=3),
        ]

    def _build(
        self, name: str, metric: cloudwatch.IMetric, threshold: float, *, minutes: int
    ) -> cloudwatch.Alarm:
        return cloudwatch.Alarm(
            self,
            name,
            alarm_name=f"{self._prefix}-{name}",
            metric=metric,
            threshold=threshold,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
            evaluation_periods=minutes,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )

"""The alarms that turn a release around."""

from typing import Final

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_elasticloadbalancingv2 as elb
from constructs import Construct

from infra import arns
from infra.acknowledge import acknowledge
from infra.colours import Colours
from infra.runbooks import runbook
from infra.service.unwell import Unwell
from infra.settings import AlarmSettings, RegistrySettings, StageSettings

_MINUTE: Final = Duration.minutes(1)


class RollbackAlarms(Construct):
    """Errors, slowness and unhealthy targets, on blue and on green alike, and what neither answers.

    Either colour can be the new one, so both are watched. Requests to a task that crashes or hangs
    are answered by the load balancer itself (502, 503, 504) and count for no colour, so there is one
    alarm more. The metrics are absent when nothing happens, so missing data is not a breach.

    Errors and slowness are judged in minutes with `min_requests` or more to the colour, errors besides only
    from `min_errors` on, so that a failed request or two at night turn nothing around. What that leaves
    unseen: any share of errors in fewer than `min_requests` requests, and up to `min_errors - 1` errors in
    every minute. A canary's share of a quiet stage lies there for its whole shift, whatever it answers. What
    still judges it then is the gate before it, the tasks' health, and the load balancer's own errors.

    These are seven. AWS documents 50 alarms for a deployment group today (CodeDeploy quotas) and
    documented ten before, so ten is the number to stay within. One more stands for all of them, for people.
    With `alarms.enabled` off there are none.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        settings: StageSettings,
        colours: Colours,
        registry: RegistrySettings,
    ) -> None:
        super().__init__(scope, id_)
        acknowledge(
            self,
            {
                "NIST.800.53.R5-CloudWatchAlarmAction": (
                    "Whatever moves the traffic asks them; one composite alarm tells people."
                )
            },
        )
        self._settings = settings
        self._runbook = runbook("alarm-red", registry)
        self.alarms: list[cloudwatch.Alarm] = []
        if settings.alarms.enabled:
            for colour, target_group in colours.by_name().items():
                self._watch_colour(colour, target_group, settings.alarms)
            self._watch_load_balancer(colours, settings.alarms)
            Unwell(
                self,
                "unwell",
                settings=settings,
                alarms=self.alarms,
                alarm_arns=self.arns,
                runbook=self._runbook,
            )

    @property
    def names(self) -> list[str]:
        """Names of the alarms; literal, so that other stacks need no reference to them."""
        return [f"{self._settings.prefix}-{alarm.node.id}" for alarm in self.alarms]

    @property
    def arns(self) -> list[str]:
        """ARNs of the alarms, made from their names."""
        return [arns.of_stage(self._settings, "cloudwatch", f"alarm:{name}") for name in self.names]

    def _watch_colour(
        self, colour: str, target_group: elb.IApplicationTargetGroup, limits: AlarmSettings
    ) -> None:
        metrics = target_group.metrics
        requests = metrics.request_count(period=_MINUTE)
        errors = metrics.http_code_target(elb.HttpCodeTarget.TARGET_5XX_COUNT, period=_MINUTE)
        latency = metrics.target_response_time(statistic="p99", period=_MINUTE)
        busy = f"requests >= {limits.min_requests}"
        judged = f"judged from {limits.min_requests} requests a minute on"
        self._add(
            f"{colour}-errors",
            _when(
                f"({busy}) AND (FILL(errors, 0) >= {limits.min_errors})",
                "100 * FILL(errors, 0) / requests",
                requests=requests,
                errors=errors,
            ),
            limits.max_error_percent,
            f"Over {limits.max_error_percent:g} % of {colour}'s responses are errors (5xx), "
            f"{judged} and from {limits.min_errors} errors.",
        )
        self._add(
            f"{colour}-latency",
            _when(busy, "latency", requests=requests, latency=latency),
            limits.max_latency,
            f"The slowest hundredth of {colour}'s responses takes over {limits.max_latency:g} s, "
            f"three minutes running, {judged}.",
            minutes=3,
        )
        self._add(
            f"{colour}-unhealthy",
            metrics.unhealthy_host_count(statistic="Maximum", period=_MINUTE),
            0,
            f"A task of {colour} has failed its health checks for three minutes.",
            minutes=3,
        )

    def _watch_load_balancer(self, colours: Colours, limits: AlarmSettings) -> None:
        self._add(
            "load-balancer-errors",
            colours.unanswered(period=_MINUTE),
            limits.max_balancer_errors,
            f"The load balancer itself answered over {limits.max_balancer_errors} requests in a minute "
            "with an error (502, 503, 504): tasks crash, hang or are not there.",
        )

    def _add(
        self, name: str, metric: cloudwatch.IMetric, threshold: float, meaning: str, *, minutes: int = 1
    ) -> None:
        alarm = cloudwatch.Alarm(
            self,
            name,
            alarm_name=f"{self._settings.prefix}-{name}",
            alarm_description=f"{meaning} {self._runbook}",
            metric=metric,
            threshold=threshold,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
            evaluation_periods=minutes,
            datapoints_to_alarm=minutes,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )
        self.alarms.append(alarm)


def _when(condition: str, value: str, **metrics: cloudwatch.IMetric) -> cloudwatch.MathExpression:
    """Return an expression that has a value in the minutes in which a condition holds, and 0 in all others.

    `requests` itself is not filled: a minute without any has no data point, counts as 0 beside series that
    have one, and fails the condition, so nothing is ever divided by zero. Source for IF, AND, FILL and
    missing points: "Using math expressions with CloudWatch metrics", Amazon CloudWatch user guide.
    """
    return cloudwatch.MathExpression(
        expression=f"IF({condition}, {value}, 0)", using_metrics=metrics, period=_MINUTE
    )

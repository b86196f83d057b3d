"""An alarm as DescribeAlarms tells it, read into plain data.

AWS documentation (CloudWatch API Reference): MetricAlarm, MetricDataQuery, CompositeAlarm. Datapoints to
alarm are the evaluation periods, and missing data are `missing`, when nothing else is said (PutMetricAlarm).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

from rehearsal.alarms.errors import NotPlayed

State: TypeAlias = Literal["OK", "ALARM", "INSUFFICIENT_DATA"]
_ONLY: Final = "metric"


@dataclass(frozen=True, slots=True)
class MetricStat:
    """A statistic of a metric, period by period."""

    namespace: str
    name: str
    dimensions: tuple[tuple[str, str], ...]
    statistic: str
    """Such as `Sum`, or `p99` of an extended one."""
    period: int
    """Seconds."""


@dataclass(frozen=True, slots=True)
class Actions:
    """ARNs of what is told when a state is reached; nothing when actions are disabled."""

    by_state: Mapping[State, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Alarm:
    """An alarm over a metric, or over an expression of several."""

    name: str
    arn: str
    state: State
    metrics: Mapping[str, MetricStat]
    """By the id that expressions use."""
    expressions: Mapping[str, str]
    """By id."""
    shown: str
    """The id whose values are compared."""
    operator: str
    threshold: float
    evaluation_periods: int
    datapoints_to_alarm: int
    missing: str
    """How missing data are treated: `missing`, `ignore`, `breaching` or `notBreaching`."""
    actions: Actions

    @property
    def period(self) -> int:
        """Seconds of a data point; all metrics of an alarm have the same."""
        return max(metric.period for metric in self.metrics.values())


@dataclass(frozen=True, slots=True)
class Composite:
    """An alarm over the states of others."""

    name: str
    arn: str
    state: State
    rule: str
    actions: Actions


def read_alarm(described: Mapping[str, Any]) -> Alarm:
    """Read a metric alarm.

    Raises:
        NotPlayed: It compares with a band instead of a threshold, or has no metric.
    """
    name = described["AlarmName"]
    if "Threshold" not in described or not (described.get("Metrics") or described.get("MetricName")):
        raise NotPlayed(f"The alarm {name} has no threshold or no metric, which is not played here.")
    metrics, expressions, shown = _looks_at(described)
    return Alarm(
        name=name,
        arn=described["AlarmArn"],
        state=described["StateValue"],
        metrics=metrics,
        expressions=expressions,
        shown=shown,
        operator=described["ComparisonOperator"],
        threshold=float(described["Threshold"]),
        evaluation_periods=int(described["EvaluationPeriods"]),
        datapoints_to_alarm=int(described.get("DatapointsToAlarm") or described["EvaluationPeriods"]),
        missing=described.get("TreatMissingData") or "missing",
        actions=_actions(described),
    )


def read_composite(described: Mapping[str, Any]) -> Composite:
    """Read a composite alarm."""
    return Composite(
        name=described["AlarmName"],
        arn=described["AlarmArn"],
        state=described["StateValue"],
        rule=described["AlarmRule"],
        actions=_actions(described),
    )


def _looks_at(described: Mapping[str, Any]) -> tuple[dict[str, MetricStat], dict[str, str], str]:
    queries: Sequence[Mapping[str, Any]] = described.get("Metrics") or []
    if not queries:
        statistic = described.get("Statistic") or described["ExtendedStatistic"]
        return {_ONLY: _metric(described, statistic, described["Period"])}, {}, _ONLY
    stats = {query["Id"]: query["MetricStat"] for query in queries if query.get("MetricStat")}
    metrics = {key: _metric(item["Metric"], item["Stat"], item["Period"]) for key, item in stats.items()}
    expressions = {query["Id"]: query["Expression"] for query in queries if query.get("Expression")}
    shown = [query["Id"] for query in queries if query.get("ReturnData", True)]
    if len(shown) != 1 or not metrics:
        raise NotPlayed(f"The alarm {described['AlarmName']} does not compare one thing made of metrics.")
    return metrics, expressions, shown[0]


def _metric(described: Mapping[str, Any], statistic: str, period: int) -> MetricStat:
    pairs = [(item["Name"], item["Value"]) for item in described.get("Dimensions") or []]
    return MetricStat(
        namespace=described["Namespace"],
        name=described["MetricName"],
        dimensions=tuple(sorted(pairs)),
        statistic=statistic,
        period=int(period),
    )


def _actions(described: Mapping[str, Any]) -> Actions:
    if not described.get("ActionsEnabled", True):
        return Actions({})
    return Actions(
        {
            "ALARM": tuple(described.get("AlarmActions") or ()),
            "OK": tuple(described.get("OKActions") or ()),
            "INSUFFICIENT_DATA": tuple(described.get("InsufficientDataActions") or ()),
        }
    )

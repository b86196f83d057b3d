"""CloudWatch, asked and told through its API by the client that everybody uses."""

import datetime as dt
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from rehearsal import sessions
from rehearsal.alarms.definition import Alarm, Composite, MetricStat, State
from rehearsal.alarms.evaluation import Series
from rehearsal.metrics import services
from rehearsal.metrics.point import Point, as_metric_data

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch.type_defs import MetricDataQueryTypeDef

_MOST_DATA: Final = 1_000
_CONFIG: Final = Config(
    proxies={},
    retries={"total_max_attempts": 1},
    connect_timeout=2,
    read_timeout=5,
    parameter_validation=False,
)


class CloudWatch:
    """The calls that metrics and alarms need.

    Args:
        endpoint: The control plane.
        prefix: Start of the names of one stage, and its cluster's whole name; all there is when empty.
    """

    def __init__(self, endpoint: str, prefix: str = "") -> None:
        self._prefix = prefix
        session = sessions.session()
        self._client = session.client("cloudwatch", endpoint_url=endpoint, config=_CONFIG)
        self._ecs = session.client("ecs", endpoint_url=endpoint, config=_CONFIG)
        self._sns: Any = session.client("sns", endpoint_url=endpoint, config=_CONFIG)

    def put(self, namespace: str, points: Iterable[Point]) -> None:
        """Publish points; one call takes up to a thousand (PutMetricData)."""
        data = as_metric_data(points)
        for start in range(0, len(data), _MOST_DATA):
            self._client.put_metric_data(Namespace=namespace, MetricData=data[start : start + _MOST_DATA])

    def services(self) -> list[Mapping[str, Any]]:
        """Return what ECS says of the services."""
        return services.described(self._ecs, self._prefix)

    def alarms(self) -> tuple[list[Mapping[str, Any]], list[Mapping[str, Any]]]:
        """Return the definitions of the metric alarms and of the composite alarms."""
        pages = self._client.get_paginator("describe_alarms").paginate(
            AlarmTypes=["MetricAlarm", "CompositeAlarm"],
            AlarmNamePrefix=f"{self._prefix}-" if self._prefix else "",
        )
        plain: list[Mapping[str, Any]] = []
        composite: list[Mapping[str, Any]] = []
        for page in pages:
            plain += page.get("MetricAlarms", [])
            composite += page.get("CompositeAlarms", [])
        return plain, composite

    def series(self, metrics: Sequence[MetricStat], *, periods: int, until: int) -> dict[MetricStat, Series]:
        """Return the last values of metrics that have the same period.

        Args:
            metrics: each of them once.
            periods: how many values.
            until: played Unix time at which the last period ends.
        """
        if not metrics:
            return {}
        period = metrics[0].period
        start = until - periods * period
        answer = self._client.get_metric_data(
            MetricDataQueries=[_query(f"m{number}", metric) for number, metric in enumerate(metrics)],
            StartTime=_moment(start),
            EndTime=_moment(until),
        )
        found = {result["Id"]: result for result in answer["MetricDataResults"]}
        return {
            metric: _laid_out(found.get(f"m{number}", {}), start=start, period=period, periods=periods)
            for number, metric in enumerate(metrics)
        }

    def tell(self, alarm: Alarm | Composite, state: State, *, reason: str, data: str | None = None) -> None:
        """Set the state of an alarm, and tell the topics among its actions for that state.

        That nobody can be told is no failure of the alarm.
        """
        details = {} if data is None else {"StateReasonData": data}
        self._client.set_alarm_state(
            AlarmName=alarm.name, StateValue=state, StateReason=reason[:1023], **details
        )
        for action in alarm.actions.by_state.get(state, ()):
            if action.startswith("arn:aws:sns:"):
                self._publish(action, alarm, state, reason)

    def _publish(self, topic: str, alarm: Alarm | Composite, state: State, reason: str) -> None:
        message = {
            "AlarmName": alarm.name,
            "AlarmArn": alarm.arn,
            "OldStateValue": alarm.state,
            "NewStateValue": state,
            "NewStateReason": reason,
        }
        try:
            self._sns.publish(
                TopicArn=topic, Subject=f'{state}: "{alarm.name}"'[:100], Message=json.dumps(message)
            )
        except (BotoCoreError, ClientError):
            return


def _query(id_: str, metric: MetricStat) -> "MetricDataQueryTypeDef":
    return {
        "Id": id_,
        "MetricStat": {
            "Metric": {
                "Namespace": metric.namespace,
                "MetricName": metric.name,
                "Dimensions": [{"Name": name, "Value": value} for name, value in metric.dimensions],
            },
            "Period": metric.period,
            "Stat": metric.statistic,
        },
    }


def _laid_out(result: Mapping[str, Any], *, start: int, period: int, periods: int) -> Series:
    values: list[float | None] = [None] * periods
    for moment, value in zip(result.get("Timestamps", ()), result.get("Values", ()), strict=True):
        at = int(moment.timestamp() - start) // period
        if 0 <= at < periods:
            values[at] = float(value)
    return tuple(values)


def _moment(at: int) -> dt.datetime:
    return dt.datetime.fromtimestamp(at, dt.UTC)

"""What PutMetricData was told, kept by minutes, and told again with every statistic.

AWS documentation: values come with how often they occurred (CloudWatch API Reference, MetricDatum); data of
standard resolution are kept by the minute, and percentiles are statistics like others (CloudWatch user guide,
"CloudWatch concepts", Resolution and Percentiles); GetMetricData returns a value for each period that has
data, the latest first unless asked otherwise, of the series that has exactly these dimensions.

moto keeps an object for each occurrence, looks at all of them for each period, and knows no percentiles.
Here the percentile is the least value that this share of the values does not exceed; CloudWatch states no
rule. A statistic set has none, as on AWS, unless all its values are the same.
"""

import datetime as dt
import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from rehearsal.aws.original import Moto, cloudwatch

_MINUTE: Final = 60
_KEPT: Final = 15 * 3600
"""Seconds that data are kept: as long as any alarm of ours looks back, and some."""

Key = tuple[str, str, tuple[tuple[str, str], ...]]


@dataclass(slots=True)
class Bucket:
    """The values of one series in one period."""

    values: Counter[float] = field(default_factory=Counter)
    count: float = 0.0
    total: float = 0.0
    low: float = math.inf
    high: float = -math.inf

    def add(self, value: float, count: float) -> None:
        """Add a value that occurred so often."""
        self.values[value] += int(count)
        self.add_set(count=count, total=value * count, low=value, high=value)

    def add_set(self, *, count: float, total: float, low: float, high: float) -> None:
        """Add values of which only this is known."""
        self.count += count
        self.total += total
        self.low, self.high = min(self.low, low), max(self.high, high)

    def merge(self, other: "Bucket") -> None:
        """Add the values of another period."""
        self.values.update(other.values)
        self.add_set(count=other.count, total=other.total, low=other.low, high=other.high)

    def statistic(self, name: str) -> float | None:
        """Return a statistic by its name in the API, such as `Sum` or `p99`; None when it has none."""
        plain = {"Sum": self.total, "SampleCount": self.count, "Minimum": self.low, "Maximum": self.high}
        if name in plain:
            return plain[name]
        if name == "Average":
            return self.total / self.count
        return self._percentile(float(name.removeprefix("p"))) if name[:1] == "p" else None

    def _percentile(self, percent: float) -> float | None:
        if self.low == self.high:
            return self.low
        if self.values.total() != self.count:
            return None
        rank, seen = max(1, math.ceil(self.count * percent / 100)), 0
        for value, count in sorted(self.values.items()):
            seen += count
            if seen >= rank:
                return value
        return None


def mend() -> None:
    """Keep data by minutes, and read them from there."""
    backend = cloudwatch.CloudWatchBackend
    backend.put_metric_data = _put
    backend.get_metric_data = _get
    backend.get_all_metrics = _expanded


def _series(backend: Moto) -> dict[Key, dict[int, Bucket]]:
    if not hasattr(backend, "minutes"):
        backend.minutes = {}
    found: dict[Key, dict[int, Bucket]] = backend.minutes
    return found


def _put(backend: Moto, namespace: str, metric_data: Sequence[Mapping[str, Moto]]) -> None:
    for number, datum in enumerate(metric_data, start=1):
        backend._validate_parameters_put_metric_data(datum, number)
    for datum in metric_data:
        moment = datum.get("Timestamp") or dt.datetime.now(dt.UTC)
        at = _seconds(moment) // _MINUTE * _MINUTE
        minutes = _series(backend).setdefault(_key(namespace, datum), {})
        _add(minutes.setdefault(at, Bucket()), datum)
        for old in [minute for minute in minutes if minute < at - _KEPT]:
            del minutes[old]


def _add(bucket: Bucket, datum: Mapping[str, Moto]) -> None:
    if datum.get("Values"):
        values = datum["Values"]
        for value, count in zip(values, datum.get("Counts") or [1.0] * len(values), strict=True):
            bucket.add(float(value), float(count))
    elif datum.get("StatisticValues"):
        given = {name: float(value) for name, value in datum["StatisticValues"].items()}
        bucket.add_set(
            count=given["SampleCount"], total=given["Sum"], low=given["Minimum"], high=given["Maximum"]
        )
    else:
        bucket.add(float(datum.get("Value", 0)), 1.0)


def _get(
    backend: Moto,
    queries: Sequence[Mapping[str, Moto]],
    start_time: dt.datetime,
    end_time: dt.datetime,
    scan_by: str = "TimestampAscending",
) -> list[dict[str, Moto]]:
    if _seconds(start_time) >= _seconds(end_time):
        raise cloudwatch.ValidationError("The parameter EndTime must be greater than StartTime.")
    results = {
        query["Id"]: _result(backend, query, _seconds(start_time), _seconds(end_time), scan_by)
        for query in queries
        if "MetricStat" in query
    }
    for query in queries:
        if "MetricStat" not in query:  # metric math is the alarms' own; an id alone repeats its series
            known = results.get(query["Expression"], {"values": [], "timestamps": []})
            results[query["Id"]] = {**known, "id": query["Id"], "status_code": "Complete"}
            results[query["Id"]]["label"] = query.get("Label") or query["Id"]
    return [results[query["Id"]] for query in queries if query.get("ReturnData", True)]


def _result(backend: Moto, query: Mapping[str, Moto], start: int, end: int, scan_by: str) -> dict[str, Moto]:
    stat = query["MetricStat"]
    minutes = _series(backend).get(_key(stat["Metric"]["Namespace"], stat["Metric"]), {})
    found = list(_periods(minutes, start, end, int(stat["Period"]), stat["Stat"]))
    if scan_by == "TimestampDescending":
        found.reverse()
    return {
        "id": query["Id"],
        "label": query.get("Label") or f"{stat['Metric']['MetricName']} {stat['Stat']}",
        "timestamps": [dt.datetime.fromtimestamp(at, dt.UTC) for at, _ in found],
        "values": [value for _, value in found],
        "status_code": "Complete",
    }


def _periods(
    minutes: Mapping[int, Bucket], start: int, end: int, period: int, statistic: str
) -> Iterator[tuple[int, float]]:
    periods: dict[int, Bucket] = {}
    for minute in sorted(minutes):
        if start <= minute < end:
            periods.setdefault(start + (minute - start) // period * period, Bucket()).merge(minutes[minute])
    for at, bucket in periods.items():
        value = bucket.statistic(statistic)
        if value is not None:
            yield at, value


def _expanded(backend: Moto) -> list[Moto]:
    """Return the data one by one, for the calls that stay moto's own."""
    return [
        cloudwatch.MetricDatum(
            namespace, name, value, [{"Name": key, "Value": one} for key, one in dimensions], moment
        )
        for (namespace, name, dimensions), minutes in _series(backend).items()
        for minute, bucket in minutes.items()
        for moment in [dt.datetime.fromtimestamp(minute, dt.UTC).replace(tzinfo=None)]  # as moto has them
        for value in bucket.values.elements()
    ] + list(backend.aws_metric_data)


def _key(namespace: str, named: Mapping[str, Moto]) -> Key:
    pairs = [(item["Name"], item["Value"]) for item in named.get("Dimensions") or ()]
    return namespace, named["MetricName"], tuple(sorted(pairs))


def _seconds(moment: dt.datetime) -> int:
    aware = moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
    return int(aware.timestamp())

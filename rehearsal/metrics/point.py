"""Values of one metric within one minute, as PutMetricData takes them."""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch.literals import StandardUnitType
    from mypy_boto3_cloudwatch.type_defs import MetricDatumTypeDef

MINUTE: Final = 60
_MOST_VALUES: Final = 150

Dimensions = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Point:
    """What one metric was within one minute of the played clock."""

    metric: str
    dimensions: Dimensions
    """Names and values."""
    minute: int
    """Unix time at which the minute begins."""
    values: Mapping[float, int]
    """How often each value occurred."""
    unit: "StandardUnitType" = "Count"


def minute_of(played: float) -> int:
    """Return the beginning of the minute of a played Unix time."""
    return int(played // MINUTE) * MINUTE


def as_metric_data(points: Iterable[Point]) -> "list[MetricDatumTypeDef]":
    """Return points as PutMetricData takes them.

    A datum has up to 150 unique values, each with how often it occurred (CloudWatch API Reference,
    MetricDatum), so a point with more becomes several.
    """
    return [
        {
            "MetricName": point.metric,
            "Dimensions": [{"Name": name, "Value": value} for name, value in point.dimensions],
            "Timestamp": dt.datetime.fromtimestamp(point.minute, dt.UTC),
            "Values": [value for value, _ in part],
            "Counts": [float(count) for _, count in part],
            "Unit": point.unit,
        }
        for point in points
        for part in _parts(sorted(point.values.items()))
    ]


def _parts(items: list[tuple[float, int]]) -> Iterator[list[tuple[float, int]]]:
    for start in range(0, len(items), _MOST_VALUES):
        yield items[start : start + _MOST_VALUES]

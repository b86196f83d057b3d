"""Definitions as DescribeAlarms tells them, and reasons as CloudWatch gives them."""

import json

import pytest

from rehearsal.alarms import reason
from rehearsal.alarms.definition import MetricStat, read_alarm
from rehearsal.alarms.errors import NotPlayed
from rehearsal.alarms.evaluation import Series, evaluate

from .made import alarm, described

_DIMENSIONS = (("LoadBalancer", "a"), ("TargetGroup", "blue"))
UNTIL = 1_700_000_100 // 60 * 60


def test_an_alarm_over_one_metric_is_read() -> None:
    """Datapoints to alarm are the evaluation periods, and missing data `missing`, when it does not say."""
    read = alarm(EvaluationPeriods=3)
    assert read.metrics == {"metric": MetricStat("N", "Errors", _DIMENSIONS, "Sum", 60)}
    assert (read.shown, read.period, read.datapoints_to_alarm, read.missing) == ("metric", 60, 3, "missing")


def test_an_extended_statistic_is_read() -> None:
    """It stands where others have theirs."""
    properties = described(ExtendedStatistic="p99")
    del properties["Statistic"]
    assert read_alarm(properties).metrics["metric"].statistic == "p99"


def test_an_alarm_over_an_expression_is_read() -> None:
    """What it compares is the one that returns data."""
    metric = {"Namespace": "N", "MetricName": "Requests", "Dimensions": []}
    queries = [
        {"Id": "share", "Expression": "requests * 2", "ReturnData": True},
        {
            "Id": "requests",
            "MetricStat": {"Metric": metric, "Period": 300, "Stat": "p99"},
            "ReturnData": False,
        },
    ]
    read = alarm(Metrics=queries, MetricName=None)
    assert read.metrics == {"requests": MetricStat("N", "Requests", (), "p99", 300)}
    assert (read.expressions, read.shown, read.period) == ({"share": "requests * 2"}, "share", 300)


def test_disabled_actions_are_none() -> None:
    """PutMetricAlarm, ActionsEnabled."""
    topics = {"AlarmActions": ["arn:aws:sns:eu-central-1:123456789012:topic"]}
    assert alarm(**topics).actions.by_state["ALARM"] == tuple(topics["AlarmActions"])
    assert alarm(**topics, ActionsEnabled=False).actions.by_state == {}


def test_an_alarm_without_a_threshold_is_not_played() -> None:
    """Anomaly detection has a band instead."""
    properties = described()
    del properties["Threshold"]
    with pytest.raises(NotPlayed, match="errors has no threshold"):
        read_alarm(properties)


def test_an_alarm_that_returns_two_things_is_not_played() -> None:
    """PutMetricAlarm, Metrics: exactly one of them returns data."""
    metric = {"Metric": {"Namespace": "N", "MetricName": "A"}, "Period": 60, "Stat": "Sum"}
    queries = [{"Id": name, "MetricStat": metric, "ReturnData": True} for name in ("a", "b")]
    with pytest.raises(NotPlayed, match="errors does not compare one thing"):
        alarm(Metrics=queries)


@pytest.mark.parametrize(
    ("series", "treatment", "told"),
    [
        (
            (None, 1.0, 5.0),
            "missing",
            "Threshold Crossed: 1 of the last 1 datapoints [5.0 (14/11/23 22:14:00)] was greater than ",
        ),
        (
            (5.0, None, 1.0),
            "missing",
            "Threshold Crossed: 1 of the last 1 datapoints [1.0 (14/11/23 22:14:00)] was not greater than ",
        ),
        ((None, None, None), "missing", "Insufficient Data: 1 datapoint was unknown."),
        (
            (None, None, None),
            "notBreaching",
            "Threshold Crossed: 1 datapoint was missing and treated as [NonBreaching].",
        ),
    ],
)
def test_a_reason_names_the_data_points(series: Series, treatment: str, told: str) -> None:
    """And their times, the threshold, and what was filled in."""
    judged = alarm(TreatMissingData=treatment)
    whole = told + "the threshold (2.0)." if told.endswith("than ") else told
    assert reason.of_alarm(judged, evaluate(judged, series), UNTIL) == whole


def test_a_reason_is_told_to_programs_as_well() -> None:
    """As JSON, with the data points oldest first."""
    judged = alarm(EvaluationPeriods=2)
    data = json.loads(reason.data_of_alarm(judged, evaluate(judged, (None, 3.0, None, 5.0)), UNTIL))
    assert (data["recentDatapoints"], data["threshold"], data["period"]) == ([3.0, 5.0], 2.0, 60)

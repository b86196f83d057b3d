"""Alarms and metrics of the mended control plane, asked by a real client."""

import datetime as dt
import json
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from rehearsal import sessions
from rehearsal.aws.metric_data import Bucket
from rehearsal.isolation import REGION

from .stacks import Stacks

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch import CloudWatchClient

STATISTICS = ("Sum", "SampleCount", "Average", "Minimum", "Maximum", "p50", "p99", "p100", "tm90")


@pytest.fixture
def client(stacks: Stacks) -> "CloudWatchClient":
    """A client of CloudWatch."""
    made: CloudWatchClient = sessions.client("cloudwatch", stacks.plane.endpoint)
    return made


@pytest.fixture
def alarms(stacks: Stacks) -> Stacks:
    """A stack of two alarms and one over them, named for this test."""
    prefix = f"arn:aws:cloudwatch:{REGION}:123456789012:alarm:{stacks.name}"
    stacks.template["Resources"] |= {
        "Errors": {"Type": "AWS::CloudWatch::Alarm", "Properties": metric_alarm(f"{stacks.name}-errors")},
        "Share": {"Type": "AWS::CloudWatch::Alarm", "Properties": math_alarm(f"{stacks.name}-share")},
        "Unwell": {
            "Type": "AWS::CloudWatch::CompositeAlarm",
            "DependsOn": ["Errors", "Share"],
            "Properties": {
                "AlarmName": f"{stacks.name}-unwell",
                "AlarmRule": f'ALARM("{prefix}-errors") OR ALARM("{prefix}-share")',
            },
        },
    }
    return stacks


def metric_alarm(name: str, **properties: object) -> dict[str, Any]:
    """Return an alarm over a metric, with everything that a template may say of it."""
    return {
        "AlarmName": name,
        "AlarmDescription": "Too many.",
        "ActionsEnabled": False,
        "OKActions": ["arn:aws:sns:eu-central-1:123456789012:ok"],
        "AlarmActions": ["arn:aws:sns:eu-central-1:123456789012:red"],
        "InsufficientDataActions": ["arn:aws:sns:eu-central-1:123456789012:unknown"],
        "MetricName": "Errors",
        "Namespace": name,
        "ExtendedStatistic": "p99",
        "Dimensions": [{"Name": "Colour", "Value": "blue"}],
        "Period": 60,
        "Unit": "Count",
        "EvaluationPeriods": 3,
        "DatapointsToAlarm": 2,
        "Threshold": 1.5,
        "ComparisonOperator": "GreaterThanThreshold",
        "TreatMissingData": "notBreaching",
        **properties,
    }


def math_alarm(name: str) -> dict[str, Any]:
    """Return an alarm over an expression."""
    metric = {"Namespace": name, "MetricName": "Errors", "Dimensions": [{"Name": "a", "Value": "b"}]}
    return {
        "AlarmName": name,
        "Metrics": [
            {"Id": "share", "Expression": "errors * 2", "ReturnData": True},
            {
                "Id": "errors",
                "MetricStat": {"Metric": metric, "Period": 60, "Stat": "Sum"},
                "ReturnData": False,
            },
        ],
        "EvaluationPeriods": 1,
        "Threshold": 2,
        "ComparisonOperator": "LessThanThreshold",
    }


def described(client: "CloudWatchClient", name: str) -> dict[str, Any]:
    """Return what DescribeAlarms says of an alarm of either type."""
    answer = client.describe_alarms(AlarmNames=[name], AlarmTypes=["MetricAlarm", "CompositeAlarm"])
    found: list[Any] = [*answer["MetricAlarms"], *answer["CompositeAlarms"]]
    assert len(found) == 1
    return dict(found[0])


@pytest.mark.slow
def test_an_alarm_is_described_as_its_template_has_it(alarms: Stacks, client: "CloudWatchClient") -> None:
    """Property by property (CloudFormation resource reference, AWS::CloudWatch::Alarm)."""
    alarms.create()
    for name, properties in (
        ("errors", metric_alarm(f"{alarms.name}-errors")),
        ("share", math_alarm(f"{alarms.name}-share")),
    ):
        found = described(client, f"{alarms.name}-{name}")
        assert {key: found.get(key) for key in properties} == properties
        assert found["StateValue"] == "INSUFFICIENT_DATA"
        assert found["AlarmArn"].endswith(f":alarm:{alarms.name}-{name}")
    assert alarms.physical("Unwell") == f"{alarms.name}-unwell"
    assert 'errors") OR ALARM(' in described(client, f"{alarms.name}-unwell")["AlarmRule"]


@pytest.mark.slow
def test_an_update_overwrites_all_but_the_state(alarms: Stacks, client: "CloudWatchClient") -> None:
    """CloudWatch API Reference, PutMetricAlarm; a change of the name is refused, not half done."""
    alarms.create()
    name = f"{alarms.name}-share"
    client.set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="seen")
    properties = alarms.template["Resources"]["Share"]["Properties"]
    properties["Threshold"] = 7
    assert alarms.update() == "UPDATE_COMPLETE"
    found = described(client, name)
    assert (found["Threshold"], found["StateValue"], found["StateReason"]) == (7.0, "ALARM", "seen")

    properties["AlarmName"] = f"{name}-anew"
    assert alarms.update() == "UPDATE_ROLLBACK_COMPLETE"
    assert described(client, name)["Threshold"] == 7.0


@pytest.mark.slow
def test_only_metric_alarms_are_described_unless_asked(alarms: Stacks, client: "CloudWatchClient") -> None:
    """CloudWatch API Reference, DescribeAlarms, AlarmTypes; every filter holds."""
    alarms.create()
    client.set_alarm_state(AlarmName=f"{alarms.name}-share", StateValue="ALARM", StateReason="seen")
    answer = client.describe_alarms(AlarmNamePrefix=alarms.name)
    assert (len(answer["MetricAlarms"]), answer["CompositeAlarms"]) == (2, [])
    answer = client.describe_alarms(AlarmNamePrefix=alarms.name, AlarmTypes=["CompositeAlarm"])
    assert (answer["MetricAlarms"], len(answer["CompositeAlarms"])) == ([], 1)
    red = client.describe_alarms(AlarmNamePrefix=alarms.name, StateValue="ALARM")["MetricAlarms"]
    assert [alarm["AlarmName"] for alarm in red] == [f"{alarms.name}-share"]


@pytest.mark.slow
def test_an_alarm_that_another_depends_on_cannot_be_deleted(
    alarms: Stacks, client: "CloudWatchClient"
) -> None:
    """CloudWatch API Reference, DeleteAlarms; a stack deletes in the order that its alarms depend in."""
    alarms.create()
    with pytest.raises(ClientError, match="composite alarm"):
        client.delete_alarms(AlarmNames=[f"{alarms.name}-errors"])
    for name in ("Errors", "Share", "Unwell"):
        del alarms.template["Resources"][name]
    assert alarms.update() == "UPDATE_COMPLETE"
    answer = client.describe_alarms(AlarmNamePrefix=alarms.name, AlarmTypes=["MetricAlarm", "CompositeAlarm"])
    assert (answer["MetricAlarms"], answer["CompositeAlarms"]) == ([], [])


@pytest.mark.slow
def test_metrics_are_told_again_with_every_statistic(stacks: Stacks, client: "CloudWatchClient") -> None:
    """By period and exactly these dimensions (GetMetricData); what has no data has no data point."""
    begin = dt.datetime(2026, 11, 20, 12, 0, tzinfo=dt.UTC)
    blue: Any = [{"Name": "Colour", "Value": "blue"}]
    for minute, values in enumerate(([1.0], [], [2.0, 4.0])):
        client.put_metric_data(
            Namespace=stacks.name,
            MetricData=[
                {
                    "MetricName": "Time",
                    "Dimensions": blue,
                    "Timestamp": begin + dt.timedelta(minutes=minute, seconds=31),
                    "Values": values,
                    "Counts": [3.0] * len(values),
                }
                for _ in values[:1]
            ],
        )
    stats: Any = [
        {
            "Id": f"{statistic.lower()}{period}",
            "MetricStat": {
                "Metric": {"Namespace": stacks.name, "MetricName": "Time", "Dimensions": dimensions},
                "Period": period,
                "Stat": statistic,
            },
        }
        for statistic, period, dimensions in (("Sum", 60, blue), ("p50", 180, blue), ("Sum", 300, []))
    ]
    answer = client.get_metric_data(
        MetricDataQueries=stats, StartTime=begin, EndTime=begin + dt.timedelta(minutes=3)
    )
    told = {
        result["Id"]: [
            (moment.minute, value)
            for moment, value in zip(result["Timestamps"], result["Values"], strict=True)
        ]
        for result in answer["MetricDataResults"]
    }
    assert told == {"sum60": [(2, 18.0), (0, 3.0)], "p50180": [(0, 2.0)], "sum300": []}


def test_a_percentile_is_the_least_value_that_so_many_do_not_exceed() -> None:
    """And what is no statistic has no value."""
    bucket = Bucket()
    for value in range(1, 101):
        bucket.add(float(value), 2)
    assert [bucket.statistic(name) for name in STATISTICS] == [
        10100.0,
        200.0,
        50.5,
        1.0,
        100.0,
        50.0,
        99.0,
        100.0,
        None,
    ]


def test_a_statistic_set_has_percentiles_only_when_all_its_values_are_the_same() -> None:
    """CloudWatch user guide, "CloudWatch concepts", Percentiles."""
    same, different = Bucket(), Bucket()
    same.add_set(count=3, total=6, low=2, high=2)
    different.add_set(count=3, total=6, low=1, high=3)
    assert (same.statistic("p99"), different.statistic("p99"), different.statistic("Sum")) == (2, None, 6)


def test_data_are_compact_however_often_a_value_occurs() -> None:
    """A minute of one value is one entry, so that a long run stays small."""
    bucket = Bucket()
    for _ in range(10_000):
        bucket.add(0.004, 1)
    assert json.dumps(bucket.values) == '{"0.004": 10000}'

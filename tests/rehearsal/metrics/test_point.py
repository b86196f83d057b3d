"""Points as the API takes them, and the metrics of services."""

import datetime as dt

from rehearsal.metrics.point import Point, as_metric_data
from rehearsal.metrics.services import of_services


def test_a_point_is_written_whole() -> None:
    """Values come with how often they occurred."""
    assert as_metric_data([Point("RequestCount", (("LoadBalancer", "app/a/1"),), 120, {1.0: 7})]) == [
        {
            "MetricName": "RequestCount",
            "Dimensions": [{"Name": "LoadBalancer", "Value": "app/a/1"}],
            "Timestamp": dt.datetime(1970, 1, 1, 0, 2, tzinfo=dt.UTC),
            "Values": [1.0],
            "Counts": [7.0],
            "Unit": "Count",
        }
    ]


def test_a_datum_has_at_most_150_values() -> None:
    """CloudWatch API Reference, MetricDatum: what is more goes into further ones, and nothing is lost."""
    values = {number / 1000: number for number in range(1, 302)}
    data = as_metric_data([Point("TargetResponseTime", (), 0, values, "Seconds")])
    assert [len(datum["Values"]) for datum in data] == [150, 150, 1]
    assert sum(sum(datum["Counts"]) for datum in data) == sum(values.values())


def test_a_service_tells_how_many_tasks_run_and_should() -> None:
    """CloudWatch user guide, "Amazon ECS Container Insights metrics"."""
    service = {
        "clusterArn": "arn:aws:ecs:eu-central-1:123456789012:cluster/switchyard-dev",
        "serviceName": "predictions",
        "runningCount": 1,
        "desiredCount": 2,
    }
    dimensions = (("ClusterName", "switchyard-dev"), ("ServiceName", "predictions"))
    assert of_services([service], 60) == [
        Point("RunningTaskCount", dimensions, 60, {1.0: 1}),
        Point("DesiredTaskCount", dimensions, 60, {2.0: 1}),
    ]

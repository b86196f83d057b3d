"""Alarms of these tests."""

from typing import Any

from rehearsal.alarms.definition import Alarm, read_alarm


def described(**properties: Any) -> dict[str, Any]:  # noqa: ANN401 - whatever a definition has
    """Return an alarm as DescribeAlarms tells it: more than two in one minute, unless told otherwise."""
    return {
        "AlarmName": "errors",
        "AlarmArn": "arn:aws:cloudwatch:eu-central-1:123456789012:alarm:errors",
        "StateValue": "OK",
        "Namespace": "N",
        "MetricName": "Errors",
        "Dimensions": [{"Name": "TargetGroup", "Value": "blue"}, {"Name": "LoadBalancer", "Value": "a"}],
        "Statistic": "Sum",
        "Period": 60,
        "EvaluationPeriods": 1,
        "Threshold": 2.0,
        "ComparisonOperator": "GreaterThanThreshold",
        **properties,
    }


def alarm(**properties: Any) -> Alarm:  # noqa: ANN401 - as above
    """Return the same, read."""
    return read_alarm(described(**properties))

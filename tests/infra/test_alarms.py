"""What turns a release around, what people look at, and who is told."""

import json
from pathlib import Path
from typing import Any

import pytest

from infra.config import STAGES
from tests.infra.assembly import Assembly
from tests.infra.variants import changed

pytestmark = pytest.mark.slow

NAMES = (
    *(f"{colour}-{what}" for colour in ("blue", "green") for what in ("errors", "latency", "unhealthy")),
    "load-balancer-errors",
)


def expected_alarm(assembly: Assembly, name: str) -> dict[str, Any]:
    """Return the whole of one rollback alarm."""
    settings = STAGES[assembly.stage]
    colour, what = name.rsplit("-", 1)
    metric, statistic, threshold, minutes = {
        "errors": ("HTTPCode_Target_5XX_Count", {"Statistic": "Sum"}, settings.alarms.min_requests, 1),
        "latency": ("TargetResponseTime", {"ExtendedStatistic": "p99"}, settings.alarms.max_latency, 3),
        "unhealthy": ("UnHealthyHostCount", {"Statistic": "Maximum"}, 0, 3),
    }[what]
    entry = f"/switchyard/{assembly.stage}/traffic"
    parts = "/".join(f"{entry}/load-balancer.split(/)[{i}]" for i in (1, 2, 3))
    dimensions = {"LoadBalancer": parts, "TargetGroup": f"{entry}/{colour}.split(:)[5]"}
    if colour == "load-balancer":
        metric, threshold = "HTTPCode_ELB_5XX_Count", settings.alarms.max_balancer_errors
        dimensions = {"LoadBalancer": f"{entry}/load-balancer.split(:loadbalancer/)[1]"}
    return {
        "AlarmName": f"switchyard-{assembly.stage}-{name}",
        "Namespace": "AWS/ApplicationELB",
        "MetricName": metric,
        **statistic,
        "Dimensions": [{"Name": key, "Value": value} for key, value in dimensions.items()],
        "Period": 60,
        "EvaluationPeriods": minutes,
        "ComparisonOperator": "GreaterThanThreshold",
        "Threshold": threshold,
        "TreatMissingData": "notBreaching",
    }


@pytest.mark.parametrize("name", NAMES)
def test_rollback_alarms_are_whole(assembly: Assembly, name: str) -> None:
    """Both colours and the load balancer's own errors are watched by the minute; silence breaches nothing."""
    alarms = assembly.resources("Service", "AWS::CloudWatch::Alarm").values()
    (alarm,) = (one["Properties"] for one in alarms if one["Properties"]["AlarmName"].endswith(f"-{name}"))
    assert alarm == expected_alarm(assembly, name)


def test_there_is_no_other_alarm(assembly: Assembly) -> None:
    """Seven, within the ten alarms that CodeDeploy has always taken for a deployment group."""
    assert len(assembly.resources("Service", "AWS::CloudWatch::Alarm")) == len(NAMES) <= 10


def test_people_are_told_once_when_an_alarm_turns_red(assembly: Assembly) -> None:
    """One composite alarm over all of them, with the topic as its action both ways."""
    arn = f"arn:aws:cloudwatch:eu-central-1:<AWS::AccountId>:alarm:switchyard-{assembly.stage}"
    assert assembly.only("Operations", "AWS::CloudWatch::CompositeAlarm")["Properties"] == {
        "AlarmName": f"switchyard-{assembly.stage}-unwell",
        "AlarmDescription": "At least one rollback alarm is red",
        "AlarmRule": "(" + " OR ".join(f'ALARM("{arn}-{name}")' for name in NAMES) + ")",
        "AlarmActions": ["<Topic>"],
        "OKActions": ["<Topic>"],
    }


def test_alarms_may_publish_and_nobody_may_in_the_clear(assembly: Assembly) -> None:
    """The topic's policy replaces the default one, so it has to let this stage's alarms publish."""
    alarms = (
        f"arn:<AWS::Partition>:cloudwatch:eu-central-1:<AWS::AccountId>:alarm:switchyard-{assembly.stage}-*"
    )
    assert assembly.only("Operations", "AWS::SNS::TopicPolicy")["Properties"] == {
        "Topics": ["<Topic>"],
        "PolicyDocument": {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Sid": "AllowPublishThroughSSLOnly",
                    "Effect": "Deny",
                    "Principal": "*",
                    "Action": "sns:Publish",
                    "Resource": "<Topic>",
                    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
                },
                {
                    "Sid": "AllowAlarmsOfThisStage",
                    "Effect": "Allow",
                    "Principal": {"Service": "cloudwatch.amazonaws.com"},
                    "Action": "sns:Publish",
                    "Resource": "<Topic>",
                    "Condition": {
                        "StringEquals": {"aws:SourceAccount": "<AWS::AccountId>"},
                        "ArnLike": {"aws:SourceArn": alarms},
                    },
                },
            ],
        },
    }


@pytest.mark.parametrize("address", [None, "oncall@plant.example"])
def test_whoever_is_to_be_told_subscribes(tmp_path: Path, address: str | None) -> None:
    """The address in `notify` gets mail; without one nobody does."""
    from aws_cdk import App, Environment  # noqa: PLC0415 - starts Node, which the quick tests do without

    from infra.operations import OperationsStack  # noqa: PLC0415

    settings = changed(STAGES["dev"], {"operations.notify": address})
    app = App(outdir=str(tmp_path))
    OperationsStack(app, settings=settings, env=Environment(region=settings.region), alarm_names=["one"])
    app.synth()
    found = Assembly("dev", tmp_path).resources("Operations", "AWS::SNS::Subscription").values()
    assert [one["Properties"] for one in found] == (
        [{"Protocol": "email", "TopicArn": "<Topic>", "Endpoint": address}] if address else []
    )


def test_the_dashboard_shows_both_colours(assembly: Assembly) -> None:
    """Four graphs, each with a line for blue and one for green, and one for what no colour answered."""
    dashboard = assembly.only("Operations", "AWS::CloudWatch::Dashboard")["Properties"]
    assert dashboard["DashboardName"] == f"switchyard-{assembly.stage}"
    shown = {
        widget["properties"]["title"]: [line_of(metric) for metric in widget["properties"]["metrics"]]
        for widget in json.loads(dashboard["DashboardBody"])["widgets"]
    }
    entry = f"/switchyard/{assembly.stage}/traffic"
    assert shown["Errors (5xx)"].pop() == (
        "HTTPCode_ELB_5XX_Count",
        f"{entry}/load-balancer.split(:loadbalancer/)[1]",
        {"label": "load balancer", "stat": "Sum"},
    )
    assert shown == {
        title: [(metric, f"{entry}/{c}.split(:)[5]", {"label": c, **stat}) for c in ("blue", "green")]
        for title, metric, stat in (
            ("Requests", "RequestCount", {"stat": "Sum"}),
            ("Errors (5xx)", "HTTPCode_Target_5XX_Count", {"stat": "Sum"}),
            ("Latency, 99th percentile (s)", "TargetResponseTime", {"stat": "p99"}),
            ("Healthy tasks", "HealthyHostCount", {}),
        )
    }


def line_of(metric: list[Any]) -> tuple[str, str, dict[str, str]]:
    """Return what a line of a graph shows: metric, its narrowest dimension, and how."""
    namespace, name, *_, of, how = metric
    assert namespace == "AWS/ApplicationELB"
    return name, of, how

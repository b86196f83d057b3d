"""What turns a release around."""

from typing import Any

import pytest

from infra.config import STAGES
from tests.infra.assembly import Assembly

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

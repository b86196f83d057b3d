"""Scaling: signals that survive the swap of colours."""

import pytest

from infra.config import STAGES
from tests.infra.assembly import Assembly

pytestmark = pytest.mark.slow

RESOURCE = "service/<Cluster>/<ServiceABService.Name>"


def test_what_is_scaled(assembly: Assembly) -> None:
    """The service's number of tasks, between the settings' limits."""
    tasks = STAGES[assembly.stage].tasks
    assert assembly.only("Service", "AWS::ApplicationAutoScaling::ScalableTarget")["Properties"] == {
        "ServiceNamespace": "ecs",
        "ScalableDimension": "ecs:service:DesiredCount",
        "ResourceId": RESOURCE,
        "MinCapacity": tasks.min_tasks,
        "MaxCapacity": tasks.max_tasks,
    }


def test_scaling_survives_the_swap_of_colours(assembly: Assembly) -> None:
    """CPU belongs to no target group, and requests are counted on both, as 0 where no group has any."""
    tasks = STAGES[assembly.stage].tasks
    entry = f"/switchyard/{assembly.stage}/traffic"
    policies = {
        name: policy["Properties"]
        for name, policy in assembly.resources(
            "Service", "AWS::ApplicationAutoScaling::ScalingPolicy"
        ).items()
    }
    pace = {"ScaleInCooldown": 300, "ScaleOutCooldown": 60}
    common = {"PolicyType": "TargetTrackingScaling", "ScalingTargetId": "<ScalingTarget>"}
    assert policies == {
        "ScalingCpu": {
            **common,
            "PolicyName": "cpu",
            "TargetTrackingScalingPolicyConfiguration": {
                "PredefinedMetricSpecification": {"PredefinedMetricType": "ECSServiceAverageCPUUtilization"},
                "TargetValue": tasks.cpu_target,
                **pace,
            },
        },
        "ScalingRequests": {
            **common,
            "PolicyName": "requests",
            "TargetTrackingScalingPolicyConfiguration": {
                "CustomizedMetricSpecification": {
                    "Metrics": [
                        *(
                            {
                                "Id": colour,
                                "MetricStat": {
                                    "Metric": {
                                        "Namespace": "AWS/ApplicationELB",
                                        "MetricName": "RequestCountPerTarget",
                                        "Dimensions": [
                                            {
                                                "Name": "TargetGroup",
                                                "Value": f"{entry}/{colour}.split(:)[5]",
                                            }
                                        ],
                                    },
                                    "Stat": "Sum",
                                },
                                "ReturnData": False,
                            }
                            for colour in ("blue", "green")
                        ),
                        {
                            "Id": "service",
                            "MetricStat": {
                                "Metric": {
                                    "Namespace": "AWS/ECS",
                                    "MetricName": "CPUUtilization",
                                    "Dimensions": [
                                        {"Name": "ClusterName", "Value": "<Cluster>"},
                                        {"Name": "ServiceName", "Value": "<ServiceABService.Name>"},
                                    ],
                                },
                                "Stat": "Sum",
                            },
                            "ReturnData": False,
                        },
                        {
                            "Id": "total",
                            "Label": "Requests per task",
                            "Expression": "SUM([FILL(blue, 0), FILL(green, 0), 0 * service])",
                            "ReturnData": True,
                        },
                    ]
                },
                "TargetValue": tasks.requests_target,
                **pace,
            },
        },
    }

"""The running service: what is frozen, how little it may do, when a release is turned around."""

from collections.abc import Mapping

import pytest

from infra.config import STAGES
from service import contract
from tests.infra.assembly import IMAGE, Assembly

pytestmark = pytest.mark.slow

LIVENESS = "import urllib.request as r; r.urlopen('http://127.0.0.1:8080/health/live', timeout=3)"


def test_the_service_is_frozen(assembly: Assembly) -> None:
    """ECS refuses nearly every change of a service under CODE_DEPLOY, so these are all its properties.

    There is no DesiredCount (CloudFormation would reset the scaler's number) and no ServiceName, and
    the task definition is a family, so that a template change restarts no task.
    """
    entry = f"/switchyard/{assembly.stage}"
    assert assembly.only("Service", "AWS::ECS::Service")["Properties"] == {
        "Cluster": "<Cluster>",
        "DeploymentController": {"Type": "CODE_DEPLOY"},
        "DeploymentConfiguration": {"MaximumPercent": 200, "MinimumHealthyPercent": 100},
        "EnableECSManagedTags": False,
        "EnableExecuteCommand": False,
        "HealthCheckGracePeriodSeconds": 120,
        "LaunchType": "FARGATE",
        "LoadBalancers": [
            {"ContainerName": "service", "ContainerPort": 8080, "TargetGroupArn": f"{entry}/traffic/blue"}
        ],
        "NetworkConfiguration": {
            "AwsvpcConfiguration": {
                "AssignPublicIp": "DISABLED",
                "SecurityGroups": [f"{entry}/network/task-group"],
                "Subnets": [f"{entry}/network/private-0", f"{entry}/network/private-1"],
            }
        },
        "TaskDefinition": f"switchyard-{assembly.stage}",
    }


def test_the_task(assembly: Assembly) -> None:
    """One container by digest: not root, nothing writable, no capabilities, time to stop, no secrets."""
    settings = STAGES[assembly.stage]
    task = assembly.only("Service", "AWS::ECS::TaskDefinition")
    assert (task["DeletionPolicy"], task["UpdateReplacePolicy"]) == ("Retain", "Retain")
    assert task["Properties"] == {
        "Family": f"switchyard-{assembly.stage}",
        "Cpu": str(settings.tasks.cpu),
        "Memory": str(settings.tasks.memory),
        "NetworkMode": "awsvpc",
        "RequiresCompatibilities": ["FARGATE"],
        "RuntimePlatform": {"CpuArchitecture": "X86_64", "OperatingSystemFamily": "LINUX"},
        "ExecutionRoleArn": "<TaskDefinitionExecutionRole.Arn>",
        "TaskRoleArn": "<TaskDefinitionTaskRole.Arn>",
        "ContainerDefinitions": [
            {
                "Name": "service",
                "Image": f"<AWS::AccountId>.dkr.ecr.eu-central-1.<AWS::URLSuffix>/switchyard@{IMAGE}",
                "Essential": True,
                "Command": ["python", "-m", "service"],
                "User": "10001:10001",
                "ReadonlyRootFilesystem": True,
                "LinuxParameters": {"Capabilities": {"Drop": ["ALL"]}, "InitProcessEnabled": True},
                "PortMappings": [{"ContainerPort": 8080, "Protocol": "tcp"}],
                "StopTimeout": contract.STOP_TIMEOUT,
                "HealthCheck": {
                    "Command": [
                        "CMD",
                        "python",
                        "-c",
                        LIVENESS,
                    ],
                    "Interval": 15,
                    "Timeout": 5,
                    "Retries": 3,
                    "StartPeriod": 60,
                },
                "LogConfiguration": {
                    "LogDriver": "awslogs",
                    "Options": {
                        "awslogs-group": "<TaskLogs>",
                        "awslogs-region": "eu-central-1",
                        "awslogs-stream-prefix": "service",
                    },
                },
            }
        ],
    }


def test_scaling_survives_the_swap_of_colours(assembly: Assembly) -> None:
    """The signal is the service's CPU, which belongs to no target group."""
    settings = STAGES[assembly.stage]
    target = assembly.only("Service", "AWS::ApplicationAutoScaling::ScalableTarget")["Properties"]
    policy = assembly.only("Service", "AWS::ApplicationAutoScaling::ScalingPolicy")["Properties"]
    assert (target["MinCapacity"], target["MaxCapacity"]) == (
        settings.tasks.min_tasks,
        settings.tasks.max_tasks,
    )
    assert policy["TargetTrackingScalingPolicyConfiguration"] == {
        "PredefinedMetricSpecification": {"PredefinedMetricType": "ECSServiceAverageCPUUtilization"},
        "TargetValue": settings.tasks.cpu_target,
        "ScaleInCooldown": 300,
        "ScaleOutCooldown": 60,
    }


def test_every_release_can_turn_back(assembly: Assembly) -> None:
    """A release is rolled back when it fails, is stopped or alarms; the old tasks wait for that."""
    group = assembly.only("Service", "AWS::CodeDeploy::DeploymentGroup")["Properties"]
    assert group["DeploymentStyle"] == {
        "DeploymentOption": "WITH_TRAFFIC_CONTROL",
        "DeploymentType": "BLUE_GREEN",
    }
    assert group["AutoRollbackConfiguration"] == {
        "Enabled": True,
        "Events": ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_REQUEST", "DEPLOYMENT_STOP_ON_ALARM"],
    }
    assert group["BlueGreenDeploymentConfiguration"] == {
        "DeploymentReadyOption": {"ActionOnTimeout": "CONTINUE_DEPLOYMENT", "WaitTimeInMinutes": 0},
        "TerminateBlueInstancesOnDeploymentSuccess": {
            "Action": "TERMINATE",
            "TerminationWaitTimeInMinutes": STAGES[assembly.stage].release.bake_minutes,
        },
    }
    assert group["AlarmConfiguration"] == {
        "Enabled": True,
        "Alarms": [
            *(
                {"Name": f"<RollbackAlarms{colour}{what}>"}
                for colour in ("blue", "green")
                for what in ("errors", "latency", "unhealthy")
            ),
            {"Name": "<RollbackAlarmsloadbalancererrors>"},
        ],
    }


def test_a_release_moves_this_service_between_these_listeners(assembly: Assembly) -> None:
    """The group knows both colours, the production route and the test route."""
    group = assembly.only("Service", "AWS::CodeDeploy::DeploymentGroup")["Properties"]
    entry = f"/switchyard/{assembly.stage}/traffic"
    assert group["LoadBalancerInfo"] == {
        "TargetGroupPairInfoList": [
            {
                "ProdTrafficRoute": {"ListenerArns": [f"{entry}/production-listener"]},
                "TestTrafficRoute": {"ListenerArns": [f"{entry}/test-listener"]},
                "TargetGroups": [
                    {"Name": f"{entry}/{colour}.split(:)[5].split(/)[1]"} for colour in ("blue", "green")
                ],
            }
        ]
    }
    assert group["ECSServices"] == [{"ClusterName": "<Cluster>", "ServiceName": "<Service.Name>"}]
    assert (group["ApplicationName"], group["DeploymentGroupName"]) == (
        "<TrafficShiftApplication>",
        f"switchyard-{assembly.stage}",
    )


def test_how_traffic_shifts(assemblies: Mapping[str, Assembly]) -> None:
    """Dev moves at once; staging and production send a tenth first, and wait."""
    dev = assemblies["dev"].only("Service", "AWS::CodeDeploy::DeploymentGroup")["Properties"]
    assert dev["DeploymentConfigName"] == "CodeDeployDefault.ECSAllAtOnce"
    for stage in ("staging", "production"):
        config = assemblies[stage].only("Service", "AWS::CodeDeploy::DeploymentConfig")["Properties"]
        assert config == {
            "ComputePlatform": "ECS",
            "TrafficRoutingConfig": {
                "Type": "TimeBasedCanary",
                "TimeBasedCanary": {"CanaryInterval": 5, "CanaryPercentage": 10},
            },
        }

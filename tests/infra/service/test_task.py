"""The task: one container, how little it may do, and where its image comes from."""

from pathlib import Path
from typing import Any

import pytest

from infra.config import STAGES
from infra.settings import Architecture, RegistrySettings
from service import contract
from tests.infra.assembly import IMAGE, Assembly, synthesised
from tests.infra.variants import changed

pytestmark = pytest.mark.slow

LIVENESS = "import urllib.request as r; r.urlopen('http://127.0.0.1:8080/health/live', timeout=3)"
TASKS_MAY_ASSUME = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "ecs-tasks.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    ],
}


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Assembly:
    """Return a stage on Graviton whose images are in another account and region."""
    return synthesised(
        changed(STAGES["dev"], {"tasks.architecture": Architecture.ARM64, "account": "123456789012"}),
        tmp_path_factory.mktemp("elsewhere"),
        registry=RegistrySettings(account="210987654321", region="eu-west-1"),
    )


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
        "ExecutionRoleArn": "<TaskExecutionRole.Arn>",
        "TaskRoleArn": "<TaskRole.Arn>",
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
                    "Command": ["CMD", "python", "-c", LIVENESS],
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


def test_the_execution_role_starts_this_task_and_nothing_else(assembly: Assembly) -> None:
    """It signs in to ECR, pulls from the one repository and writes to the one log group."""
    assert role(assembly, "TaskExecutionRole") == {
        "AssumeRolePolicyDocument": TASKS_MAY_ASSUME,
        "Description": "Fargate pulls the image and writes the task's log",
        "RoleName": f"switchyard-{assembly.stage}-execution-eu-central-1",
        "Start": [
            {
                "Sid": "SignIn",
                "Effect": "Allow",
                "Action": "ecr:GetAuthorizationToken",
                "Resource": "*",
            },
            {
                "Sid": "Pull",
                "Effect": "Allow",
                "Action": [
                    "ecr:BatchCheckLayerAvailability",
                    "ecr:BatchGetImage",
                    "ecr:GetDownloadUrlForLayer",
                ],
                "Resource": ("arn:<AWS::Partition>:ecr:eu-central-1:<AWS::AccountId>:repository/switchyard"),
            },
            {
                "Sid": "Log",
                "Effect": "Allow",
                "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
                "Resource": "<TaskLogs.Arn>",
            },
        ],
    }


def test_the_services_own_code_reads_models_and_nothing_else(assembly: Assembly) -> None:
    """The task role may get objects below one prefix of the stage's data bucket."""
    bucket = f"switchyard-{assembly.stage}-data-<AWS::AccountId>-eu-central-1"
    assert role(assembly, "TaskRole") == {
        "AssumeRolePolicyDocument": TASKS_MAY_ASSUME,
        "Description": "The service reads the model packages of its stage",
        "RoleName": f"switchyard-{assembly.stage}-task-eu-central-1",
        "Serve": [
            {
                "Sid": "ReadModels",
                "Effect": "Allow",
                "Action": "s3:GetObject",
                "Resource": f"arn:<AWS::Partition>:s3:::{bucket}/models/*",
            }
        ],
    }


def test_nothing_is_granted_beside_the_roles_own_policies(assembly: Assembly) -> None:
    """The CDK attaches no policy of its own to any role of the stack."""
    assert assembly.resources("Service", "AWS::IAM::Policy") == {}


def test_images_of_another_account_and_region(elsewhere: Assembly) -> None:
    """The image and the right to pull it name the registry's account and region, literally."""
    task = elsewhere.only("Service", "AWS::ECS::TaskDefinition")["Properties"]
    (container,) = task["ContainerDefinitions"]
    (pull,) = (s for s in role(elsewhere, "TaskExecutionRole")["Start"] if s["Sid"] == "Pull")
    assert container["Image"] == f"210987654321.dkr.ecr.eu-west-1.<AWS::URLSuffix>/switchyard@{IMAGE}"
    assert pull["Resource"] == "arn:<AWS::Partition>:ecr:eu-west-1:210987654321:repository/switchyard"


def test_graviton(elsewhere: Assembly) -> None:
    """The settings' processor is the task's."""
    task = elsewhere.only("Service", "AWS::ECS::TaskDefinition")["Properties"]
    assert task["RuntimePlatform"] == {"CpuArchitecture": "ARM64", "OperatingSystemFamily": "LINUX"}


def role(assembly: Assembly, name: str) -> dict[str, Any]:
    """Return a role's properties, with its one policy's statements by the policy's name."""
    properties: dict[str, Any] = assembly.resources("Service", "AWS::IAM::Role")[name]["Properties"]
    (policy,) = properties.pop("Policies")
    return {**properties, policy["PolicyName"]: policy["PolicyDocument"]["Statement"]}


def test_the_image_is_never_a_tag(tmp_path: Path) -> None:
    """A digest stays what it is; the message says how to give one."""
    from infra.errors import ContextError  # noqa: PLC0415

    with pytest.raises(ContextError, match="not a digest: give --context image=sha256:<64 hex digits>"):
        synthesised(STAGES["dev"], tmp_path, image="latest")

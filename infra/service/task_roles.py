"""The task's two roles: what starts it, and what the service's own code may do."""

from aws_cdk import aws_iam as iam
from constructs import Construct

from infra.acknowledge import acknowledge, acknowledge_own_policy
from infra.arns import as_nag_says, of_bucket, of_images
from infra.names import MODELS_PREFIX
from infra.retained_logs import RetainedLogs
from infra.settings import RegistrySettings, StageSettings

_TASKS = "ecs-tasks.amazonaws.com"


class ExecutionRole(iam.Role):
    """With it Fargate starts a task: it pulls from the one repository and writes to the one log group."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        settings: StageSettings,
        registry: RegistrySettings,
        logs: RetainedLogs,
    ) -> None:
        super().__init__(
            scope,
            id_,
            role_name=settings.execution_role,
            assumed_by=iam.ServicePrincipal(_TASKS),
            description="Fargate pulls the image and writes the task's log",
            inline_policies={
                "Start": iam.PolicyDocument(statements=[_sign_in(), _pull(registry), logs.writing()])
            },
        )
        acknowledge_own_policy(self)
        acknowledge(self, {"AwsSolutions-IAM5[Resource::*]": "ecr:GetAuthorizationToken knows no resource."})


class TaskRole(iam.Role):
    """What the service's own code may do on AWS: read the stage's model packages, and nothing else."""

    def __init__(self, scope: Construct, id_: str, *, settings: StageSettings) -> None:
        models = f"{of_bucket(settings)}/{MODELS_PREFIX}*"
        super().__init__(
            scope,
            id_,
            role_name=settings.task_role,
            assumed_by=iam.ServicePrincipal(_TASKS),
            description="The service reads the model packages of its stage",
            inline_policies={
                "Serve": iam.PolicyDocument(
                    statements=[
                        iam.PolicyStatement(sid="ReadModels", actions=["s3:GetObject"], resources=[models])
                    ]
                )
            },
        )
        acknowledge_own_policy(self)
        acknowledge(
            self,
            {
                f"AwsSolutions-IAM5[Resource::{as_nag_says(models)}]": (
                    "Every model package has a folder of its own below this one prefix."
                )
            },
        )


def _sign_in() -> iam.PolicyStatement:
    return iam.PolicyStatement(sid="SignIn", actions=["ecr:GetAuthorizationToken"], resources=["*"])


def _pull(registry: RegistrySettings) -> iam.PolicyStatement:
    return iam.PolicyStatement(
        sid="Pull",
        actions=["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
        resources=[of_images(registry)],
    )

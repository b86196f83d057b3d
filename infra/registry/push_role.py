"""What the workflow that builds images may do: push them, and nothing else."""

from aws_cdk import Duration
from aws_cdk import aws_ecr as ecr
from aws_cdk import aws_iam as iam
from constructs import Construct

from infra.acknowledge import acknowledge, acknowledge_own_policy
from infra.github import workflow
from infra.names import PUSH_ROLE, REGISTRY_ENVIRONMENT
from infra.registry.image_signing import ImageSigning
from infra.settings import RegistrySettings


class PushRole(iam.Role):
    """Pushes to the one repository and reads what its scan found.

    No condition of ECR's knows tags, so it could give an image the tag of a released one as well; what such a
    tag does is to keep the image, and tags that exist cannot be moved.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str = "Push",
        *,
        registry: RegistrySettings,
        repository: ecr.IRepository,
        signing: ImageSigning | None,
    ) -> None:
        statements = [_log_in(), _push(repository), _look(repository)]
        if signing:
            statements.append(_sign(signing))
        super().__init__(
            scope,
            id_,
            role_name=PUSH_ROLE,
            assumed_by=workflow(registry, REGISTRY_ENVIRONMENT),
            description="The workflow that builds images pushes them",
            max_session_duration=Duration.hours(1),
            inline_policies={"Push": iam.PolicyDocument(statements=statements)},
        )
        acknowledge_own_policy(self)
        acknowledge(self, {"AwsSolutions-IAM5[Resource::*]": "ecr:GetAuthorizationToken knows no resource."})


def _log_in() -> iam.PolicyStatement:
    return iam.PolicyStatement(sid="LogIn", actions=["ecr:GetAuthorizationToken"], resources=["*"])


def _push(repository: ecr.IRepository) -> iam.PolicyStatement:
    """Let it send layers and manifests; clients ask first what is there already."""
    return iam.PolicyStatement(
        sid="Push",
        actions=[
            "ecr:BatchCheckLayerAvailability",
            "ecr:BatchGetImage",
            "ecr:CompleteLayerUpload",
            "ecr:InitiateLayerUpload",
            "ecr:PutImage",
            "ecr:UploadLayerPart",
        ],
        resources=[repository.repository_arn],
    )


def _look(repository: ecr.IRepository) -> iam.PolicyStatement:
    return iam.PolicyStatement(
        sid="Look",
        actions=["ecr:DescribeImageScanFindings", "ecr:DescribeImages"],
        resources=[repository.repository_arn],
    )


def _sign(signing: ImageSigning) -> iam.PolicyStatement:
    return iam.PolicyStatement(sid="Sign", actions=["signer:SignPayload"], resources=[signing.profile_arn])

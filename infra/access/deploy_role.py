"""What the workflow that runs `cdk deploy` for a stage may do: become the CDK's own roles there."""

from typing import Final

from aws_cdk import Aws, DefaultStackSynthesizer, Duration
from aws_cdk import aws_iam as iam
from constructs import Construct

from infra import arns
from infra.acknowledge import acknowledge_own_policy
from infra.github import workflow
from infra.settings import RegistrySettings, StageSettings

_BOOTSTRAPPED: Final = ("deploy", "file-publishing")
"""The roles of `cdk bootstrap` that a deployment needs: nothing is looked up, no image is built."""


class DeployRole(iam.Role):
    """Becomes the roles that `cdk bootstrap` made in the stage's account and region, and may nothing itself.

    Those roles know no stages, so stages that share an account and a region cannot be kept apart here: see
    decision 8.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str = "Deploy",
        *,
        settings: StageSettings,
        registry: RegistrySettings,
    ) -> None:
        super().__init__(
            scope,
            id_,
            role_name=settings.deploy_role,
            assumed_by=workflow(registry, settings.name),
            description="The workflow that deploys this stage's stacks",
            max_session_duration=Duration.hours(1),
            inline_policies={"Deploy": iam.PolicyDocument(statements=[_become(settings)])},
        )
        acknowledge_own_policy(self)


def _become(settings: StageSettings) -> iam.PolicyStatement:
    start = f"cdk-{DefaultStackSynthesizer.DEFAULT_QUALIFIER}"
    end = f"role-{Aws.ACCOUNT_ID}-{settings.region}"
    return iam.PolicyStatement(
        sid="BecomeTheCdk",
        actions=["sts:AssumeRole"],
        resources=[arns.of_role(f"{start}-{what}-{end}") for what in _BOOTSTRAPPED],
    )

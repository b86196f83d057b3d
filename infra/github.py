"""Workflows of the GitHub repository, as AWS sees them: who they are and how they prove it."""

from typing import Final

from aws_cdk import RemovalPolicy
from aws_cdk import aws_iam as iam
from constructs import Construct

from infra import arns
from infra.settings import RegistrySettings

_ISSUER: Final = "token.actions.githubusercontent.com"
_AUDIENCE: Final = "sts.amazonaws.com"


class GithubProvider(iam.OidcProviderNative):
    """GitHub's identity provider in one account; an account can have it once, so it outlives its stack.

    It names no thumbprint: IAM verifies GitHub by its own library of root certificates.
    """

    def __init__(self, scope: Construct, id_: str = "Github") -> None:
        super().__init__(
            scope,
            id_,
            url=f"https://{_ISSUER}",
            client_ids=[_AUDIENCE],
            removal_policy=RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
        )


def workflow(registry: RegistrySettings, environment: str) -> iam.IPrincipal:
    """Return the jobs of the repository that run in one GitHub environment, and nobody else.

    A job that names an environment has `repo:OWNER/NAME:environment:ENVIRONMENT` as its token's subject, and
    gets the token only when the environment's protection rules let it. Repositories created or renamed since
    July 2026 have numbers in it, which `RegistrySettings.github` then has as well. Source: GitHub's
    "OpenID Connect reference" and changelog of 23 April 2026.
    """
    return iam.FederatedPrincipal(
        arns.of_account("iam", f"oidc-provider/{_ISSUER}"),
        {
            "StringEquals": {
                f"{_ISSUER}:aud": _AUDIENCE,
                f"{_ISSUER}:sub": f"repo:{registry.github}:environment:{environment}",
            }
        },
        "sts:AssumeRoleWithWebIdentity",
    )

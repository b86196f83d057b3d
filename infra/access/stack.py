"""The stack of a stage's roles for people's workflows."""

from aws_cdk import Environment, Stack
from constructs import Construct

from infra.access.deploy_role import DeployRole
from infra.access.release_role import ReleaseRole
from infra.github import GithubProvider
from infra.settings import RegistrySettings, StageSettings


class AccessStack(Stack):
    """One role a duty: releasing to this stage, and deploying it.

    The account must know GitHub already, by the registry's stack or by another stage's, unless the settings
    have this stage bring it.
    """

    def __init__(
        self,
        scope: Construct,
        *,
        settings: StageSettings,
        registry: RegistrySettings,
        env: Environment,
    ) -> None:
        super().__init__(
            scope,
            settings.stack_name("Access"),
            env=env,
            tags=settings.tags,
            termination_protection=settings.protected,
        )
        self.release = ReleaseRole(self, settings=settings, registry=registry)
        self.deploy = DeployRole(self, settings=settings, registry=registry)
        if settings.github_provider:
            provider = GithubProvider(self)
            self.release.node.add_dependency(provider)
            self.deploy.node.add_dependency(provider)

"""Where images live: one repository for all stages."""

from collections.abc import Sequence

from aws_cdk import Duration, Environment, RemovalPolicy, Stack
from aws_cdk import aws_ecr as ecr
from aws_cdk import aws_iam as iam
from constructs import Construct

from infra import arns
from infra.acknowledge import acknowledge_checkov
from infra.github import GithubProvider
from infra.names import PRODUCT, REGISTRY_STACK, RELEASE_TAGS
from infra.registry.image_signing import ImageSigning
from infra.registry.push_role import PushRole
from infra.settings import RegistrySettings, StageSettings


class RegistryStack(Stack):
    """The ECR repository that images are pushed to once and promoted from by digest, and who may.

    Args:
        scope: the app.
        registry: what the stages share.
        elsewhere: the stages in accounts other than the registry's; all there are, not only those that are
            built, or the next deploy of another stage would shut them out.
        env: account and region.
    """

    def __init__(
        self,
        scope: Construct,
        *,
        registry: RegistrySettings,
        elsewhere: Sequence[StageSettings],
        env: Environment,
    ) -> None:
        tags = {"product": PRODUCT}
        super().__init__(scope, REGISTRY_STACK, env=env, tags=tags, termination_protection=True)
        self.repository = self._build_repository(signed=registry.signing)
        if elsewhere:
            self._let_pull(elsewhere)
        if elsewhere and registry.github:
            self._let_tag(elsewhere)
        signing = ImageSigning(self) if registry.signing else None
        if registry.github:
            provider = GithubProvider(self)
            role = PushRole(self, registry=registry, repository=self.repository, signing=signing)
            role.node.add_dependency(provider)

    def _build_repository(self, *, signed: bool) -> ecr.Repository:
        repository = ecr.Repository(
            self,
            "Repository",
            repository_name=PRODUCT,
            image_tag_mutability=ecr.TagMutability.IMMUTABLE,
            image_scan_on_push=True,
            encryption=ecr.RepositoryEncryption.AES_256,
            removal_policy=RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
            lifecycle_rules=_lifecycle(signed=signed),
        )
        acknowledge_checkov(
            repository, {"CKV_AWS_136": "ECR encrypts images with its own key: see decision 9."}
        )
        return repository

    def _let_pull(self, stages: Sequence[StageSettings]) -> None:
        """Let the accounts of other stages read images, each within the limits that it sets itself."""
        self.repository.add_to_resource_policy(
            iam.PolicyStatement(
                sid="StagesPull",
                principals=[iam.AccountPrincipal(account) for account in _accounts(stages)],
                actions=[
                    "ecr:BatchCheckLayerAvailability",
                    "ecr:BatchGetImage",
                    "ecr:DescribeImageScanFindings",
                    "ecr:DescribeImages",
                    "ecr:GetDownloadUrlForLayer",
                ],
            )
        )

    def _let_tag(self, stages: Sequence[StageSettings]) -> None:
        """Let the release roles of other stages tag an image that is there; they cannot push layers.

        The roles are named in a condition, because a principal must exist when the policy is written.
        """
        roles = [arns.of_role(stage.release_role, account=stage.account) for stage in stages if stage.account]
        self.repository.add_to_resource_policy(
            iam.PolicyStatement(
                sid="ReleasesTag",
                principals=[iam.AccountPrincipal(account) for account in _accounts(stages)],
                actions=["ecr:PutImage"],
                conditions={"ArnEquals": {"aws:PrincipalArn": roles}},
            )
        )


def is_elsewhere(stage: StageSettings, registry: RegistrySettings) -> bool:
    """Return whether a stage is in another account than the registry, as far as the settings name them."""
    return None not in {stage.account, registry.account} and stage.account != registry.account


def _accounts(stages: Sequence[StageSettings]) -> list[str]:
    return sorted({stage.account for stage in stages if stage.account})


def _lifecycle(*, signed: bool) -> list[ecr.LifecycleRule]:
    """Return the rules by which images are forgotten; none can forget a released one.

    A lifecycle rule does not know what runs. An image that matches a rule cannot be expired by a later one,
    so the first rule takes the released images away from those after it: it keeps 9,999, far more than
    there will be. A signature has no tag, and nothing says that ECR spares it, so signed registries keep
    what has no tag. Source: "Automate the cleanup of images by using lifecycle policies", ECR user guide.
    """
    rules = [
        ecr.LifecycleRule(
            description="Never: released images",
            rule_priority=1,
            tag_prefix_list=[RELEASE_TAGS],
            max_image_count=9999,
        ),
        ecr.LifecycleRule(
            description="Images of pull requests",
            rule_priority=2,
            tag_prefix_list=["pr-"],
            max_image_age=Duration.days(14),
        ),
    ]
    if not signed:
        rules.append(
            ecr.LifecycleRule(
                description="Images without a tag",
                rule_priority=3,
                tag_status=ecr.TagStatus.UNTAGGED,
                max_image_age=Duration.days(7),
            )
        )
    return rules

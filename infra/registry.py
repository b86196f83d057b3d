"""Where images live: one repository for all stages."""

from aws_cdk import Duration, Environment, RemovalPolicy, Stack
from aws_cdk import aws_ecr as ecr
from constructs import Construct

from infra.names import PRODUCT, REGISTRY_STACK, RELEASE_TAGS
from infra.settings import RegistrySettings


class RegistryStack(Stack):
    """The ECR repository that images are pushed to once and promoted from by digest.

    A lifecycle rule does not know what runs, so none may expire a released image, whatever other
    tags it has. An image that matches a rule cannot be expired by a later one, so the first rule
    takes the released images away from those after it: it keeps 9,999, far more than there will be.
    """

    def __init__(self, scope: Construct, *, registry: RegistrySettings, env: Environment) -> None:
        super().__init__(scope, REGISTRY_STACK, env=env, tags={"product": PRODUCT})
        self._settings = registry
        self.repository = ecr.Repository(
            self,
            "Repository",
            repository_name=PRODUCT,
            image_tag_mutability=ecr.TagMutability.IMMUTABLE,
            image_scan_on_push=True,
            encryption=ecr.RepositoryEncryption.AES_256,
            removal_policy=RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
            lifecycle_rules=[
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
                ecr.LifecycleRule(
                    description="Images without a tag",
                    rule_priority=3,
                    tag_status=ecr.TagStatus.UNTAGGED,
                    max_image_age=Duration.days(7),
                ),
            ],
        )

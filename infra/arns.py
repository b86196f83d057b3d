"""ARNs that follow from names, so that a policy needs nothing of the stack that has the resource."""

from aws_cdk import Aws

from infra.names import PRODUCT
from infra.settings import RegistrySettings, StageSettings


def of_stage(settings: StageSettings, service: str, resource: str) -> str:
    """Return the ARN of a resource in the stage's account and region, such as `service/switchyard-dev/*`."""
    return f"arn:{Aws.PARTITION}:{service}:{settings.region}:{Aws.ACCOUNT_ID}:{resource}"


def of_role(name: str) -> str:
    """Return the ARN of a role in the stage's account, by its name."""
    return f"arn:{Aws.PARTITION}:iam::{Aws.ACCOUNT_ID}:role/{name}"


def of_bucket(settings: StageSettings) -> str:
    """Return the ARN of the stage's data bucket."""
    return f"arn:{Aws.PARTITION}:s3:::{settings.data_bucket(Aws.ACCOUNT_ID)}"


def of_images(registry: RegistrySettings) -> str:
    """Return the ARN of the repository, which is in the stage's own account unless the settings say else."""
    account = registry.account or Aws.ACCOUNT_ID
    return f"arn:{Aws.PARTITION}:ecr:{registry.region}:{account}:repository/{PRODUCT}"

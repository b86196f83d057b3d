"""ARNs that follow from names, so that a policy needs nothing of the stack that has the resource."""

from aws_cdk import Aws

from infra.names import PRODUCT
from infra.settings import RegistrySettings, StageSettings


def of_stage(settings: StageSettings, service: str, resource: str, *, account: str = Aws.ACCOUNT_ID) -> str:
    """Return the ARN of a resource in the stage's region, such as `service/switchyard-dev/*`.

    The account is the stage's unless another one is given.
    """
    return f"arn:{Aws.PARTITION}:{service}:{settings.region}:{account}:{resource}"


def of_account(service: str, resource: str, *, account: str = Aws.ACCOUNT_ID) -> str:
    """Return the ARN of what has no region; in the stage's account unless another one is given."""
    return f"arn:{Aws.PARTITION}:{service}::{account}:{resource}"


def of_role(name: str, *, account: str = Aws.ACCOUNT_ID) -> str:
    """Return the ARN of a role by its name; in the stage's account unless another one is given."""
    return of_account("iam", f"role/{name}", account=account)


def in_s3(name: str) -> str:
    """Return the ARN of a bucket, or of objects in it, such as `bucket/*`."""
    return f"arn:{Aws.PARTITION}:s3:::{name}"


def of_bucket(settings: StageSettings) -> str:
    """Return the ARN of the stage's data bucket."""
    return in_s3(settings.data_bucket(Aws.ACCOUNT_ID))


def of_images(registry: RegistrySettings) -> str:
    """Return the ARN of the repository, which is in the stage's own account unless the settings say else."""
    account = registry.account or Aws.ACCOUNT_ID
    return f"arn:{Aws.PARTITION}:ecr:{registry.region}:{account}:repository/{PRODUCT}"


def as_nag_says(arn: str) -> str:
    """Return an ARN as cdk-nag names it in the ids of its findings."""
    return arn.replace(Aws.PARTITION, "<AWS::Partition>").replace(Aws.ACCOUNT_ID, "<AWS::AccountId>")

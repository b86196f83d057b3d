"""What a deployment says when the control plane refuses something for good.

The sentence of ECS is as people quote it from GetDeployment. "Troubleshoot Amazon ECS deployment issues" in
the AWS CodeDeploy User Guide has those of the load balancer and of a function that may not be called.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from botocore.exceptions import BotoCoreError, ClientError

from rehearsal.codedeploy.errors import Unusable

ECS: Final = (
    "The ECS service cannot be updated due to an unexpected error: {}. Check your ECS service status."
)
ELB: Final = "The ELB could not be updated due to the following error: {}"


@contextmanager
def as_(code: str, sentence: str) -> Iterator[None]:
    """Turn a refusal into the deployment's problem.

    Raises:
        Unusable: Instead of what boto3 raises.
    """
    try:
        yield
    except (BotoCoreError, ClientError) as error:
        raise Unusable(code, sentence.format(_said(error))) from error


@contextmanager
def function(name: str) -> Iterator[None]:
    """Turn the refusal to call a hook's function into the deployment's problem.

    Raises:
        Unusable: Instead of what boto3 raises.
    """
    try:
        yield
    except (BotoCoreError, ClientError) as error:
        code = error.response["Error"]["Code"] if isinstance(error, ClientError) else ""
        if code.startswith("AccessDenied"):
            raise Unusable(
                "IAM_ROLE_PERMISSIONS",
                "The IAM role of the deployment group does not give you permission to perform operations in "
                "the following AWS service: AWSLambda.",
            ) from error
        raise Unusable(
            "INVALID_LAMBDA_FUNCTION", f"The function {name} cannot be called: {_said(error)}."
        ) from error


def _said(error: Exception) -> str:
    if not isinstance(error, ClientError):
        return str(error)
    service = error.operation_name
    told, status = error.response["Error"], error.response["ResponseMetadata"].get("HTTPStatusCode")
    return f"{told.get('Message', '')} (Action: {service}; Status Code: {status}; Error Code: {told['Code']})"

"""What is being released: the image of a deployment, and the probes that came with it."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from botocore.exceptions import ClientError

from .clients import client
from .errors import GateError, ProbesError
from .probes import Probe, parse_probes
from .settings import GateSettings

_ABSENT: Final = frozenset({"NoSuchKey", "AccessDenied"})
"""What S3 says of a missing object; without the right to list the bucket it denies access to it."""


def find_digest(deployment: str, settings: GateSettings) -> str:
    """Return the digest of the image in the task set that CodeDeploy made for a deployment.

    Raises:
        GateError: there is no such task set, or its image is not addressed by a digest.
    """
    ecs = client("ecs")
    services = ecs.describe_services(cluster=settings.cluster, services=[settings.service])["services"]
    answer = ecs.describe_task_definition(taskDefinition=task_definition_of(services, deployment))
    return digest_of(answer["taskDefinition"]["containerDefinitions"], settings.container)


def fetch_probes(digest: str, settings: GateSettings) -> tuple[Probe, ...]:
    """Return the probes that the release left for an image.

    Raises:
        ProbesError: there are none, or they cannot be read.
    """
    key = f"{settings.prefix}{digest}.json"
    try:
        return parse_probes(client("s3").get_object(Bucket=settings.bucket, Key=key)["Body"].read())
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code not in _ABSENT:
            raise
        raise ProbesError(
            f"No probes were uploaded for image sha256:{digest}: "
            f"S3 answered {code} for s3://{settings.bucket}/{key}."
        ) from error


def task_definition_of(services: Sequence[Mapping[str, Any]], deployment: str) -> str:
    """Return the task definition of a deployment's one task set; raises GateError for any other number."""
    found = [
        str(task_set["taskDefinition"])
        for service in services
        for task_set in service.get("taskSets", [])
        if task_set.get("externalId") == deployment
    ]
    if len(found) != 1:
        raise GateError(f"Deployment {deployment} has {len(found)} task sets instead of one.")
    return found[0]


def digest_of(containers: Sequence[Mapping[str, Any]], name: str) -> str:
    """Return the 64 digits of the image of the container of this name; raises GateError without them."""
    images = [str(container["image"]) for container in containers if container["name"] == name]
    if len(images) != 1:
        raise GateError(f"The task has {len(images)} containers named {name!r} instead of one.")
    _, at, digest = images[0].partition("@sha256:")
    if not at:
        raise GateError(f"Image {images[0]} is not addressed by its digest.")
    return digest

"""What is being released: its task definition, the image in it, and what the release left for the gate."""

from collections.abc import Mapping, Sequence
from contextlib import closing
from typing import Any, Final

from botocore.exceptions import ClientError

from .clients import client
from .document import MAX_BYTES, GateDocument, parse_document
from .errors import DocumentError, GateError
from .settings import GateSettings

_ABSENT: Final = frozenset({"NoSuchKey", "AccessDenied"})
"""What S3 says of a missing object; without the right to list the bucket it denies access to it."""


def find_task(deployment: str, *, cluster: str, service: str) -> str:
    """Return the task definition of the task set that CodeDeploy made for a deployment.

    Raises:
        GateError: there is no such task set, or more than one.
    """
    services = client("ecs").describe_services(cluster=cluster, services=[service])["services"]
    return task_of_deployment(services, deployment)


def find_revision_task(revision: str) -> str:
    """Return the task definition of a service revision of Amazon ECS, given by its ARN.

    The revision lists its images as well, but by digests that ECS resolved; the document is named by
    the digest in the task definition.

    Raises:
        GateError: ECS does not describe exactly this one.
    """
    answer = client("ecs").describe_service_revisions(serviceRevisionArns=[revision])
    return task_of_revision(answer, revision)


def find_digest(task: str, container: str) -> str:
    """Return the digest of the container's image in a task definition.

    Raises:
        GateError: there is no such container, or its image is not addressed by a digest.
    """
    answer = client("ecs").describe_task_definition(taskDefinition=task)
    return digest_of(answer["taskDefinition"]["containerDefinitions"], container)


def fetch_document(digest: str, settings: GateSettings) -> GateDocument:
    """Return what the release left for an image; never more than `MAX_BYTES` of it are held.

    Raises:
        DocumentError: there is nothing, or it cannot be read.
    """
    key = f"{settings.prefix}{digest}.json"
    where = f"s3://{settings.bucket}/{key}"
    try:
        answer = client("s3").get_object(Bucket=settings.bucket, Key=key)
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code not in _ABSENT:
            raise
        raise DocumentError(
            f"No gate document was uploaded for image sha256:{digest}: S3 answered {code} for {where}."
        ) from error
    with closing(answer["Body"]) as body:
        text = body.read(MAX_BYTES + 1)
    if len(text) > MAX_BYTES:
        raise DocumentError(f"The gate document {where} is longer than the {MAX_BYTES} bytes that are read.")
    return parse_document(text)


def task_of_deployment(services: Sequence[Mapping[str, Any]], deployment: str) -> str:
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


def task_of_revision(answer: Mapping[str, Any], revision: str) -> str:
    """Return the task definition of the one revision that ECS described; raises GateError without it."""
    found = [
        str(item["taskDefinition"])
        for item in answer.get("serviceRevisions", [])
        if item.get("serviceRevisionArn") == revision
    ]
    if len(found) != 1:
        reasons = ", ".join(str(item.get("reason")) for item in answer.get("failures", [])) or "no reason"
        raise GateError(f"ECS does not describe service revision {revision}: it gives {reasons}.")
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

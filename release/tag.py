"""Give a released image the tag that keeps it: an image that has one never expires (infra.names)."""

import re
from typing import Final

from botocore.exceptions import ClientError

from infra.names import RELEASE_TAGS
from release.aws_errors import code_of, told
from release.clients import Clients
from release.image_facts import INDEXES, MANIFESTS
from release.patience import Patient
from release.record import Record

FORMS: Final = (*MANIFESTS, *INDEXES)
"""The forms in which the registry is to hand a manifest out, unchanged."""
_REGISTRY: Final = re.compile(r"(?P<account>\d{12})\.dkr\.ecr\.[\w.-]+/(?P<name>.+)")
_THERE: Final = frozenset({"ImageAlreadyExistsException", "ImageTagAlreadyExistsException"})


def tag(ask: Patient, record: Record) -> str:
    """Tag the release's image `release-<id>`; return a sentence when that could not be done, else nothing.

    A tag that is there stays: tags are immutable, and no other release has this id. An image that has gone
    from the registry meanwhile, or that may not be tagged, is no reason to say that a release failed whose
    tasks run.
    """
    try:
        if ask.ask(lambda clients: _tag(clients, record)):
            return ""
    except ClientError as error:
        return (
            f"The image {record.image} could not be tagged {RELEASE_TAGS}{record.id} ({told(error)}), so the "
            "registry may let it expire: tag it from an account that may, and see "
            "docs/runbooks/image-missing.md."
        )
    return (
        f"The image {record.image} is no longer in the registry: its tasks run, and no new one could start. "
        "Release another image now; see docs/runbooks/image-missing.md."
    )


def exists(ask: Patient, reference: str) -> bool:
    """Return whether the registry has an image, given as repository and digest."""
    return ask.ask(lambda clients: bool(_manifest(clients, reference)))


def repository(reference: str) -> tuple[str, str]:
    """Return account (empty when the name does not say) and name of an image's repository."""
    place = reference.partition("@")[0]
    match = _REGISTRY.fullmatch(place)
    return (match["account"], match["name"]) if match else ("", place)


def _tag(clients: Clients, record: Record) -> bool:
    found = _manifest(clients, record.image)
    if found is None:
        return False
    manifest, media_type = found
    account, name = repository(record.image)
    try:
        clients.ecr.put_image(
            repositoryName=name,
            imageManifest=manifest,
            imageManifestMediaType=media_type,
            imageTag=f"{RELEASE_TAGS}{record.id}",
            imageDigest=record.digest,
            **({"registryId": account} if account else {}),
        )
    except ClientError as error:
        if code_of(error) not in _THERE:
            raise
    return True


def _manifest(clients: Clients, reference: str) -> tuple[str, str] | None:
    account, name = repository(reference)
    try:
        answer = clients.ecr.batch_get_image(
            repositoryName=name,
            imageIds=[{"imageDigest": reference.rpartition("@")[2]}],
            acceptedMediaTypes=list(FORMS),
            **({"registryId": account} if account else {}),
        )
    except ClientError as error:
        if code_of(error) == "RepositoryNotFoundException":
            return None
        raise
    images = answer.get("images", [])
    if not images:
        return None
    return images[0]["imageManifest"], images[0].get("imageManifestMediaType", MANIFESTS[0])

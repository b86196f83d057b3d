"""What a release knows of the image that it ships, once it was read.

Source: "OCI Image Manifest Specification" (opencontainers/image-spec), also for the media types.
"""

import json
from dataclasses import dataclass
from typing import Any, Final

from release.errors import Refused

INDEXES: Final = (
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
)
"""Media types of lists of images, one for each platform."""
MANIFESTS: Final = (
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
)
"""Media types of single images."""
FOREIGN: Final = "it is no image of this repository"
"""Why an image is not released that is made unlike any of ours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """An image with exactly one model package in it."""

    reference: str
    """`<account>.dkr.ecr.<region>.amazonaws.com/switchyard@sha256:…`."""
    repository: str
    """Name of the repository."""
    registry_id: str
    """Account of the registry."""
    digest: str
    """`sha256:…`."""
    platform: str
    """Such as `linux/amd64`."""
    model_version: str
    """Version of the model package: 64 hex digits."""
    commit: str
    """Commit that it was built from, as its label says; empty when it does not."""
    gate_document: bytes
    """What the release leaves for the gate."""
    manifest: str
    """The manifest, whose SHA-256 sum the digest is."""
    media_type: str
    """The manifest's media type."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """Where an image is."""

    text: str
    account: str
    repository: str
    digest: str


def json_object(text: str | bytes, what: str) -> dict[str, Any]:
    """Return an object of JSON that came from the registry.

    Raises:
        Refused: it is none; `what` names it.
    """
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise Refused([f"{what} is no object of JSON: {FOREIGN}."])
    return found

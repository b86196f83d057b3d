"""The image that is released: addressed by its digest, and believed for nothing but what that digest covers.

Source: "OCI Image Manifest Specification" and "OCI Image Configuration" (opencontainers/image-spec);
BatchGetImage and GetDownloadUrlForLayer, Amazon ECR API Reference.
"""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from infra.config import REGISTRY
from infra.names import PRODUCT
from release.blobs import LARGEST_CONFIG, fetch
from release.clients import Clients, Patient
from release.errors import Misuse, Refused
from release.gate_document import gate_document
from release.image_facts import Image, Reference
from release.layers import Layer, find_package
from release.stage_facts import Stage

__all__ = ["Image", "read_image"]

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
_REFERENCE: Final = re.compile(
    r"(?P<account>\d{12})\.dkr\.ecr(-fips)?\.(?P<region>[a-z0-9-]+)\.amazonaws\.com(\.cn)?"
    r"/(?P<repository>[a-z0-9][a-z0-9._/-]{0,254})@(?P<digest>sha256:[0-9a-f]{64})"
)
_REVISION: Final = "org.opencontainers.image.revision"
_MOST_LAYERS: Final = 127
"""Layers that an image may have; more than Docker itself mounts."""


def read_image(ask: Patient, stage: Stage, reference: str) -> Image:
    """Read an image and the model package in it from the registry, every byte checked against its digest.

    Raises:
        Misuse: the reference is malformed, or leads to another registry.
        Refused: there is no such image, or it is none of ours.
    """
    where = parse(reference, account=REGISTRY.account or stage.account)
    text, media_type = ask.ask(lambda clients: _manifest(clients, where))
    if hashlib.sha256(text.encode()).hexdigest() != where.digest.removeprefix("sha256:"):
        raise Refused([f"The registry's manifest of {reference} is not what its digest says: push it again."])
    manifest = json.loads(text)
    if media_type in INDEXES or "manifests" in manifest:
        raise Refused([list_of_images(reference, manifest)])
    if len(manifest["layers"]) > _MOST_LAYERS:
        many = len(manifest["layers"])
        raise Refused([f"{reference} has {many} layers: it is no image of this repository."])
    config = json.loads(fetch(ask, where, manifest["config"]["digest"], largest=LARGEST_CONFIG))
    package = find_package(ask, where, layers_of(manifest))
    return Image(
        reference=where.text,
        repository=where.repository,
        registry_id=where.account,
        digest=where.digest,
        platform=platform_of(config),
        model_version=package.version,
        commit=commit_of(config),
        gate_document=gate_document(package),
        manifest=text,
        media_type=media_type,
    )


def parse(reference: str, *, account: str) -> Reference:
    """Take a reference to the registry of an account apart.

    Raises:
        Misuse: it is not of the form that is released: this product's repository, and a digest.
    """
    found = _REFERENCE.fullmatch(reference)
    if found is None:
        raise Misuse(
            f"{reference[:300]!r} is no image that can be released: name it by its digest, as "
            f"ACCOUNT.dkr.ecr.REGION.amazonaws.com/{PRODUCT}@sha256:DIGEST. Tags can move, digests cannot."
        )
    wanted = (account, REGISTRY.region, PRODUCT)
    if (found["account"], found["region"], found["repository"]) != wanted:
        raise Misuse(
            f"{reference} is not in this stage's registry, which is {PRODUCT} in {REGISTRY.region}, account "
            f"{account}. Push it there first."
        )
    return Reference(
        text=reference, account=found["account"], repository=found["repository"], digest=found["digest"]
    )


def platform_of(config: Mapping[str, Any]) -> str:
    """Return an image's platform as its configuration has it."""
    return f"{config.get('os', 'unknown')}/{config.get('architecture', 'unknown')}"


def commit_of(config: Mapping[str, Any]) -> str:
    """Return the commit in an image's labels; empty when there is none."""
    labels = (config.get("config") or {}).get("Labels") or {}
    return str(labels.get(_REVISION, ""))


def layers_of(manifest: Mapping[str, Any]) -> tuple[Layer, ...]:
    """Return an image's layers, the lowest first."""
    return tuple(
        Layer(digest=item["digest"], media_type=item.get("mediaType", ""), size=item.get("size", 0))
        for item in manifest["layers"]
    )


def _manifest(clients: Clients, where: Reference) -> tuple[str, str]:
    answer = clients.ecr.batch_get_image(
        registryId=where.account,
        repositoryName=where.repository,
        imageIds=[{"imageDigest": where.digest}],
        acceptedMediaTypes=[*MANIFESTS, *INDEXES],
    )
    if not answer["images"]:
        codes = ", ".join(item.get("failureCode", "") for item in answer.get("failures", []))
        reason = (
            f"{where.text} is not in the registry ({codes or 'it says no more'}): it was never "
            "pushed, or has expired. See docs/runbooks/image-missing.md."
        )
        raise Refused([reason])
    found = answer["images"][0]
    return found["imageManifest"], found.get("imageManifestMediaType", "")


def list_of_images(reference: str, index: Mapping[str, Any]) -> str:
    """Return why a list of images is not released: its digest is not the one that a task reports."""
    return (
        f"{reference} is a list of images, one for each platform. Release one of them by its own digest: "
        f"{'; '.join(_choices(index.get('manifests', []))) or 'it has none'}."
    )


def _choices(items: Sequence[Mapping[str, Any]]) -> list[str]:
    return [
        f"{item['digest']} for {platform_of(item.get('platform', {}))}"
        for item in items[:10]
        if item.get("platform", {}).get("os", "unknown") != "unknown"
    ]

"""The image that is released: addressed by its digest, and believed for nothing but what that digest covers.

Source: "OCI Image Manifest Specification" and "OCI Image Configuration" (opencontainers/image-spec);
BatchGetImage and GetDownloadUrlForLayer, Amazon ECR API Reference.
"""

import hashlib
import re
from collections.abc import Mapping
from typing import Any, Final

from infra.config import REGISTRY
from infra.names import PRODUCT
from release.blobs import LARGEST_CONFIG, fetch
from release.clients import Clients
from release.errors import Misuse, Refused
from release.gate_document import gate_document
from release.image_facts import FOREIGN, INDEXES, MANIFESTS, Image, Reference, json_object
from release.layers import Layer, find_package
from release.patience import Patient
from release.stage_facts import Stage

__all__ = ["Image", "read_image"]

_REFERENCE: Final = re.compile(
    r"(?P<account>\d{12})\.dkr\.ecr(-fips)?\.(?P<region>[a-z0-9-]+)\.amazonaws\.com(\.cn)?"
    r"/(?P<repository>[a-z0-9][a-z0-9._/-]{0,254})@(?P<digest>sha256:[0-9a-f]{64})"
)
_MOST_LAYERS: Final = 127
"""Layers that an image may have; more than Docker itself mounts."""
_LONGEST_COMMIT: Final = 100
"""Characters of a label that are kept: every sign of life writes them."""


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
    manifest = json_object(text, f"The manifest of {reference}")
    if media_type in INDEXES or "manifests" in manifest:
        raise Refused([list_of_images(reference, manifest)])
    layers = layers_of(manifest, where=reference)
    about = fetch(ask, where, config_of(manifest, where=reference), largest=LARGEST_CONFIG)
    config = json_object(about, f"The configuration of {reference}")
    package = find_package(ask, where, layers)
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
    """Return the commit in an image's labels, cut; empty when there is none."""
    match config:
        case {"config": {"Labels": {"org.opencontainers.image.revision": str(commit)}}}:
            return commit[:_LONGEST_COMMIT]
    return ""


def config_of(manifest: Mapping[str, Any], *, where: str) -> str:
    """Return the digest of an image's configuration.

    Raises:
        Refused: the manifest names none, as that of something else than an image does.
    """
    match manifest:
        case {"config": {"digest": str(digest)}}:
            return digest
    raise Refused([f"{where} names no configuration: {FOREIGN}."])


def layers_of(manifest: Mapping[str, Any], *, where: str) -> tuple[Layer, ...]:
    """Return an image's layers, the lowest first.

    Raises:
        Refused: it has none, or more than any image of ours, or one that has no digest.
    """
    match manifest.get("layers"):
        case [_, *_] as items if len(items) <= _MOST_LAYERS:
            return tuple(_layer(item, where) for item in items)
        case [*items] if items:
            raise Refused([f"{where} has {len(items)} layers: {FOREIGN}."])
    raise Refused([f"{where} has no layers: {FOREIGN}."])


def _layer(item: object, where: str) -> Layer:
    match item:
        case {"digest": str(digest), "mediaType": str(media_type), "size": int(size)}:
            return Layer(digest=digest, media_type=media_type, size=size)
    raise Refused([f"A layer of {where} has no digest, type or size: {FOREIGN}."])


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
    found = index.get("manifests")
    choices = [one for item in found[:10] if (one := _choice(item))] if isinstance(found, list) else []
    return (
        f"{reference} is a list of images, one for each platform. Release one of them by its own digest: "
        f"{'; '.join(choices) or 'it has none'}."
    )


def _choice(item: object) -> str:
    """Return an image of a list with its platform; empty for what is none, such as an attestation."""
    match item:
        case {"digest": str(digest), "platform": {"os": str(system), "architecture": processor}}:
            return f"{digest} for {system}/{processor}" if system != "unknown" else ""
    return ""

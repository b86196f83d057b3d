"""What a release knows of the image that it ships, once it was read."""

from dataclasses import dataclass


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

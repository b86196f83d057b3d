"""Layers, configuration and manifest of an OCI image, the same bytes for the same content.

Sources: OCI Image Format Specification, "Image Layer Filesystem Changeset", "Image Configuration",
"Image Manifest" and "Descriptor". A digest is `sha256:` and the hash of the bytes, as they are sent.
"""

import gzip
import hashlib
import io
import json
import tarfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any, Final

MANIFEST: Final = "application/vnd.oci.image.manifest.v1+json"
CONFIG: Final = "application/vnd.oci.image.config.v1+json"
LAYER: Final = "application/vnd.oci.image.layer.v1.tar+gzip"

REVISION: Final = "org.opencontainers.image.revision"
"""Label: the commit that the image was built from (OCI Image Format Specification, "Annotations")."""
MODEL_VERSION: Final = "switchyard.model.version"
"""Label: the version of the one model package that the image holds."""

_FILE_MODE: Final = 0o644
_FOLDER_MODE: Final = 0o755


@dataclass(frozen=True, slots=True)
class Layer:
    """A gzipped tar and the digest of the tar inside it (the configuration's `diff_ids`)."""

    blob: bytes
    diff_id: str

    @classmethod
    def of(cls, files: Mapping[str, bytes]) -> "Layer":
        """Return a layer of these files, by their paths from the image's root.

        Paths are sorted, times are zero, everything belongs to root: nothing but the content decides.
        """
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as archive:
            for folder in sorted(_folders(files)):
                archive.addfile(_entry(folder, kind=tarfile.DIRTYPE, mode=_FOLDER_MODE))
            for name in sorted(files):
                entry = _entry(name, kind=tarfile.REGTYPE, mode=_FILE_MODE)
                entry.size = len(files[name])
                archive.addfile(entry, io.BytesIO(files[name]))
        plain = packed.getvalue()
        return cls(gzip.compress(plain, compresslevel=6, mtime=0), digest_of(plain))


@dataclass(frozen=True, slots=True)
class Configuration:
    """How an image is run, and for which processor."""

    architecture: str
    environment: Mapping[str, str] = field(default_factory=dict)
    command: tuple[str, ...] = ()
    user: str = ""
    folder: str = "/"
    labels: Mapping[str, str] = field(default_factory=dict)

    def as_bytes(self, layers: Iterable[Layer]) -> bytes:
        """Return the configuration of an image that has these layers, the lowest first."""
        run: dict[str, Any] = {
            "User": self.user,
            "Env": [f"{name}={value}" for name, value in self.environment.items()],
            "Cmd": list(self.command),
            "WorkingDir": self.folder,
            "Labels": dict(self.labels),
        }
        return _as_bytes(
            {
                "architecture": self.architecture,
                "os": "linux",
                "config": run,
                "rootfs": {"type": "layers", "diff_ids": [layer.diff_id for layer in layers]},
            }
        )

    @classmethod
    def from_bytes(cls, text: bytes) -> "Configuration":
        """Return what `as_bytes` wrote."""
        document = json.loads(text)
        run = document["config"]
        return cls(
            architecture=document["architecture"],
            environment=dict(pair.split("=", 1) for pair in run["Env"]),
            command=tuple(run["Cmd"]),
            user=run["User"],
            folder=run["WorkingDir"],
            labels=run["Labels"],
        )


def manifest_of(configuration: bytes, layers: Iterable[Layer]) -> bytes:
    """Return the manifest, whose digest is the image's."""
    return _as_bytes(
        {
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": _descriptor(CONFIG, configuration),
            "layers": [_descriptor(LAYER, layer.blob) for layer in layers],
        }
    )


def digest_of(blob: bytes) -> str:
    """Return `sha256:…` of these bytes."""
    return f"sha256:{hashlib.sha256(blob).hexdigest()}"


def blobs_of(manifest: bytes) -> list[str]:
    """Return the digests that a manifest refers to: the configuration, then the layers, lowest first."""
    document = json.loads(manifest)
    return [item["digest"] for item in (document["config"], *document["layers"])]


def media_type_of(manifest: bytes) -> str:
    """Return the type that a manifest says it is of; without one it is an OCI image's."""
    return str(json.loads(manifest).get("mediaType", MANIFEST))


def unpacked(layers: Iterable[bytes]) -> dict[str, bytes]:
    """Return the files of an image by their paths from its root; a higher layer covers a lower one."""
    found: dict[str, bytes] = {}
    for blob in layers:
        with tarfile.open(fileobj=io.BytesIO(blob), mode="r:gz") as archive:
            for member in archive:
                content = archive.extractfile(member)
                if content is not None:
                    found[member.name] = content.read()
    return found


def _entry(name: str, *, kind: bytes, mode: int) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.type, entry.mode, entry.mtime = kind, mode, 0
    return entry


def _folders(names: Iterable[str]) -> Iterator[str]:
    """Return every folder that these paths lie in, once."""
    found = {str(parent) for name in names for parent in PurePosixPath(name).parents}
    yield from found - {"."}


def _descriptor(kind: str, blob: bytes) -> dict[str, Any]:
    return {"mediaType": kind, "digest": digest_of(blob), "size": len(blob)}


def _as_bytes(document: Mapping[str, Any]) -> bytes:
    return json.dumps(document, separators=(",", ":"), sort_keys=True).encode()

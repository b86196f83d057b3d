"""The model package in an image, read from its layers without writing anything to a disk.

A layer is an archive by whoever made the image: links, devices and paths that lead elsewhere are passed by,
and of two names the content is read, in bounds.

Source: "OCI Image Layer Filesystem Changeset" (opencontainers/image-spec), also for whiteouts.
"""

import hashlib
import posixpath
import tarfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol, cast

from model.manifest import MANIFEST, PROBES, Manifest, PackageError, parse_manifest
from release.blobs import BadBlobError
from release.blobs import read as read_blob
from release.errors import Refused
from release.image_facts import FOREIGN, Reference, json_object
from release.patience import Patient

FOLDER: Final = "app/package"
"""Where an image of ours keeps its one model package; a test compares it with the service's contract."""
LARGEST_FILE: Final = 8 * 1024 * 1024
"""Bytes of a file that is read."""
LARGEST_CONTENT: Final = 2 * 1024 * 1024 * 1024
"""Bytes of a layer when it is unpacked."""
LARGEST_HEADER: Final = 1024 * 1024
"""Bytes of what an archive says about one member."""
_CONTENT_TYPES: Final = tarfile.REGULAR_TYPES
_MOST_MEMBERS: Final = 200_000
_NAMES: Final = (MANIFEST, PROBES)
_WHITEOUT: Final = ".wh."
_OPAQUE: Final = ".wh..wh..opq"
_ZSTD: Final = "zstd"


class Readable(Protocol):
    """What can be read in pieces."""

    def read(self, size: int) -> bytes:
        """Return so many bytes, or fewer; none at the end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """One layer of an image."""

    digest: str
    media_type: str
    size: int
    """Bytes as it is stored, as the manifest says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What one layer says about the package."""

    files: Mapping[str, bytes]
    """The wanted files that it brings."""
    hides: frozenset[str]
    """The wanted files of lower layers that it takes away."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """What a release must know of the model package in an image."""

    version: str
    """Its version: 64 hex digits."""
    probes: Sequence[Mapping[str, Any]]
    """Requests whose answers are known."""


def find_package(ask: Patient, where: Reference, layers: Sequence[Layer]) -> Package:
    """Return the model package in an image, which is looked for from the last layer on.

    Raises:
        Refused: there is none, or it was altered.
    """
    found: dict[str, bytes] = {}
    hidden: set[str] = set()
    for layer in reversed(layers):
        content = _read(ask, where, layer)
        found |= {n: data for n, data in content.files.items() if n not in found and n not in hidden}
        hidden |= content.hides
        if set(found) | hidden >= set(_NAMES):
            break
    if missing := [name for name in _NAMES if name not in found]:
        reason = (
            f"{where.text} holds no {' and no '.join(f'/{FOLDER}/{name}' for name in missing)}: {FOREIGN}. "
            "Build it with the repository's Dockerfile."
        )
        raise Refused([reason])
    return package_of(found[MANIFEST], found[PROBES], where=where.text)


def package_of(manifest: bytes, probes: bytes, *, where: str) -> Package:
    """Return the package that two files tell of, the one proven by the other.

    Raises:
        Refused: they do not belong together, or are no such files.
    """
    try:
        said = parse_manifest(manifest, where=f"{where}, {MANIFEST}")
    except PackageError as error:
        raise Refused([str(error)]) from None
    _prove(said, probes, where)
    found = json_object(probes, f"{where}: {PROBES}").get("probes")
    if not isinstance(found, list) or not found:
        raise Refused([f"{where}: {PROBES} has no probes, so the gate could prove nothing. Train anew."])
    return Package(version=said.version, probes=found)


def content_of(source: Readable, *, compressed: bool) -> Content:
    """Return what a layer says about the package, read from its bytes.

    Raises:
        BadBlobError: it is no layer.
        Refused: it is larger than any of ours.
    """
    unpacked = _Unpacked(source, compressed=compressed)
    files: dict[str, bytes] = {}
    hides: set[str] = set()
    try:
        with tarfile.open(fileobj=cast("Any", unpacked), mode="r|", tarinfo=_Member) as archive:
            for count, member in enumerate(archive):
                if count > _MOST_MEMBERS:
                    raise Refused([f"A layer has more files than any of ours: {FOREIGN}."])
                path = posixpath.normpath(f"/{member.name}").lstrip("/")
                hides |= hidden_by(path)
                if (name := _wanted(path)) is not None and member.isreg():
                    files[name] = _bytes(archive, member)
    except (tarfile.TarError, zlib.error, EOFError) as error:
        raise BadBlobError(f"A layer of the image is no archive ({error}): push the image again.") from error
    return Content(files=files, hides=frozenset(hides))


def hidden_by(path: str) -> frozenset[str]:
    """Return which wanted files of lower layers a member takes away: a whiteout of one, or of a folder."""
    folder, _, name = path.rpartition("/")
    if name == _OPAQUE:
        gone = folder
    elif name.startswith(_WHITEOUT):
        gone = posixpath.join(folder, name.removeprefix(_WHITEOUT))
    else:
        return frozenset()
    wanted = {each: f"{FOLDER}/{each}" for each in _NAMES}
    return frozenset(
        each for each, full in wanted.items() if full == gone or full.startswith(f"{gone}/" if gone else "")
    )


class _Member(tarfile.TarInfo):
    """A member whose long name, or whatever else is said about it, is short enough to be kept."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> "_Member":
        """Return the member that a header tells of.

        Raises:
            tarfile.ReadError: more would be said about it than is listened to.
        """
        member = super().frombuf(buf, encoding, errors)
        if member.type not in _CONTENT_TYPES and member.size > LARGEST_HEADER:
            raise tarfile.ReadError("a header is too long")
        return member


class _Unpacked:
    """A layer's bytes, unpacked as they are read, and no more of them than fit."""

    def __init__(self, source: Readable, *, compressed: bool) -> None:
        self._source = source
        self._unpack = zlib.decompressobj(wbits=31) if compressed else None
        self._left = LARGEST_CONTENT

    def read(self, size: int) -> bytes:
        """Return so many bytes, or fewer at the end."""
        made = self._next(size)
        self._left -= len(made)
        if self._left < 0:
            raise Refused([f"A layer unpacks to more than any of ours: {FOREIGN}."])
        return made

    def _next(self, size: int) -> bytes:
        if self._unpack is None:
            return self._source.read(size)
        made = b""
        while len(made) < size:
            packed = self._unpack.unconsumed_tail or self._source.read(64 * 1024)
            if not packed:
                return made
            made += self._unpack.decompress(packed, size - len(made))
            if self._unpack.eof:
                return made
        return made


def _read(ask: Patient, where: Reference, layer: Layer) -> Content:
    if layer.media_type.endswith(_ZSTD):
        reason = f"Layer {layer.digest} is packed with zstd, which is not read: build the image with gzip."
        raise Refused([reason])
    compressed = layer.media_type.endswith("gzip")
    return read_blob(ask, where, layer.digest, lambda blob: content_of(blob, compressed=compressed))


def _wanted(path: str) -> str | None:
    folder, _, name = path.rpartition("/")
    return name if folder == FOLDER and name in _NAMES else None


def _bytes(archive: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    source = archive.extractfile(member)
    if source is None or member.size > LARGEST_FILE:
        name = posixpath.basename(member.name)
        raise Refused([f"/{FOLDER}/{name} is larger than any of ours: train anew."])
    return source.read(LARGEST_FILE + 1)


def _prove(said: Manifest, probes: bytes, where: str) -> None:
    vouched = said.files[PROBES]
    if len(probes) != vouched.bytes or hashlib.sha256(probes).hexdigest() != vouched.sha256:
        raise Refused([f"{where}: {PROBES} is not what {MANIFEST} vouches for. Build the image anew."])

"""The contract of a model package: what its manifest says, and the proof that its files agree.

Standard library only: whoever serves or ships a package reads it here. Must not know how it is made.
"""

import hashlib
import json
import os
import re
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

FORMAT = 1
MANIFEST = "manifest.json"
SERVED_FORM = "model.safetensors"
PIPELINE = "pipeline.joblib"
PROBES = "probes.json"
REFERENCE = "reference.json"
FILES = frozenset({SERVED_FORM, PIPELINE, PROBES, REFERENCE})
"""What a package holds beside its manifest."""
LARGEST_MANIFEST = 1 << 20  # bytes; real ones have some twenty thousand

Kind = Literal["number", "clock", "range"]


class PackageError(Exception):
    """A folder is no model package, or one that was altered; the message names the file."""


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a record."""

    name: str
    """As the plant's header writes it."""
    kind: Kind
    """What its raw value is: a number, a time of day (`21:00:00`) or a span of time (`21:00-21:30`)."""
    unit: str
    """Unit of the value; empty where the published data do not say."""
    low: float
    """The smallest value that is accepted; for times, in minutes after midnight."""
    high: float
    """The largest value that is accepted."""
    nullable: bool
    """Whether a record may leave it out."""
    meaning: str
    """What is known about it, in words."""
    example: float | str
    """A raw value as a record has it."""


@dataclass(frozen=True, slots=True)
class FileSum:
    """What vouches for a file: the hex digest of its bytes, and how many they are."""

    sha256: str
    bytes: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a model package says about itself."""

    format: int
    """Version of this contract."""
    version: str
    """SHA-256 over everything else in the manifest, which includes the sums of the files."""
    name: str
    """Name of the model."""
    target: str
    """Name of what it predicts."""
    description: str
    """One sentence on the model."""
    identifier: str
    """Name of the field that tells records apart; never a feature."""
    fields: tuple[Field, ...]
    """The inputs, in the order of the plant's header."""
    target_field: Field
    """What is predicted."""
    features: tuple[str, ...]
    """Names of the features in the order of the vector."""
    features_sha256: str
    """Sum over the source that derives the features."""
    files: Mapping[str, FileSum]
    """By file name."""
    metrics: Mapping[str, Any]
    """How well the model predicts, as `model.evaluation` reports it."""
    training: Mapping[str, Any]
    """What it was fitted on."""
    libraries: Mapping[str, str]
    """Versions of what fitted it."""

    @property
    def short_version(self) -> str:
        """The first twelve characters of the version, for people."""
        return self.version[:12]


@dataclass(frozen=True, slots=True)
class ModelPackage:
    """A folder whose manifest vouches for its files: what it says, and where it lies."""

    manifest: Manifest
    folder: Path

    def read(self, name: str) -> bytes:
        """Return the bytes of a file, proven to be those that were packed: the sum is of these very bytes.

        Raises:
            PackageError: the manifest does not vouch for the file, or it is missing or altered.
        """
        if (vouched := self.manifest.files.get(name)) is None:
            raise PackageError(f"{self.folder / name}: the manifest does not vouch for this file.")
        data = _read(self.folder / name, vouched.bytes)
        if len(data) != vouched.bytes or hashlib.sha256(data).hexdigest() != vouched.sha256:
            raise _altered(self.folder / name)
        return data


def open_package(folder: Path) -> ModelPackage:
    """Open a model package and verify its manifest and every file that is there to be served.

    `pipeline.joblib` may be left out (images do); if present, it is verified, never loaded.

    Raises:
        PackageError: not a package of this format, or a byte was changed.
    """
    path = folder / MANIFEST
    package = ModelPackage(parse_manifest(_read(path, LARGEST_MANIFEST), where=str(path)), folder)
    for name in sorted(package.manifest.files):
        if name != PIPELINE or (folder / name).exists():
            package.read(name)
    return package


def canonical(value: object) -> bytes:
    """Render JSON in the one way that packages use: sorted, UTF-8, one space of indent."""
    return (json.dumps(value, ensure_ascii=False, sort_keys=True, indent=1, allow_nan=False) + "\n").encode()


def version_of(content: Mapping[str, Any]) -> str:
    """Return the version that a manifest's content (with or without its version) has."""
    return hashlib.sha256(canonical({k: v for k, v in content.items() if k != "version"})).hexdigest()


def parse_manifest(data: bytes, *, where: str = MANIFEST) -> Manifest:
    """Read a manifest from its bytes; `where` is how messages name the file.

    Raises:
        PackageError: not the bytes that were packed, or not of this format.
    """
    try:
        content = json.loads(data)
        if isinstance(content, dict) and content.get("format") != FORMAT:
            raise PackageError(
                f"{where}: format {content.get('format')!r:.40} is not known; expected {FORMAT}."
            )
        if canonical(content) != data or content["version"] != version_of(content):
            raise _altered(where)
        return _manifest(content)
    except _ShapeError as error:
        raise PackageError(f"{where}: {error}; train or fetch the package anew.") from None
    except (ValueError, TypeError, KeyError, RecursionError):
        raise _altered(where) from None


class _ShapeError(Exception):
    """A value of the manifest has the wrong type; the message names it."""


def _manifest(content: Mapping[str, Any]) -> Manifest:
    model, schema = _get(content, "model", dict), _get(content, "schema", dict)
    return Manifest(
        format=FORMAT,
        version=_get(content, "version", str),
        name=_get(model, "name", str),
        target=_get(model, "target", str),
        description=_get(model, "description", str),
        identifier=_get(schema, "identifier", str),
        fields=tuple(_field(field) for field in _get(schema, "fields", list)),
        target_field=_field(_get(schema, "target", dict)),
        features=_names(content, "features"),
        features_sha256=_sum(content, "features_sha256"),
        files=_files(_get(content, "files", dict)),
        metrics=_get(content, "metrics", dict),
        training=_get(content, "training", dict),
        libraries=_get(content, "libraries", dict),
    )


def _get(content: object, key: str, *kinds: type) -> Any:  # noqa: ANN401 - JSON
    """Return a value that is of just one of these types: to JSON, a truth value is no number."""
    if not isinstance(content, dict) or type(content.get(key)) not in kinds:
        raise _ShapeError(f"{key!r} is missing or not of type {' or '.join(k.__name__ for k in kinds)}")
    return content[key]


def _names(content: Mapping[str, Any], key: str) -> tuple[str, ...]:
    names = _get(content, key, list)
    if not names or not all(isinstance(name, str) for name in names):
        raise _ShapeError(f"{key!r} is not a list of names")
    return tuple(names)


def _sum(content: Mapping[str, Any], key: str) -> str:
    value: str = _get(content, key, str)
    if not re.fullmatch(r"[0-9a-f]{64}", value):
        raise _ShapeError(f"{key!r} is not a SHA-256 sum")
    return value


def _field(content: Any) -> Field:  # noqa: ANN401 - JSON
    kind = _get(content, "kind", str)
    if kind not in get_args(Kind):
        raise _ShapeError(f"the kind {kind!r} of a field is not known")
    return Field(
        name=_get(content, "name", str),
        kind=kind,
        unit=_get(content, "unit", str),
        low=_get(content, "low", int, float),
        high=_get(content, "high", int, float),
        nullable=_get(content, "nullable", bool),
        meaning=_get(content, "meaning", str),
        example=_get(content, "example", *((int, float) if kind == "number" else (str,))),
    )


def _files(content: Mapping[str, Any]) -> Mapping[str, FileSum]:
    if set(content) != FILES:
        raise _ShapeError(f"'files' does not name exactly {', '.join(sorted(FILES))}")
    return {name: FileSum(_sum(of, "sha256"), _get(of, "bytes", int)) for name, of in content.items()}


def _read(path: Path, most: int) -> bytes:
    """Return the bytes of a regular file of at most so many; a FIFO is not waited for, nor a device read."""
    try:
        with open(path, "rb", opener=lambda name, flags: os.open(name, flags | os.O_NONBLOCK)) as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode) or status.st_size > most:
                raise _altered(path, f" (no regular file of at most {most:,} bytes)")
            return file.read(most + 1)
    except OSError as error:
        raise PackageError(f"{path}: cannot be read ({error.strerror}); is this a model package?") from None


def _altered(path: object, how: str = "") -> PackageError:
    return PackageError(f"{path}: altered since it was packed{how}; train or fetch the package anew.")

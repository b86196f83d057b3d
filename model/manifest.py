"""The contract of a model package: what its manifest says, and the proof that its files agree.

Standard library only: the service and the release tools read packages with this module. It must not
know how a package is made.
"""

import hashlib
import json
import re
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

Kind = Literal["number", "clock", "range"]
"""A plain number, a time of day (`21:00:00`) or a span of time (`21:00-21:30`)."""

_SHORT = 12
_SHA256 = re.compile(r"[0-9a-f]{64}")


class PackageError(Exception):
    """A folder is no model package, or one that was altered; the message names the file."""


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a record."""

    name: str
    """As the plant's header writes it."""
    kind: Kind
    """What its raw value looks like."""
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
    """What vouches for a file."""

    sha256: str
    """Hex digest of its bytes."""
    bytes: int
    """Its size."""


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
        return self.version[:_SHORT]


@dataclass(frozen=True, slots=True)
class ModelPackage:
    """A folder whose manifest vouches for its files."""

    manifest: Manifest
    """What the package says about itself."""
    folder: Path
    """Where it lies."""

    def read(self, name: str) -> bytes:
        """Return the bytes of a file, proven to be those that were packed.

        The sum is taken over the very bytes that are returned: the file is not opened twice.

        Raises:
            PackageError: the manifest does not vouch for the file, or it is missing or altered.
        """
        vouched = self.manifest.files.get(name)
        if vouched is None:
            raise PackageError(f"{self.folder / name}: the manifest does not vouch for this file.")
        data = _read(self.folder / name)
        if len(data) != vouched.bytes or hashlib.sha256(data).hexdigest() != vouched.sha256:
            raise PackageError(
                f"{self.folder / name}: altered since it was packed; train or fetch the package anew."
            )
        return data


def open_package(folder: Path) -> ModelPackage:
    """Open a model package and verify its manifest and every file that is there to be served.

    `pipeline.joblib` may be left out (images do); if present, it is verified, never loaded.

    Raises:
        PackageError: not a package of this format, or a byte was changed.
    """
    path = folder / MANIFEST
    package = ModelPackage(manifest=parse_manifest(_read(path), where=str(path)), folder=folder)
    for name in sorted(package.manifest.files):
        if name != PIPELINE or (folder / name).exists():
            package.read(name)
    return package


def canonical(value: object) -> bytes:
    """Render JSON in the one way that packages use: sorted, UTF-8, one space of indent."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, indent=1, allow_nan=False)
    return (text + "\n").encode()


def version_of(content: Mapping[str, Any]) -> str:
    """Return the version that a manifest's content (with or without its version) has."""
    return hashlib.sha256(canonical({k: v for k, v in content.items() if k != "version"})).hexdigest()


def parse_manifest(data: bytes, *, where: str = MANIFEST) -> Manifest:
    """Read a manifest from its bytes.

    Args:
        data: the file's bytes.
        where: how messages name the file.

    Raises:
        PackageError: not the bytes that were packed, or not of this format.
    """
    try:
        content = json.loads(data)
        if isinstance(content, dict) and content.get("format") != FORMAT:
            raise PackageError(f"{where}: format {content.get('format')!r} is not known; expected {FORMAT}.")
        intact = canonical(content) == data and content["version"] == version_of(content)
    except (ValueError, TypeError, KeyError, RecursionError):
        intact = False
    if not intact:
        raise PackageError(f"{where}: altered since it was packed; train or fetch the package anew.")
    try:
        return _manifest(content)
    except _ShapeError as error:
        raise PackageError(f"{where}: {error}; train or fetch the package anew.") from None


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


def _get(content: object, key: str, kind: type) -> Any:  # noqa: ANN401 - JSON
    if not isinstance(content, dict) or not isinstance(content.get(key), kind):
        raise _ShapeError(f"{key!r} is missing or not of type {kind.__name__}")
    return content[key]


def _names(content: Mapping[str, Any], key: str) -> tuple[str, ...]:
    names = _get(content, key, list)
    if not names or not all(isinstance(name, str) for name in names):
        raise _ShapeError(f"{key!r} is not a list of names")
    return tuple(names)


def _sum(content: Mapping[str, Any], key: str) -> str:
    value: str = _get(content, key, str)
    if not _SHA256.fullmatch(value):
        raise _ShapeError(f"{key!r} is not a SHA-256 sum")
    return value


def _number(content: Mapping[str, Any], key: str) -> float:
    value = content.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _ShapeError(f"{key!r} is missing or not a number")
    return value


def _field(content: Any) -> Field:  # noqa: ANN401 - JSON
    kind = _get(content, "kind", str)
    if kind not in get_args(Kind):
        raise _ShapeError(f"the kind {kind!r} of a field is not known")
    number = kind == "number"
    return Field(
        name=_get(content, "name", str),
        kind=kind,
        unit=_get(content, "unit", str),
        low=_number(content, "low"),
        high=_number(content, "high"),
        nullable=_get(content, "nullable", bool),
        meaning=_get(content, "meaning", str),
        example=_number(content, "example") if number else _get(content, "example", str),
    )


def _files(content: Mapping[str, Any]) -> Mapping[str, FileSum]:
    if set(content) != FILES:
        raise _ShapeError(f"'files' does not name exactly {', '.join(sorted(FILES))}")
    sizes = {name: _get(entry, "bytes", int) for name, entry in content.items()}
    return {name: FileSum(sha256=_sum(content[name], "sha256"), bytes=sizes[name]) for name in content}


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        reason = error.strerror or str(error)
        raise PackageError(f"{path}: cannot be read ({reason}); is this a model package?") from None

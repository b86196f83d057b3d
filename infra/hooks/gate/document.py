"""The gate document: what a release leaves for the gate, read so strictly that nothing is guessed."""

import json
import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, NoReturn, cast

from .errors import DocumentError
from .probes import Probe

MAX_BYTES: Final = 4 * 1024 * 1024
"""Largest gate document. Read, it takes up to sixty times as much memory, of the 512 MiB of the function."""
MAX_NAME: Final = 200
"""Characters of a probe's name, which the log repeats."""

_VERSION: Final = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class GateDocument:
    """What the new version must be, and what it must answer."""

    version: str
    """Version of the model package in the image: 64 hex digits."""
    probes: tuple[Probe, ...]
    """Requests whose answers are known, at least one."""


def parse_document(text: bytes) -> GateDocument:
    """Return the document that is written as `{"version": ..., "probes": [...]}`, with nothing beside.

    Raises:
        DocumentError: it is anything else; the message says what.
    """
    whole = _object(_decode(text), ("probes", "version"), "The gate document")
    version, probes = whole["version"], whole["probes"]
    if not isinstance(version, str) or not _VERSION.fullmatch(version):
        raise DocumentError("The gate document's version is not 64 hex digits in lower case.")
    if not isinstance(probes, list) or not probes:
        raise DocumentError("The gate document has no list of probes, so nothing would be proved.")
    numbered = enumerate(cast("Sequence[object]", probes), start=1)
    return GateDocument(
        version, tuple(_probe(item, f"Probe {at} of the gate document") for at, item in numbered)
    )


def _probe(item: object, what: str) -> Probe:
    found = _object(item, ("name", "prediction", "record"), what)
    name, record, prediction = found["name"], found["record"], found["prediction"]
    if not isinstance(name, str) or not 1 <= len(name) <= MAX_NAME:
        raise DocumentError(f"{what} has no name of 1 to {MAX_NAME} characters.")
    if not isinstance(record, dict):
        raise DocumentError(f"{what} has no record that is an object.")
    if isinstance(prediction, bool) or not isinstance(prediction, int | float):
        raise DocumentError(f"{what} has no prediction that is a number.")
    return Probe(name, record, float(prediction))


def _object(value: object, names: tuple[str, ...], what: str) -> dict[str, object]:
    """Return an object that has exactly these fields, in any order."""
    if not isinstance(value, dict) or sorted(value) != list(names):
        raise DocumentError(f"{what} is not an object of {' and '.join(', '.join(names).rsplit(', ', 1))}.")
    return value


def _decode(text: bytes) -> object:
    try:
        return cast(
            "object",
            json.loads(
                text.decode(),
                object_pairs_hook=_unique,
                parse_constant=_refuse,
                parse_float=_finite,
                parse_int=_small,
            ),
        )
    except RecursionError:
        raise DocumentError("The gate document is nested too deeply.") from None
    except ValueError as error:
        raise DocumentError(f"The gate document is not JSON: {error}.") from error


def _unique(pairs: Iterable[tuple[str, object]]) -> dict[str, object]:
    found: dict[str, object] = {}
    for name, value in pairs:
        if name in found:
            raise ValueError(f"the field {name[:MAX_NAME]!r} is there twice")
        found[name] = value
    return found


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no number")


def _finite(digits: str) -> float:
    value = float(digits)
    if not math.isfinite(value):
        raise ValueError("a number is too large")
    return value


def _small(digits: str) -> int:
    _finite(digits)  # a whole number that no float holds could not be compared with an answer
    return int(digits)

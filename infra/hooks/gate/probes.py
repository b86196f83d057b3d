"""Golden requests: what is asked, and whether an answer is right."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import cast


@dataclass(frozen=True, slots=True)
class Probe:
    """One request whose answer is known."""

    name: str
    """Which probe it is, in the log."""
    record: Mapping[str, object]
    """The record to send, raw as the plant writes it."""
    prediction: float
    """The model's answer when the package was made."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back for a request."""

    status: int
    """HTTP status."""
    body: bytes
    """Body as sent."""


def fault_of(probe: Probe, answer: Answer, *, tolerance: float) -> str | None:
    """Return in one sentence what is wrong with an answer, or nothing when it is right."""
    if answer.status != HTTPStatus.OK:
        return f"Probe {probe.name!r} was answered with status {answer.status}."
    prediction = _prediction(answer.body)
    if prediction is None:
        return f"Probe {probe.name!r} was answered without a prediction."
    if not abs(prediction - probe.prediction) <= tolerance:
        return f"Probe {probe.name!r} was answered with {prediction!r} instead of {probe.prediction!r}."
    return None


def version_of(answer: Answer) -> str | None:
    """Return the version that an answer tells, or nothing when it tells none."""
    version = _field(answer.body, "version")
    return version if isinstance(version, str) else None


def _prediction(body: bytes) -> float | None:
    value = _field(body, "prediction")
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        prediction = float(value)
    except OverflowError:
        return None
    return prediction if math.isfinite(prediction) else None


def _field(body: bytes, name: str) -> object:
    """Return a field of a JSON object; nothing when the body is something else."""
    try:
        return cast("object", json.loads(body)[name])
    except (KeyError, TypeError, ValueError, RecursionError):
        return None

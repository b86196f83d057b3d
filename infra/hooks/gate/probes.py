"""Golden requests: what is asked, and whether an answer is right."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import cast

from .errors import ProbesError


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


def parse_probes(text: bytes) -> tuple[Probe, ...]:
    """Return the probes of a `probes.json`.

    Raises:
        ProbesError: it is not the document that model packages hold, or it holds no probe.
    """
    try:
        probes = tuple(
            Probe(name=str(item["name"]), record=dict(item["record"]), prediction=float(item["prediction"]))
            for item in json.loads(text)["probes"]
        )
    except (KeyError, TypeError, ValueError) as error:
        raise ProbesError(f"The probes are not those of a model package: {error!r}.") from error
    if not probes:
        raise ProbesError("There is no probe, so nothing would be proved.")
    return probes


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


def _prediction(body: bytes) -> float | None:
    try:
        value = cast("object", json.loads(body)["prediction"])
    except (KeyError, TypeError, ValueError):
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return float(value)

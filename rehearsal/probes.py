"""Golden requests of a model package, sent over HTTP."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any

from rehearsal import web
from rehearsal.errors import StepFailed
from service.contract import PROBE_TOLERANCE


@dataclass(frozen=True, slots=True)
class Probe:
    """A request whose answer is known."""

    name: str
    record: Mapping[str, Any]
    prediction: float


def first_of(package: Path) -> Probe:
    """Return the first probe of a model package."""
    document = json.loads((package / "probes.json").read_text(encoding="utf-8"))
    probe = document["probes"][0]
    return Probe(probe["name"], probe["record"], probe["prediction"])


def ask(url: str, probe: Probe, *, trust: web.Trust = None) -> dict[str, Any]:
    """Send a probe and return the answer, which is the one that the package promises.

    Raises:
        StepFailed: Nobody answered, or not with 200, or with another prediction.
    """
    answer = web.post(url, probe.record, trust=trust)
    if answer.status == web.UNREACHABLE:
        raise StepFailed(f"Nobody answered at {url}.")
    if answer.status != HTTPStatus.OK:
        raise StepFailed(f"{url} answered {answer.status}: {answer.body.decode(errors='replace')[:500]}")
    document: dict[str, Any] = answer.json()
    value = document["prediction"]
    if abs(value - probe.prediction) > PROBE_TOLERANCE:
        expected = f"the probe {probe.name!r} expects {probe.prediction}"
        raise StepFailed(f"The service answered {value}; {expected}.")
    return document

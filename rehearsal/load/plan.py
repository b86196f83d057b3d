"""What to send and what is right: bodies, and the predictions of every version for each of them."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import cycle, islice
from pathlib import Path
from typing import Any, Final, Literal

from rehearsal.errors import Misuse
from service.contract import PROBE_TOLERANCE

RATE: Final = 200
"""Requests per second."""
PATIENCE: Final = 5
"""Seconds after which a request counts as failed."""
LONGEST: Final = 1800
"""Seconds after which the load ends by itself."""
SENDERS: Final = 500
"""Most requests under way: two and a half seconds of silence at `RATE`.

What is due beyond it is not sent, and counts as failed.
"""
SINGLES: Final = 9
BATCHES: Final = (2, 5, 20)
"""Records in the batches that follow the single records."""

Kind = Literal["single", "batch"]
Predictions = tuple[tuple[float, ...], ...]
"""For each body, the prediction for each of its records."""


@dataclass(frozen=True, slots=True)
class Body:
    """A request's body, as JSON text."""

    kind: Kind
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A load: where to, what, how often, and which answers are right.

    Raises:
        Misuse: It cannot be sent; the message says all that is wrong with it.
    """

    url: str
    """Where each request is posted."""
    bodies: tuple[Body, ...]
    """Sent in turn."""
    predictions: Mapping[str, Predictions]
    """What each version that may answer predicts. An answer of any other version is wrong."""
    rate: int = RATE
    """Requests per second, half of them over new connections; even, so that either half is whole."""
    seconds: int = LONGEST
    """When it ends by itself."""
    senders: int = SENDERS
    """Most requests under way."""
    patience: int = PATIENCE
    """Seconds that a request may take."""
    tolerance: float = PROBE_TOLERANCE
    """How far a prediction may be from what the package predicts."""

    def __post_init__(self) -> None:
        faults = [sentence for holds, sentence in self._demands() if not holds]
        if faults:
            raise Misuse(" ".join(faults))

    def as_json(self) -> str:
        """Return it as k6's script reads it."""
        return json.dumps(asdict(self), allow_nan=False)

    def _demands(self) -> list[tuple[bool, str]]:
        tables = self.predictions.values()
        finite = all(math.isfinite(value) for table in tables for row in table for value in row)
        return [
            (self.rate > 0 and self.rate % 2 == 0, "The load's rate must be even and above 0."),
            (self.senders > 0 and self.senders % 2 == 0, "The load's senders must be even and above 0."),
            (bool(self.bodies), "The load has no bodies to send."),
            (bool(self.predictions), "The load knows no version that may answer."),
            (
                all(len(table) == len(self.bodies) for table in tables),
                "Each version must predict something for every body.",
            ),
            (finite, "Every prediction must be a finite number."),
        ]


def bodies_of(
    records: Sequence[Mapping[str, Any]], *, singles: int = SINGLES, batches: Sequence[int] = BATCHES
) -> tuple[Body, ...]:
    """Return single records and batches of several sizes, made of these records in turn."""
    turn = cycle(records)
    return (
        *(Body("single", json.dumps(record)) for record in islice(turn, singles)),
        *(Body("batch", json.dumps({"records": list(islice(turn, size))})) for size in batches),
    )


def records_of(package: Path) -> list[dict[str, Any]]:
    """Return the records of a model package's probes: requests as a client sends them."""
    document = json.loads((package / "probes.json").read_text(encoding="utf-8"))
    return [probe["record"] for probe in document["probes"]]

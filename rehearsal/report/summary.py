"""What a rehearsal came to: the JSON file for machines and the table for people."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

from rich.console import Console
from rich.table import Table

from rehearsal import resources
from rehearsal.progress import Step
from rehearsal.resources import Resource
from service import contract


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that went through the production listener, and what came back."""

    endpoint: str
    request: Mapping[str, Any]
    response: Mapping[str, Any]
    certificate: Path | None = None
    """What vouches for the endpoint, when it speaks HTTPS."""


@dataclass(frozen=True, slots=True)
class Report:
    """The outcome of one rehearsal; `document` is what `report.json` holds."""

    document: Mapping[str, Any]

    @classmethod
    def of(  # noqa: PLR0913 - one argument for each thing that the report tells
        cls,
        *,
        stage: str,
        asked: Asked,
        test_endpoint: str,
        model: Mapping[str, Any],
        image: str,
        tasks: Sequence[str],
        steps: Sequence[Step],
        surveyed: Sequence[Resource],
    ) -> Self:
        """Gather what the steps found out."""
        return cls(
            {
                "stage": stage,
                "endpoint": asked.endpoint,
                "test_endpoint": test_endpoint,
                "certificate": str(asked.certificate) if asked.certificate else None,
                "prediction": asked.response["prediction"],
                "request": asked.request,
                "response": asked.response,
                "model": {"version": model["version"], **model["model"], "metrics": model["metrics"]},
                "image": image,
                "tasks": list(tasks),
                "steps": [asdict(step) for step in steps],
                "seconds": round(sum(step.seconds for step in steps), 3),
                "resources": _resources(surveyed),
            }
        )

    def write(self, path: Path) -> None:
        """Write `report.json` as a whole."""
        draft = path.with_suffix(".draft")
        draft.write_text(self.as_json(), encoding="utf-8")
        draft.rename(path)

    def as_json(self) -> str:
        """Return the report as JSON text."""
        return json.dumps(self.document, ensure_ascii=False, indent=1, allow_nan=False) + "\n"

    def curl(self) -> str:
        """Return a command line that asks the endpoint for the same prediction."""
        record = json.dumps(self.document["request"], ensure_ascii=False).replace("'", "'\\''")
        url = self.document["endpoint"] + contract.PREDICT
        certificate = self.document.get("certificate")
        trust = f"--cacert {certificate} " if certificate else ""
        return f"curl --noproxy '*' {trust}-H 'Content-Type: application/json' -d '{record}' {url}"

    def show(self, console: Console) -> None:
        """Print the table that ends a rehearsal."""
        table = Table(title=f"Rehearsal of {self.document['stage']}", title_justify="left", show_header=False)
        table.add_column(style="bold")
        table.add_column(overflow="fold")
        for name, value in self._rows():
            table.add_row(name, value)
        console.print(table)

    def _rows(self) -> list[tuple[str, str]]:
        document = self.document
        metrics, counts = document["model"]["metrics"], document["resources"]
        unplayed = ", ".join(f"{kind} ×{number}" for kind, number in counts["types"]["not rehearsed"].items())
        return [
            ("endpoint", document["endpoint"] + contract.PREDICT),
            ("prediction", f"{document['prediction']:.6f} ({document['model']['target']})"),
            ("tasks", "\n".join(document["tasks"])),
            ("model version", document["model"]["version"][:12]),
            (
                "score",
                f"mean squared error {metrics['mse']:.3g}; predicting the mean {metrics['baseline_mse']:.3g}",
            ),
            ("image", document["image"]),
            ("resources", ", ".join(f"{counts[fate]} {fate}" for fate in resources.FATES)),
            ("not rehearsed", unplayed or "nothing"),
            ("time", f"{document['seconds']:.1f} s"),
        ]


def _resources(surveyed: Sequence[Resource]) -> dict[str, Any]:
    types = {fate: Counter(item.type for item in surveyed if item.fate == fate) for fate in resources.FATES}
    return {
        **{str(fate): number for fate, number in resources.count(surveyed).items()},
        "total": len(surveyed),
        "types": {fate: dict(sorted(counter.items())) for fate, counter in types.items()},
    }

"""What is right is asked of the version's own service."""

import json
import os
import sys
from pathlib import Path

import pytest

from rehearsal import isolation
from rehearsal.errors import StepFailed
from rehearsal.load import expected
from rehearsal.load.plan import Body, bodies_of, records_of
from tests.service.conftest import write_package

pytestmark = pytest.mark.slow
ROOT = Path(__file__).resolve().parents[3]


def test_a_service_tells_its_version_and_predictions(tmp_path: Path) -> None:
    """One prediction for each record of each body; a body that it refuses ends the plan with a sentence."""
    package = tmp_path / "package"
    write_package(package)
    environment = isolation.isolated(
        os.environ, marker=str(tmp_path), temporary=tmp_path, path=[], cache=tmp_path
    )
    bodies = bodies_of(records_of(package), singles=2, batches=(3,))

    def ask(*asked: Body) -> tuple[str, tuple[tuple[float, ...], ...]]:
        return expected.predict(
            package,
            asked,
            python=Path(sys.executable),
            root=ROOT,
            environment=environment,
            log=tmp_path / "expected.log",
        )

    version, predictions = ask(*bodies)
    assert len(version) == 64
    probes = json.loads((package / "probes.json").read_text(encoding="utf-8"))["probes"]
    known = [probe["prediction"] for probe in probes]
    assert predictions == ((known[0],), (known[1],), tuple(known[2:5]))
    with pytest.raises(StepFailed, match="refused a body"):
        ask(Body("single", "[]x"))

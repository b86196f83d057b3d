"""What is right is asked of the version's own service, and what that serves is right."""

import json
import os
import sys
import time
from pathlib import Path

import pytest

from rehearsal import isolation
from rehearsal.errors import StepFailed
from rehearsal.load import expected
from rehearsal.load.expected import Place
from rehearsal.load.k6 import Load
from rehearsal.load.plan import Body, Plan, bodies_of, records_of
from service import contract
from tests.rehearsal.load.servers import lines_of
from tests.service.conftest import write_package

pytestmark = pytest.mark.slow
ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A small model package."""
    write_package(tmp_path / "package")
    return tmp_path / "package"


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """This checkout, served by this interpreter."""
    return Place(
        python=Path(sys.executable),
        root=ROOT,
        environment=isolation.isolated(
            os.environ, marker=str(tmp_path), temporary=tmp_path, path=[], cache=tmp_path
        ),
        log=tmp_path / "expected.log",
    )


def test_the_predictions_are_those_that_a_client_gets(package: Path, place: Place, tmp_path: Path) -> None:
    """They are the probes' own, alone and in batches; under load the service answers with nothing else."""
    bodies = bodies_of(records_of(package), singles=2, batches=(3,))
    version, predictions = expected.predict(package, bodies, place)
    probes = json.loads((package / "probes.json").read_text(encoding="utf-8"))["probes"]
    known = [probe["prediction"] for probe in probes]
    assert predictions == ((known[0],), (known[1],), tuple(known[2:5]))
    with expected.serving(package, place) as url:
        plan = Plan(url=url + contract.PREDICT, bodies=bodies, predictions={version: predictions}, senders=40)
        load = Load.start(
            plan, run=tmp_path, binary=Path(sys.executable).with_name("k6"), environment=place.environment
        )
        try:
            time.sleep(1)
            load.stop()
        finally:
            load.kill()
    lines = lines_of(load.lines)
    assert len(lines) > 150
    assert {(line["verdict"], line["version"], line["reason"]) for line in lines} == {("ok", version, "")}


def test_a_body_that_the_service_refuses_ends_the_plan(package: Path, place: Place) -> None:
    """Nobody can say what is right for it."""
    with pytest.raises(StepFailed, match="refused a body"):
        expected.predict(package, [Body("single", "[]x")], place)


def test_a_package_that_cannot_be_served_ends_the_plan(place: Place, tmp_path: Path) -> None:
    """With the service's own last words."""
    with pytest.raises(StepFailed, match="did not start"):
        expected.predict(tmp_path / "none", [], place)

"""A fault, played on a whole stage under load; `make rehearse-faults` plays them all."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from .conftest import Stage

pytestmark = [pytest.mark.slow, pytest.mark.alone]

NAME = "terminal-killed"


@pytest.fixture(scope="module")
def report(stage: Stage) -> Mapping[str, Any]:
    """Play one of the catalogue, fast, and return what came of it."""
    running = stage.start("--faults", "--fault", NAME, "--speed", "120", "--json")
    code = running.finish(timeout=400)
    assert code in {0, 1}, running.said()
    assert running.stdout.startswith(b"{"), running.said()
    found: Mapping[str, Any] = json.loads(running.stdout)
    return found


def test_a_fault_ends_as_it_should_and_costs_nothing(report: Mapping[str, Any]) -> None:
    """On the new version here, with the stage at rest again."""
    (fault,) = report["faults"]
    assert fault["name"] == NAME
    assert fault["passed"], fault["observed"]
    assert fault["lost"] == 0
    assert fault["recovered_s"] > 0


def test_what_the_load_saw_agrees(report: Mapping[str, Any]) -> None:
    """The judge of the whole run comes to the same; what this machine can bear is for a quiet one."""
    broken = {one["name"]: one["evidence"] for one in report["promises"] if one["verdict"] == "fail"}
    assert set(broken) <= {"latency", "load"}, broken
    outcomes = [(one["fault"], one["outcome"]) for one in report["releases"]]
    assert outcomes == [(NAME, "shipped")]


def test_nothing_is_left_behind(report: Mapping[str, Any], stage: Stage) -> None:
    """Also after a program that was killed in the middle."""
    assert report["faults"]
    stage.assert_nothing_remains()

"""`report.json` is what its schema says, and tells what the run came to."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]  # ships no types

from rehearsal.region.ending import Pretend
from rehearsal.report import document as made
from rehearsal.report.document import Document
from tests.rehearsal.report.sample import failing, passing, pretending

pytestmark = pytest.mark.slow  # judges whole runs


@pytest.fixture(scope="module")
def passed() -> Document:
    """The report of a run that kept every promise."""
    return passing()


@pytest.fixture(scope="module")
def validator() -> Draft202012Validator:
    """What checks a report."""
    schema = json.loads(made.SCHEMA.read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def test_reports_are_what_their_schema_says(
    passed: Document, validator: Draft202012Validator, tmp_path: Path
) -> None:
    """As they are read back from the file, whether the run passed, failed or pretended."""
    for report in (passed, failing(), pretending()):
        made.write(report, tmp_path / "report.json")
        validator.validate(json.loads((tmp_path / "report.json").read_text(encoding="utf-8")))


@pytest.mark.parametrize(
    "path",
    [
        ["verdict"],
        ["pretend"],
        ["requests", "sent"],
        ["p99_ms", "shift"],
        ["releases", 0, "lost"],
        ["faults", 0, "recovered_s"],
    ],
)
def test_the_schema_misses_what_machines_read(
    passed: Document, validator: Draft202012Validator, path: list[str | int]
) -> None:
    """A report without a member that is read elsewhere is none; neither is one with a member too many."""
    report = copy.deepcopy(passed)
    inner: Any = report
    for step in path[:-1]:
        inner = inner[step]
    del inner[path[-1]]
    assert not validator.is_valid(report)
    inner[path[-1]] = "unheard of"
    assert not validator.is_valid(report)


def test_a_report_names_every_mistake_that_can_be_made_on_purpose() -> None:
    """And says of any other run that it made none."""
    named = json.loads(made.SCHEMA.read_text(encoding="utf-8"))["properties"]["pretend"]["enum"]
    assert named == ["", *(mistake.value for mistake in Pretend)]


def test_the_report_tells_what_the_run_came_to(passed: Document) -> None:
    """The members that issues and scripts rely on."""
    assert (passed["verdict"], passed["pretend"]) == ("pass", "")
    lost = passed["requests"]["within_bad_share"]
    assert passed["requests"] == {
        "sent": 22000,
        "failed": lost,
        "wrong": 0,
        "late": 0,
        "within_bad_share": lost,
        "outside_bad_share": 0,
        "connections": {"new": 11000, "reused": 11000},
        "kinds": {"batch": 5500, "single": 16500},
        "lag_p99_ms": 0.0,
    }
    assert 0 < passed["p99_ms"]["shift"] <= 2 * passed["p99_ms"]["steady"]
    told = [(one["id"], one["outcome"], one["lost"], one["lost_outside"]) for one in passed["releases"]]
    assert told == [("r1", "shipped", 0, 0), ("r2", "rolled back", lost, 0), ("r3", "shipped", 0, 0)]
    assert [(one["name"][:3], one["lost"], one["recovered_s"], one["speed"]) for one in passed["faults"]] == [
        ("5xx", lost, 13.2, 30.0),
        ("old", 0, 1.4, 240.0),
    ]
    counts = {fate: passed["resources"][fate] for fate in ("deployed", "rehearsed", "not rehearsed", "total")}
    assert counts == {"deployed": 15, "rehearsed": 3, "not rehearsed": 1, "total": 19}
    assert sum(row["count"] for row in passed["resources"]["rows"]) == 19


def test_what_nothing_accounts_for_is_listed_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """However few are listed, requests lost outside a bad version's share come before those within it."""
    monkeypatch.setattr(made, "MOST_FAILURES", 61)
    failures = failing()["failures"]
    assert failures["count"] > 61
    assert [one["within_bad_share"] for one in failures["shown"]] == [False] * 60 + [True]


def test_no_request_is_missing_from_the_series(passed: Document) -> None:
    """The stretches add up to all that was sent."""
    rows = passed["series"]["rows"]
    answered = sum(sum(row["answers"].values()) for row in rows)
    assert answered + sum(row["failed"] + row["wrong"] for row in rows) == 22000
    assert [row["t"] for row in rows] == list(range(0, 110, passed["series"]["length_s"]))

"""What a load sends, and what it takes for right."""

import json
from pathlib import Path

import pytest

from rehearsal.errors import Misuse
from rehearsal.load.plan import Body, Plan, bodies_of, records_of


def test_bodies_are_single_records_and_batches() -> None:
    """The records are taken in turn, however many bodies there are."""
    assert bodies_of([{"x": 1}, {"x": 2}, {"x": 3}], singles=2, batches=(2,)) == (
        Body("single", '{"x": 1}'),
        Body("single", '{"x": 2}'),
        Body("batch", '{"records": [{"x": 3}, {"x": 1}]}'),
    )


def test_records_are_those_of_the_packages_probes(tmp_path: Path) -> None:
    """The probes of a model package are requests as a client sends them."""
    probes = {"probes": [{"name": "a", "record": {"x": 1}, "prediction": 2.0}]}
    (tmp_path / "probes.json").write_text(json.dumps(probes), encoding="utf-8")
    assert records_of(tmp_path) == [{"x": 1}]


def test_a_plan_that_cannot_be_sent_says_all_that_is_wrong() -> None:
    """Odd rate, odd senders, a prediction that is missing and one that is no number: four sentences."""
    with pytest.raises(Misuse) as raised:
        Plan(
            url="http://127.0.0.1/",
            bodies=(Body("single", "{}"), Body("single", "{}")),
            predictions={"v1": ((float("nan"),),)},
            rate=3,
            senders=0,
        )
    assert str(raised.value) == (
        "The load's rate must be even and above 0. The load's senders must be even and above 0. "
        "Each version must predict something for every body. Every prediction must be a finite number."
    )

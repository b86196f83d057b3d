"""Which records become golden requests."""

import numpy as np

from model.probes import COUNT, choose_probes
from model.schema import FIELDS

CLEAN = {field.name: field.example for field in FIELDS}


def test_probes_reach_from_the_lowest_to_the_highest_prediction() -> None:
    """First the emptiest and the dirty records, then the rest, evenly over what is predicted."""
    records: list[dict[str, object]] = [{**CLEAN, "A6": at} for at in range(40)]
    records[7]["A2"] = None
    records[3]["A5"] = records[9]["A5"] = "700"
    records[11] = records[9]
    predictions = np.random.default_rng(0).permutation(40) / 40
    predictions[[7, 3, 9, 11]] = 0.5
    probes = choose_probes(records, predictions)
    assert [probe["name"][3:] for probe in probes[:3]] == ["missing values", *["slip of the pen"] * 2]
    assert [probe["record"]["A6"] for probe in probes[:3]] == [7, 3, 9]
    typical = [probe["prediction"] for probe in probes[3:]]
    assert typical == sorted(typical)
    assert (typical[0], typical[-1]) == (predictions.min(), predictions.max())
    assert np.diff(typical).max() < 0.25
    assert len(probes) == COUNT


def test_repeated_records_are_asked_once() -> None:
    """Records that are alike make one probe; others take the places."""
    records = [{**CLEAN, "A6": at // 10} for at in range(120)]
    probes = choose_probes(records, np.arange(120.0))
    assert len({probe["record"]["A6"] for probe in probes}) == len(probes) == COUNT

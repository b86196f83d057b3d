"""What was going on when, from the timeline."""

from dataclasses import replace

import pytest

from rehearsal.judge.phases import Phase, gaps, moving, phases
from rehearsal.judge.requests import percentile
from rehearsal.judge.weights import Shares, met_by, rises, share_at
from tests.rehearsal.judge.sample import START, V2, Sample, three_releases


def test_a_run_is_divided_into_phases_without_a_gap() -> None:
    """Each release from its install to its end, or its way back; steady is what is left."""
    played, _ = three_releases()
    assert [(one.name, one.start - START, one.end - START, one.release) for one in phases(played)] == [
        ("steady", 0, 8, ""),
        ("install", 8, 18, "r1"),
        ("shift", 18, 26, "r1"),
        ("bake", 26, 32, "r1"),
        ("steady", 32, 36, ""),
        ("install", 36, 44, "r2"),
        ("shift", 44, 49, "r2"),
        ("rollback", 49, 56, "r2"),
        ("steady", 56, 66, ""),
        ("install", 66, 76, "r3"),
        ("shift", 76, 84, "r3"),
        ("bake", 84, 92, "r3"),
        ("steady", 92, 110, ""),
    ]


@pytest.mark.parametrize(
    ("strategy", "expected"),
    [
        ("rolling", [("shift", 8, 20)]),
        ("blue-green", [("install", 8, 12), ("shift", 12, 14), ("bake", 14, 20)]),
    ],
)
def test_phases_of_other_strategies(strategy: str, expected: list[tuple[str, float, float]]) -> None:
    """Rolling moves no weights and shifts all the time; all at once, until connections have followed."""
    sample = Sample(seconds=30)
    sample.weigh(0, blue=100, green=0)
    if strategy != "rolling":
        sample.lifecycle("r", (12, "PRODUCTION_TRAFFIC_SHIFT", "in_progress"))
        sample.weigh(12, blue=0, green=100)
    sample.release("r", 8, 20, version=V2, serves=V2, strategy=strategy, engine="ecs")
    found = [(one.name, one.start - START, one.end - START) for one in phases(sample.played()) if one.release]
    assert found == expected


def test_a_release_that_fails_before_its_shift_goes_back_from_there() -> None:
    """A hook that fails ends the install."""
    sample = Sample(seconds=30)
    sample.weigh(0, blue=100, green=0)
    sample.lifecycle("r", (12, "AfterAllowTestTraffic", "Failed"))
    sample.release("r", 8, 20, version=V2, serves="")
    found = [(one.name, one.start - START, one.end - START) for one in phases(sample.played()) if one.release]
    assert found == [("install", 8, 12), ("rollback", 12, 20)]


def test_the_newcomers_share_is_what_the_live_colour_lacks() -> None:
    """Weights are relative, whatever they sum to; a repeated one is no step."""
    sample = Sample()
    sample.weigh(1, blue=0, green=5)
    sample.weigh(4, blue=1, green=3)
    sample.weigh(5, blue=25, green=75)
    sample.weigh(6, blue=9, green=0)
    shares = Shares.of(sample.events)
    steps = shares.of_newcomer(START + 2, START + 10)
    assert [(at - START, share) for at, share in steps] == [(2, 0.0), (4, 0.25), (6, 1.0)]
    assert [share_at(steps, START + at) for at in (1, 2, 5, 7)] == [0.0, 0.0, 0.25, 1.0]


@pytest.mark.parametrize(
    ("due", "ms", "lag", "shares"),
    [
        (6.0, 100.0, 0.0, {0.1}),
        (3.8, 100.0, 0.0, {0.0, 0.1}),
        (3.0, 5000.0, 0.0, {0.0, 0.1, 1.0}),
        (3.8, 800.0, 400.0, {0.0, 0.1}),
        (3.8, 1000.0, 900.0, {0.1}),
    ],
)
def test_a_request_met_every_share_that_held_while_it_was_under_way(
    due: float, ms: float, lag: float, shares: set[float]
) -> None:
    """From its sending to its answer, and a little on both sides; not from when it was due."""
    steps = [(0.0, 0.0), (4.0, 0.1), (7.0, 1.0)]
    request = replace(Sample().request(0, V2), due=due, ms=ms, lag=lag)
    assert met_by(steps, request) == shares


def test_traffic_rises_whenever_the_newcomer_had_none_before() -> None:
    """More of it is no rise, and a share from the beginning is one."""
    assert rises([(0.0, 0.0), (1.0, 0.1), (2.0, 1.0), (3.0, 0.0), (4.0, 0.5)]) == [1.0, 4.0]
    assert rises([(0.0, 1.0), (3.0, 0.0)]) == [0.0]


def test_traffic_moves_in_the_shift_and_on_the_way_back_of_what_had_some() -> None:
    """A release that failed before its shift goes back, and moves nothing."""
    played, _ = three_releases()
    found = [*phases(played), Phase("rollback", START + 100, START + 104, "r4")]
    assert [(one.name, one.start - START, one.release) for one in moving(found)] == [
        ("shift", 18, "r1"),
        ("shift", 44, "r2"),
        ("rollback", 49, "r2"),
        ("shift", 76, "r3"),
    ]


def test_gaps_are_what_nobody_takes() -> None:
    """Overlaps and what lies outside do no harm."""
    assert gaps([(5, 7), (1, 3), (2, 4), (9, 20)], 0, 10) == [(0, 1), (4, 5), (7, 9)]
    assert gaps([], 0, 10) == [(0, 10)]
    assert gaps([(-5, 20)], 0, 10) == []


@pytest.mark.parametrize(("share", "expected"), [(0.0, 1), (0.5, 2), (0.51, 3), (0.99, 4), (1.0, 4)])
def test_percentiles_are_values_that_occurred(share: float, expected: float) -> None:
    """The nearest rank: the smallest value that so many do not exceed."""
    assert percentile([4, 1, 3, 2], share) == expected
    assert percentile([], share) is None

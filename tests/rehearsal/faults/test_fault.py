"""What is judged of a fault, by values alone."""

from dataclasses import replace
from typing import Any

import pytest

from rehearsal.faults.catalogue import CATALOGUE
from rehearsal.faults.fault import MOST_AT_A_TASK, End, Fault, Loss, Observed, faults_of

SHIPPED = (
    "sha256:12929cd916df takes all traffic of staging on green: r-20261120T164117Z-12873e (ship) is done."
)
GOOD = Observed(
    end=End.NEW,
    exit_code=0,
    output=SHIPPED,
    lost=0,
    lost_outside=0,
    struck=False,
    unrest=(),
    recovered_s=21.0,
)
"""What came of a release of a good version that nothing happened to."""


def by_name(fault: Fault) -> str:
    """Return what pytest calls a case."""
    return fault.name


def as_expected(fault: Fault) -> Observed:
    """What is seen of a fault that ended as it should, with as much lost as it may cost."""
    lost = {Loss.NONE: 0, Loss.CANARY: 57, Loss.AT_THE_TASK: MOST_AT_A_TASK}[fault.expected.loss]
    return Observed(
        end=fault.expected.end,
        exit_code=fault.expected.exit_code,
        output=f"a line\n… {fault.expected.sign} …",
        lost=lost,
        lost_outside=fault.bearable,
        struck=True,
        unrest=(),
        recovered_s=4.0,
    )


@pytest.mark.parametrize("fault", CATALOGUE, ids=by_name)
def test_a_fault_that_ended_as_it_should_is_green(fault: Fault) -> None:
    """Nothing differs."""
    assert faults_of(fault, as_expected(fault)) == ()


@pytest.mark.parametrize("fault", CATALOGUE, ids=by_name)
def test_a_good_release_is_red_for_every_fault(fault: Fault) -> None:
    """A fault that did not strike proves nothing, and is told so."""
    assert "the fault never struck" in faults_of(fault, GOOD)


@pytest.mark.parametrize("fault", [one for one in CATALOGUE if one.expected.end is End.OLD], ids=by_name)
def test_a_bad_version_that_ships_is_red(fault: Fault) -> None:
    """Not for the trace alone: end and exit code speak against it too."""
    assert faults_of(fault, replace(GOOD, struck=True))[:2] == (
        "the new version has the traffic, not the old one",
        "the release ended with 0, not 1",
    )


@pytest.mark.parametrize("fault", CATALOGUE, ids=by_name)
@pytest.mark.parametrize(
    "change",
    [
        {"struck": False},
        {"end": "neither"},
        {"exit_code": -9},
        {"lost": MOST_AT_A_TASK + 1, "lost_outside": MOST_AT_A_TASK + 1},
        {"unrest": ("There are 2 task sets.",)},
    ],
    ids="-".join,
)
def test_each_thing_that_differs_is_named(fault: Fault, change: dict[str, Any]) -> None:
    """One clause, and no other."""
    assert len(faults_of(fault, replace(as_expected(fault), **change))) == 1


@pytest.mark.parametrize("fault", [one for one in CATALOGUE if one.expected.sign], ids=by_name)
def test_a_release_that_does_not_say_what_happened_is_red(fault: Fault) -> None:
    """Ending well by luck is not enough."""
    assert faults_of(fault, replace(as_expected(fault), output="")) == (
        f"the release does not say {fault.expected.sign!r}",
    )


def test_one_request_beyond_what_a_fault_may_cost_is_red() -> None:
    """None may be lost, or none outside the canary's share, or as many as one task had."""
    beyond = {Loss.NONE: (1, 0), Loss.CANARY: (58, 1), Loss.AT_THE_TASK: (201, 201)}
    for fault in CATALOGUE:
        lost, outside = beyond[fault.expected.loss]
        seen = replace(as_expected(fault), lost=lost, lost_outside=outside)
        assert faults_of(fault, seen) == (f"{lost} requests were lost ({fault.expected.loss} may be)",)


def test_only_two_faults_may_cost_a_canarys_share() -> None:
    """Those that show under production traffic alone; beside them, a task that dies at once has requests."""
    costly = {one.name: one.expected.loss for one in CATALOGUE if one.expected.loss is not Loss.NONE}
    assert costly == {
        "slow-in-production": Loss.CANARY,
        "errors-in-production": Loss.CANARY,
        "old-task-crashes": Loss.AT_THE_TASK,
        "new-task-crashes": Loss.AT_THE_TASK,
    }

"""How a fault is written down, and that an act which fails spoils nothing but its own fault."""

from dataclasses import replace
from pathlib import Path

from rehearsal.errors import StepFailed
from rehearsal.faults.catalogue import chosen
from rehearsal.faults.fault import Fault, Observed
from rehearsal.faults.play import Course, acted
from rehearsal.faults.strike import Hit, Strike
from rehearsal.judge import played
from rehearsal.releases import Ended

from .stand_in import StandIn

(CRASHING,) = chosen(["old-task-crashes"])
SEEN = Observed(
    end="old",
    exit_code=1,
    output="load-balancer-errors",
    lost=31,
    lost_outside=31,
    struck=True,
    unrest=(),
    recovered_s=4.26,
)


def test_a_fault_is_written_as_the_judge_reads_it() -> None:
    """Expected and observed for people, and what it may cost for the judge."""
    assert Course(SEEN, None, Hit(12.0, "a task died"), 10.0, 30.0, ()).written(CRASHING) == played.Fault(
        name="old-task-crashes",
        expected="old version live, refused or turned back, lost at most those of one task",
        observed="old version live, exit code 1",
        passed=True,
        started=10.0,
        ended=30.0,
        recovered_s=4.3,
        bearable=200,
        struck=12.0,
        speed=None,
    )


def test_a_fault_that_went_otherwise_says_how_and_never_recovered() -> None:
    """While the stage is not at rest there is no time to recover."""
    course = Course(
        replace(SEEN, unrest=("There are 2 task sets.",)),
        None,
        None,
        10.0,
        90.0,
        ("this differs", "that too"),
    )
    found = course.written(CRASHING)
    assert (found.passed, found.observed, found.recovered_s) == (False, "this differs; that too", None)


def failing(strike: Strike) -> Ended:
    """Change something, then wait for what does not come."""
    strike.finally_do(lambda: strike.said.append("put back"))
    raise StepFailed("A red alarm did not come\nwithin 90 s.")


def test_an_act_that_fails_is_told_and_put_back(tmp_path: Path) -> None:
    """The next fault begins on a stage as it was."""
    strike = StandIn(tmp_path).strike()
    fault: Fault = replace(CRASHING, act=failing)
    assert acted(strike, fault) == (None, "A red alarm did not come within 90 s.")
    assert strike.said == ["put back"]


def broken(_: Strike) -> Ended:
    """Somebody's own act, with a mistake in it."""
    raise IndexError("list index out of range")


def test_a_mistake_in_somebodys_act_fails_that_fault_alone(tmp_path: Path) -> None:
    """It is told in a sentence, and the other faults are played."""
    strike = StandIn(tmp_path).strike()
    assert acted(strike, replace(CRASHING, act=broken)) == (
        None,
        "its act failed with IndexError('list index out of range')",
    )

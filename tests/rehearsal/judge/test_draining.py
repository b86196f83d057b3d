"""The promise that tasks drain before they end, about made-up ends of tasks."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rehearsal.judge import draining
from rehearsal.judge.facts import Facts, Found
from rehearsal.judge.losses import Loss
from rehearsal.judge.played import Due
from rehearsal.judge.requests import Requests
from rehearsal.judge.weights import Shares
from tests.rehearsal.judge.sample import Sample

Tell = Callable[[Sample], object]
SECONDS = st.floats(0.0, 300.0, allow_nan=False)


def judged(*tells: Tell, due: Due | None = None) -> Found:
    """The verdict on a run of which the timeline tells this."""
    sample = Sample()
    for tell in tells:
        tell(sample)
    played = replace(sample.played(), due=due)
    return draining.judge(Facts(played, Requests.of([]), Shares.of([]), Loss([], []), {}, {}, None))


def ended(sample: Sample, *, drained: float = 0.8, told: float = 11.0, killed: float | None = None) -> None:
    """End a task at 0:20, which has 0.75 s to drain and 10 s to end."""
    sample.task(20.0 - drained, "a1", "draining", least_s=0.75)
    sample.task(20.0, "a1", "stopping", least_s=10.0)
    if killed is not None:
        sample.task(20.0 + killed, "a1", "killed")
    sample.task(20.0 + told, "a1", "stopped", exit_code=0)


@pytest.mark.parametrize(
    "tell",
    [
        pytest.param(ended, id="drained and told"),
        pytest.param(lambda sample: ended(sample, killed=10.1), id="killed after its stop timeout"),
        pytest.param(lambda sample: ended(sample, drained=0.71), id="a wait that the clock shortened"),
    ],
)
def test_a_task_that_ends_in_order_keeps_the_promise(tell: Tell) -> None:
    """Deregistered, drained, told to end, and killed if it must be."""
    assert judged(tell)[0] == "pass"


def test_a_task_that_no_load_balancer_knew_has_nothing_to_wait_for() -> None:
    """One that never became a target is told to end at once, and says nothing of draining."""
    assert judged(no_target) == ("not played", "No target was told to end.")
    assert judged(no_target, ended) == (
        "pass",
        "All 1 targets that were told to end had drained; 0 had to be killed.",
    )
    assert judged(no_target, killed_too_soon, ended)[0] == "fail"


@pytest.mark.parametrize("is_target", [True, False])
def test_a_healthy_target_is_never_taken_for_a_task_that_no_load_balancer_knew(is_target: bool) -> None:  # noqa: FBT001
    """Whatever the one who ends it says."""

    def tell(sample: Sample) -> None:
        sample.task(2.0, "b1", "healthy", is_target=is_target)

    said = "1 of 2 tasks ended in a wrong order: "
    said += "task b1 was a healthy target and was given no time to drain (at 0:03)."
    assert judged(tell, no_target, ended) == (("fail", said) if is_target else judged(no_target, ended))


@pytest.mark.parametrize(
    "tell",
    [
        pytest.param(lambda sample: sample.task(5, "a1", "stopped", exit_code=137), id="killed by somebody"),
        pytest.param(lambda sample: sample.task(5, "a1", "stopped", exit_code=3), id="crashed"),
        pytest.param(lambda sample: sample.task(5, "a1", "killed", by="kernel"), id="out of memory"),
        pytest.param(lambda sample: sample.task(5, "a1", "draining", least_s=0.75), id="still draining"),
        pytest.param(lambda sample: sample.weigh(5, blue=100), id="no task at all"),
    ],
)
def test_what_dies_of_itself_was_not_ended(tell: Tell) -> None:
    """It says nothing of the order in which tasks are ended, so a run with nothing else shows nothing."""
    assert judged(tell) == ("not played", "No target was told to end.")
    assert judged(tell, ended)[0] == "pass"


def no_target(sample: Sample) -> None:
    """End a task that no load balancer knew."""
    sample.task(3.0, "b1", "draining", least_s=None)
    sample.task(3.0, "b1", "stopping", least_s=10.0)


def killed_too_soon(sample: Sample) -> None:
    """Kill it before its stop timeout is over."""
    sample.task(12.0, "b1", "killed")


def sigterm_first(sample: Sample) -> None:
    """Tell a task to end, and deregister it when it has."""
    sample.task(20.0, "a1", "stopping", least_s=10.0)
    sample.task(20.4, "a1", "draining", least_s=0.75)


def without_draining(sample: Sample) -> None:
    """Deregister a task and kill it at once."""
    sample.task(20.0, "a1", "draining", least_s=0.75)
    sample.task(20.05, "a1", "killed")


def never_told(sample: Sample) -> None:
    """Kill a task that has drained."""
    sample.task(20.0, "a1", "draining", least_s=0.75)
    sample.task(21.0, "a1", "killed")


def no_delay(sample: Sample) -> None:
    """End a task of a target group with no deregistration delay."""
    sample.task(19.0, "a1", "draining", least_s=0.0)
    sample.task(20.0, "a1", "stopping", least_s=10.0)


@pytest.mark.parametrize(
    ("tell", "why"),
    [
        (sigterm_first, "was ended before it was deregistered (at 0:20)"),
        (without_draining, "drained for 0.05 of 0.75 s (at 0:20)"),
        (never_told, "was killed without being told to end (at 0:21)"),
        (no_delay, "has target groups whose deregistration delay is 0 (at 0:20)"),
        (lambda sample: ended(sample, drained=0.69), "drained for 0.69 of 0.75 s (at 0:20)"),
        (lambda sample: ended(sample, killed=9.9), "was killed after 9.90 of 10.00 s (at 0:20)"),
    ],
)
def test_each_wrong_order_is_seen_and_named(tell: Tell, why: str) -> None:
    """However draining is switched off, also among tasks that end as they should."""

    def others(sample: Sample) -> None:
        sample.end(40.0, "b1", "b2")

    assert judged(tell, others) == ("fail", f"1 of 3 tasks ended in a wrong order: task a1 {why}.")


@given(least=SECONDS, drained=SECONDS)
def test_a_drain_is_judged_by_what_its_target_groups_ask_for(least: float, drained: float) -> None:
    """Whatever that is: as long is enough, shorter is not, and none is draining switched off."""

    def tell(sample: Sample) -> None:
        sample.task(0.0, "a1", "draining", least_s=least)
        sample.task(drained, "a1", "stopping", least_s=10.0)

    verdict, _ = judged(tell)
    if least == 0 or drained < least - draining.SLACK - 0.01:
        assert verdict == "fail"
    if drained >= least > 0:
        assert verdict == "pass"


@pytest.mark.parametrize(
    ("due", "why"),
    [
        (Due(drain=0.75, stop=10.0), ""),
        (Due(drain=1.5, stop=10.0), "drained for 0.80 of 1.50 s (at 0:20)"),
        (Due(drain=0.75, stop=20.0), "was killed after 11.00 of 20.00 s (at 0:20)"),
        (Due(drain=0.0, stop=10.0), "has target groups whose deregistration delay is 0 (at 0:20)"),
    ],
)
def test_what_is_described_goes_before_what_the_one_who_ends_a_task_says(due: Due, why: str) -> None:
    """Who ends it is judged, and believed nothing that can be known from elsewhere."""

    def tell(sample: Sample) -> None:
        ended(sample, killed=11.0)

    verdict, evidence = judged(tell, due=due)
    assert verdict == ("fail" if why else "pass")
    assert why in evidence
    assert judged(no_target, due=due)[0] == "not played"

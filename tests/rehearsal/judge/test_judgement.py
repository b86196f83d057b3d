"""What a run comes to: the same made-up run, right and with one thing broken at a time."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import pytest

from rehearsal.judge.judgement import Judgement, judge
from rehearsal.judge.played import Fault, Played
from rehearsal.judge.requests import Request, Requests
from tests.rehearsal.judge.sample import BAD, BROKEN, START, V1, V2, failed, three_releases, wrong

pytestmark = pytest.mark.slow  # judges whole runs

Run = tuple[Played, list[Request]]


@pytest.fixture(scope="module")
def run() -> Run:
    """Three releases, of which the second is bad."""
    return three_releases()


def verdicts(judgement: Judgement) -> dict[str, str]:
    """The verdict on each promise."""
    return {promise.name: promise.verdict for promise in judgement.promises}


def broken(run: Run, change: Callable[[Request], Request], start: float, end: float) -> Judgement:
    """Judge the run with some of its requests changed, those due between two times."""
    played, requests = run
    changed = [change(one) if start <= one.due - START < end else one for one in requests]
    return judge(played, Requests.of(changed))


def test_a_run_as_it_should_be_keeps_every_promise(run: Run) -> None:
    """What the bad version lost is within its share; no fault was played."""
    found = judge(run[0], Requests.of(run[1]))
    assert found.passed
    assert verdicts(found) == {
        "load": "pass",
        "nothing lost": "pass",
        "nothing wrong": "pass",
        "latency": "pass",
        "gate": "pass",
        "outcomes": "pass",
        "live version": "pass",
        "draining": "pass",
        "faults": "not played",
    }
    lost = [one for one in run[1] if one.lost]
    assert len(lost) > 50
    assert (list(found.loss.inside), list(found.loss.outside)) == (lost, [])
    assert [promise.evidence for promise in found.promises if promise.name == "nothing lost"] == [
        f"0 of 22,000 requests failed outside a bad version's canary share, {len(lost)} within it."
    ]


@pytest.mark.parametrize(
    ("change", "span", "promise"),
    [
        pytest.param(failed, (60.0, 60.005), "nothing lost", id="one error while nothing happens"),
        pytest.param(failed, (20.0, 20.005), "nothing lost", id="one error while a good version shifts"),
        pytest.param(failed, (46.0, 47.0), "nothing lost", id="more errors than the bad version's share"),
        pytest.param(failed, (51.0, 51.005), "nothing lost", id="one error after traffic has gone back"),
        pytest.param(lambda one: wrong(one, V2), (45.0, 45.005), "nothing wrong", id="the good one lies"),
        pytest.param(lambda one: replace(one, ms=one.ms * 4), (18.0, 26.0), "latency", id="slow shifts"),
        pytest.param(lambda one: replace(one, version=V1), (60.0, 60.005), "live version", id="an old one"),
    ],
)
def test_one_broken_thing_breaks_its_promise(
    run: Run, change: Callable[[Request], Request], span: tuple[float, float], promise: str
) -> None:
    """Each promise is seen to fail, and no other with it."""
    found = broken(run, change, *span)
    assert not found.passed
    assert [name for name, verdict in verdicts(found).items() if verdict == "fail"] == [promise]


def test_a_wrong_answer_of_the_bad_version_is_within_its_share(run: Run) -> None:
    """It tells its version itself."""
    found = broken(run, lambda one: wrong(one, BAD) if one.lost else one, 44.0, 49.1)
    assert verdicts(found)["nothing wrong"] == "pass"
    assert {one.version for one in found.loss.inside} == {BAD}


@pytest.mark.parametrize(("at", "verdict"), [(43.6, "fail"), (43.8, "pass"), (49.2, "pass"), (49.4, "fail")])
def test_the_share_has_an_edge_as_wide_as_connections_need(run: Run, at: float, verdict: str) -> None:
    """Weights move a little before the timeline tells, and a request may be under way when they move back."""
    found = broken(run, partial(failed, reason=BROKEN), at - 0.0025, at + 0.0025)
    assert verdicts(found)["nothing lost"] == verdict


def test_a_version_that_answers_before_its_gate_breaks_two_promises(run: Run) -> None:
    """Nobody had asked it, and it had no traffic."""
    found = broken(run, lambda one: replace(one, version=BAD), 40.0, 40.005)
    assert [name for name, verdict in verdicts(found).items() if verdict == "fail"] == [
        "gate",
        "live version",
    ]


def test_a_release_that_ends_otherwise_breaks_the_promise_of_outcomes(run: Run) -> None:
    """The sentence names it, what it came to and what it should have come to."""
    played = run[0]
    releases = [replace(one, outcome="unclear") if one.id == "r3" else one for one in played.releases]
    found = judge(replace(played, releases=releases), Requests.of(run[1]))
    assert verdicts(found)["outcomes"] == "fail"
    assert "r3 unclear, not shipped." in [promise.evidence for promise in found.promises]


def test_a_fault_is_judged_and_its_losses_counted(run: Run) -> None:
    """Those within the bad version's share apart from those outside of it."""
    fault = Fault(
        name="5xx",
        expected="rolled back",
        observed="shipped",
        passed=False,
        started=START + 36,
        ended=START + 58,
        recovered_s=13.0,
    )
    found = judge(replace(run[0], faults=(fault,)), Requests.of(run[1]))
    assert verdicts(found)["faults"] == "fail"
    assert found.lost_in(fault) == (len(found.lost), 0)
    assert [(phase.start - START, phase.end - START) for phase in found.phases if phase.name == "fault"] == [
        (56.0, 58.0)
    ]


def test_nothing_is_shown_by_a_run_without_requests(run: Run) -> None:
    """No request is no proof."""
    found = judge(run[0], Requests.of([]))
    assert not found.passed
    assert verdicts(found)["nothing lost"] == "fail"


def test_latency_leaves_out_what_the_bad_version_answered(run: Run) -> None:
    """Its slowness is its own; the shifts' p99 is what everybody else felt."""
    slow = broken(
        run, lambda one: replace(one, version=BAD, verdict="ok", ms=900) if one.lost else one, 44, 50
    )
    assert verdicts(slow)["latency"] == "pass"
    p99 = slow.latency["shift"].p99
    assert p99 is not None
    assert p99 < 20

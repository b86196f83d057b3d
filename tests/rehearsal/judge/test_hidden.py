"""Losses that are easily taken for a bad version's, or not seen at all: each one makes a run red."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from rehearsal.judge import losses
from rehearsal.judge.judgement import Judgement, judge
from rehearsal.judge.played import Event, Fault, Played
from rehearsal.judge.requests import Request, Requests
from tests.rehearsal.judge.sample import (
    BAD,
    START,
    V1,
    V2,
    V3,
    Sample,
    canary,
    failed,
    three_releases,
    wrong,
)

pytestmark = pytest.mark.slow  # judges whole runs

Run = tuple[Played, list[Request]]
Change = Callable[[Request], Request]


@pytest.fixture(scope="module")
def run() -> Run:
    """Three releases, of which the second is bad: as it should be."""
    return three_releases()


def red(found: Judgement) -> list[str]:
    """The promises that were broken."""
    return [promise.name for promise in found.promises if promise.verdict == "fail"]


def evidence(found: Judgement, name: str) -> str:
    """What a verdict rests on."""
    return next(promise.evidence for promise in found.promises if promise.name == name)


def changed(
    requests: Sequence[Request], change: Change, start: float, end: float, most: int
) -> list[Request]:
    """Change the first so many good answers that were due between two times."""
    found = list(requests)
    due = [place for place, one in enumerate(requests) if start <= one.due - START < end and not one.lost]
    for place in due[:most]:
        found[place] = change(found[place])
    return found


def refused(request: Request) -> Request:
    """Return the request as one that nobody took."""
    return failed(request, "connection refused")


@pytest.mark.parametrize(
    ("change", "at", "promise"),
    [
        pytest.param(refused, 46.0, "nothing lost", id="a refused connection in the canary"),
        pytest.param(refused, 49.1, "nothing lost", id="a refused connection on the way back"),
        pytest.param(failed, 46.0, "nothing lost", id="a 503 in the canary"),
        pytest.param(
            lambda one: failed(one, "status 500: another one"), 46.0, "nothing lost", id="another 500"
        ),
        pytest.param(
            lambda one: replace(wrong(one, ""), reason="the answer is not JSON"),
            46.0,
            "nothing wrong",
            id="an answer that tells no version",
        ),
        pytest.param(lambda one: wrong(one, V2), 46.0, "nothing wrong", id="a wrong answer of the good one"),
    ],
)
def test_one_loss_in_the_canary_of_a_bad_version_is_not_its_own(
    run: Run, change: Change, at: float, promise: str
) -> None:
    """It loses requests in one way only; whatever is lost otherwise is lost, however much it may lose."""
    found = judge(run[0], Requests.of(changed(run[1], change, at, at + 1, 1)))
    assert red(found) == [promise]
    assert len(found.loss.outside) == 1


def test_the_evidence_says_why_when_and_in_which_phase(run: Run) -> None:
    """The two commonest reasons, from when until when."""
    requests = changed(run[1], refused, 9.0, 10.0, 3)
    requests = changed(requests, failed, 72.0, 73.0, 2)
    found = judge(run[0], Requests.of(changed(requests, lambda one: failed(one, "odd"), 70.0, 71.0, 1)))
    assert evidence(found, "nothing lost").partition("share, ")[2].partition(". ")[2] == (
        "Mostly: connection refused (3), status 503: no healthy upstream (2); "
        "due from 0:09 to 1:12, in install."
    )


def test_losses_at_a_dying_task_end_with_it(run: Run) -> None:
    """At most so many, of requests that no task answered, within three seconds of the strike."""
    fault = Fault(
        name="old-task-crashes",
        expected="",
        observed="",
        passed=True,
        started=START + 66,
        ended=START + 95,
        recovered_s=1.0,
        bearable=20,
        struck=START + 70.0,
    )

    def outside(change: Change, at: float, most: int, **more: float | None) -> int:
        played = replace(run[0], faults=[replace(fault, **more)])  # type: ignore[arg-type]  # names of floats
        return len(losses.split(played, Requests.of(changed(run[1], change, at, at + 2, most))).outside)

    unsent = "not sent: every sender was waiting for an answer"
    assert outside(refused, 70.5, 20) == 0
    assert outside(refused, 70.5, 25) == 5
    assert outside(refused, 73.1, 1) == 1
    assert outside(refused, 68.0, 1) == 1
    assert outside(refused, 70.5, 1, struck=None) == 1
    assert outside(lambda one: wrong(one, V2), 70.5, 1) == 1
    assert outside(lambda one: failed(one, "status 500: no"), 70.5, 1) == 1
    assert outside(lambda one: failed(one, unsent), 70.5, 1) == 1


def without(events: Sequence[Event], *kinds: str) -> list[Event]:
    """The events of the bad release taken away."""
    return [one for one in events if one["kind"] not in kinds or not START + 42 <= one["at"] <= START + 50]


def test_a_bad_version_that_never_met_clients_shows_nothing(run: Run) -> None:
    """Whether it got no share, or lost nothing of it, or no alarm took it back."""
    played, requests = run
    good = [replace(one, status=200, verdict="ok", version=V2) if one.lost else one for one in requests]
    told = "r2: the bad version never met clients."
    unshared = judge(replace(played, events=without(played.events, "weights")), Requests.of(good))
    assert (red(unshared), evidence(unshared, "outcomes")) == (["outcomes"], told)
    unharmed = judge(played, Requests.of(good))
    assert (red(unharmed), evidence(unharmed, "outcomes")) == (["outcomes"], told)
    quiet = judge(replace(played, events=without(played.events, "alarm")), Requests.of(requests))
    assert (red(quiet), evidence(quiet, "outcomes")) == (
        ["outcomes"],
        "r2: no alarm turned the bad version back.",
    )
    stopped = [replace(one, reason="somebody stopped it" if one.bad else "") for one in played.releases]
    assert red(judge(replace(played, releases=stopped), Requests.of(requests))) == ["outcomes"]


def test_a_bad_version_that_is_only_slow_must_have_been(run: Run) -> None:
    """It loses nothing, so what its clients waited for tells that it met some."""
    played, requests = run
    releases = [replace(one, fails_with=()) for one in played.releases]

    def answered(ms: float) -> Judgement:
        slow = [
            replace(one, status=200, verdict="ok", version=BAD, ms=ms) if one.lost else one
            for one in requests
        ]
        return judge(replace(played, releases=releases), Requests.of(slow))

    assert red(answered(3000.0)) == []
    assert red(answered(30.0)) == ["outcomes"]


def test_a_wrong_order_that_costs_no_request_is_noticed(run: Run) -> None:
    """By canary the tasks that end have no traffic; that they never drained is told all the same."""
    played, requests = run
    undrained = [one for one in played.events if one.get("what") != "draining"]
    found = judge(replace(played, events=undrained), Requests.of(requests))
    assert red(found) == ["draining"]
    assert evidence(found, "draining").startswith("6 of 6 tasks ended in a wrong order: task b1 was ended ")


def kept(run: Run, keep: Callable[[Request], bool]) -> Judgement:
    """Judge the run with the requests that are kept."""
    return judge(run[0], Requests.of([one for one in run[1] if keep(one)]))


@pytest.mark.parametrize(
    ("keep", "told"),
    [
        pytest.param(
            lambda one: not 96 <= one.due - START < 106,
            "10.01 s without a request over new connections",
            id="ten seconds without load",
        ),
        pytest.param(
            lambda one: not 60 <= one.due - START < 60.1,
            " s without a request over new connections",
            id="a tenth of a second without load",
        ),
        pytest.param(
            lambda one: one.connection == "new", "0 requests over reused connections, not 11,000", id="half"
        ),
        pytest.param(
            lambda one: not (one.connection == "new" and 60 <= one.due - START < 60.035),
            "10,996 requests over new connections, not 11,000",
            id="four requests",
        ),
    ],
)
def test_load_that_is_missing_is_noticed(run: Run, keep: Callable[[Request], bool], told: str) -> None:
    """What was never sent cannot be lost, so all that was due must be there."""
    found = kept(run, keep)
    assert "load" in red(found)
    assert told in evidence(found, "load")


def test_a_kind_of_request_that_is_missing_is_noticed(run: Run) -> None:
    """However many of the other there are."""
    single = [replace(one, kind="single") if one.due - START >= 60 else one for one in run[1]]
    found = judge(run[0], Requests.of(single))
    assert red(found) == ["load"]
    assert "without a batch request over new connections" in evidence(found, "load")


@pytest.mark.parametrize(("unaccounted", "broken"), [(2, []), (3, ["load"])])
def test_requests_that_no_line_tells_of_are_noticed(run: Run, unaccounted: int, broken: list[str]) -> None:
    """The load says how many it could not send; they were due at some time."""
    assert red(judge(replace(run[0], unaccounted=unaccounted), Requests.of(run[1]))) == broken


def test_a_load_of_which_nobody_knows_how_much_was_due_shows_nothing(run: Run) -> None:
    """A rate that is not told is no rate that was kept."""
    assert red(judge(replace(run[0], rate=0.0), Requests.of(run[1]))) == ["load"]


def slowed(run: Run, start: float, end: float, *, most: int = 10**6, ms: float = 2000.0) -> Judgement:
    """Judge the run with answers that took longer for a while."""
    return judge(
        run[0], Requests.of(changed(run[1], lambda one: replace(one, ms=one.ms + ms), start, end, most))
    )


def test_the_way_back_is_no_slower_than_the_way_there(run: Run) -> None:
    """Two seconds more while traffic goes back break the promise, and the evidence names the release."""
    releases = [replace(one, fault="") for one in run[0].releases]
    found = slowed((replace(run[0], releases=releases), run[1]), 49, 56)
    assert red(found) == ["latency"]
    assert evidence(found, "latency").partition("Slower: ")[2].endswith(" ms in r2.")
    moved = found.moved
    assert moved is not None
    assert moved.p99 is not None
    assert moved.p99 > 2000


def test_one_slow_release_does_not_vanish_among_others(run: Run) -> None:
    """Of one shift 2 % are slow, of all requests while traffic moves far less than 1 %."""
    found = slowed(run, 76, 77, most=32)
    moved, steady = found.moved, found.latency["steady"]
    assert moved is not None
    assert moved.p99 is not None
    assert steady.p99 is not None
    assert moved.p99 <= 2 * steady.p99
    assert red(found) == ["latency"]


def test_a_release_on_which_a_fault_was_played_is_judged_among_all(run: Run) -> None:
    """What is slow for a task that died vanishes among others, and is no less part of them all."""
    releases = [replace(one, fault="task-died" if one.id == "r3" else "") for one in run[0].releases]
    struck = (replace(run[0], releases=releases), run[1])
    assert red(slowed(struck, 76, 77, most=32)) == []
    assert red(slowed(struck, 76, 84)) == ["latency"]
    every = replace(run[0], releases=[replace(one, fault="task-died") for one in releases])
    assert red(slowed((every, run[1]), 76, 77, most=32)) == []


def test_install_and_bake_are_told_and_not_judged(run: Run) -> None:
    """No traffic moves in them; the evidence says how slow they were."""
    found = slowed(run, 8, 18, ms=500.0)
    assert red(found) == []
    assert "Told, not judged: 50" in evidence(found, "latency")


def test_a_slow_machine_shows_nothing(run: Run) -> None:
    """Where all is slow, or the load itself is late, a shift that is no slower is no promise kept."""
    slow = slowed(run, 0, 200, ms=100.0)
    late = judge(run[0], Requests.of([replace(one, lag=60.0, ms=one.ms + 60) for one in run[1]]))
    assert (red(slow), red(late)) == (["latency"], ["latency"])
    assert evidence(slow, "latency").startswith("Too noisy to say: the steady p99 is above 100 ms. ")
    assert evidence(late, "latency").startswith("Too noisy to say: k6 itself was up to 60 ms late (p99). ")


@pytest.mark.parametrize(
    ("lag", "told"), [(9.0, "Slower: 32."), (13.0, "Too noisy to say: k6 itself was up to 13 ms")]
)
def test_what_was_slower_by_the_loads_own_lag_is_noise(run: Run, lag: float, told: str) -> None:
    """It is broken in any case; the evidence says whether the load may have been what was late."""
    late = changed(run[1], lambda one: replace(one, lag=lag, ms=one.ms + 22), 18, 26, 10**6)
    found = judge(run[0], Requests.of(late))
    assert red(found) == ["latency"]
    assert told in evidence(found, "latency")
    assert ("noisy" in told) == ("noisy" in evidence(found, "latency"))


def test_a_shift_that_nobody_felt_shows_nothing(run: Run) -> None:
    """A p99 of the way there needs as many answers as one of the steady state."""
    found = kept(run, lambda one: not 76.5 <= one.due - START < 84)
    assert evidence(found, "latency") == "Too few requests were answered while traffic moved: r3."


@pytest.mark.parametrize(
    ("at", "version"),
    [
        pytest.param(86.0, V2, id="the old one after its weight was 0"),
        pytest.param(70.0, V3, id="the new one before it had weight"),
        pytest.param(80.0, V1, id="the one before the one before"),
        pytest.param(51.0, BAD, id="the bad one after the way back"),
    ],
)
def test_one_answer_of_a_version_without_traffic_is_noticed(run: Run, at: float, version: str) -> None:
    """Within a release, too, only who has weight may answer."""
    found = judge(
        run[0], Requests.of(changed(run[1], lambda one: replace(one, version=version), at, at + 1, 1))
    )
    assert "live version" in red(found)


def test_nobody_asked_is_no_proof_of_who_answers(run: Run) -> None:
    """Nor is a canary that no request met."""
    silent = judge(run[0], Requests.of([replace(one, version="") for one in run[1]]))
    assert "not played" in {one.verdict for one in silent.promises if one.name == "live version"}
    alone = [replace(one, version=V2) if 76 <= one.due - START < 82 else one for one in run[1]]
    alone = [replace(one, version=V1) if 18 <= one.due - START < 24 else one for one in alone]
    good = [replace(one, version=V2, verdict="ok", status=200) if one.lost else one for one in alone]
    assert "No canary answered any of" in evidence(judge(run[0], Requests.of(good)), "live version")


def test_a_second_image_with_the_same_model_needs_its_own_gate() -> None:
    """Answers name the model, and its first image had passed: what traffic did tells the second one."""
    sample = Sample(seconds=70)
    sample.weigh(0, blue=100, green=0)
    canary(sample, "r1", 8, ("blue", "green"))
    sample.release("r1", 8, 32, version=V2, serves=V2)
    canary(sample, "r2", 40, ("green", "blue"))
    sample.release("r2", 40, 64, version=V2, serves=V2)
    requests = Requests.of(sample.requests([(0, {V1: 1}), (18.02, {V1: 0.9, V2: 0.1}), (24.02, {V2: 1})]))
    played = sample.played()
    assert red(judge(played, requests)) == []
    unasked = [
        one
        for one in played.events
        if not (one.get("release") == "r2" and one.get("event") == "AfterAllowTestTraffic")
    ]
    found = judge(replace(played, events=unasked), requests)
    assert red(found) == ["gate"]
    assert evidence(found, "gate") == "Took traffic before its gate had passed: r2."


@pytest.mark.parametrize(("late", "broken"), [(1.05, []), (1.2, ["gate"])])
def test_a_gate_that_passes_after_traffic_came_is_none(run: Run, late: float, broken: list[str]) -> None:
    """By a tenth of a second, in which two programs may tell of their events the wrong way round."""
    events = [
        {**one, "at": one["at"] + late}
        if (one.get("release"), one.get("event")) == ("r3", "AfterAllowTestTraffic")
        else one
        for one in run[0].events
    ]
    assert red(judge(replace(run[0], events=events), Requests.of(run[1]))) == broken


def test_a_run_in_which_nothing_was_played_is_no_pass() -> None:
    """An act that returns at once shows nothing."""
    sample = Sample(seconds=10)
    sample.weigh(0, blue=100, green=0)
    found = judge(sample.played(), Requests.of(sample.requests([(0, {V1: 1})])))
    assert red(found) == []
    assert not found.passed

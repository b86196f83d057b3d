"""What a release's course decides, as pure functions."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from release.deployment import Deployment, State
from release.judgement import Inheritance, Verdict, before, expected, inherited, judged, origin
from release.record import Kind, Outcome, Record, Step
from tests.release.memory import digest, record

ENDED = [State.SUCCEEDED, State.FAILED, State.STOPPED]


def deployment(state: State) -> Deployment:
    """Return a deployment at its end."""
    return Deployment(
        id="d-1", state=state, status="", started=datetime(2026, 11, 20, tzinfo=UTC), task_definition="td"
    )


@settings(max_examples=40)
@given(
    step=st.sampled_from(Step),
    known=st.booleans(),
    found=st.booleans(),
    outcome=st.none() | st.sampled_from(Outcome),
)
def test_a_dead_release_is_finished_exactly_when_the_engine_has_it(
    *,
    step: Step,
    known: bool,
    found: bool,
    outcome: Outcome | None,
) -> None:
    """At every step: what was asked of the engine is followed to its end, and nothing else is begun."""
    left = record(step=step, deployment="d-1" if known else "", outcome=outcome)
    decided = inherited(left, "d-1" if found else None)
    assert decided is (Inheritance.FINISH if known or found else Inheritance.ABANDON)


@settings(max_examples=40)
@given(
    state=st.sampled_from(ENDED), problems=st.lists(st.just("b runs.")), reason=st.sampled_from(["", "Red."])
)
def test_nothing_ships_that_was_not_found_running(state: State, problems: list[str], reason: str) -> None:
    """Shipped means success and no problem; a problem makes every end unclear, with all that is known."""
    verdict = judged(deployment(state), problems, reason, "blue")
    assert (verdict.outcome is Outcome.SHIPPED) == (state is State.SUCCEEDED and not problems)
    assert (verdict.outcome is Outcome.UNCLEAR) == bool(problems)
    if verdict.outcome in {Outcome.ROLLED_BACK, Outcome.STOPPED, Outcome.UNCLEAR}:
        assert verdict.reason == " ".join([*([reason] if reason else []), *problems])


@pytest.mark.parametrize(
    ("state", "verdict", "digests"),
    [
        (State.SUCCEEDED, Verdict(outcome=Outcome.SHIPPED, reason="", colour="green"), digest("b")),
        (State.FAILED, Verdict(outcome=Outcome.ROLLED_BACK, reason="Red.", colour="green"), digest("a")),
        (State.STOPPED, Verdict(outcome=Outcome.STOPPED, reason="Red.", colour="green"), digest("a")),
    ],
)
def test_each_end_has_its_verdict_and_its_digest(state: State, verdict: Verdict, digests: str) -> None:
    """After a success the new version is looked for, else the one before."""
    assert judged(deployment(state), [], "Red.", "green") == verdict
    assert expected(record("b"), deployment(state)) == digests


LETTERS = "abcdef"


@st.composite
def histories(draw: st.DrawFn) -> tuple[list[Record], list[str]]:
    """Return records, newest first, and their digests: ships, and rollbacks as the command makes them."""
    records: list[Record] = []
    for hour in range(draw(st.integers(1, 8))):
        id_ = f"r-20261119T{hour:02d}0000Z-000000"
        targets = before(records, records[0].digest) if records else ()
        back = draw(st.booleans())
        if targets and back:
            made = record(id=id_, kind=Kind.ROLLBACK, image=targets[0].image, source=targets[0].id)
        else:
            made = record(draw(st.sampled_from(LETTERS)), id=id_)
        records.insert(0, made)
    return records, [one.digest for one in records]


@settings(max_examples=40)
@given(history=histories())
def test_rolling_back_goes_back_only(history: tuple[list[Record], list[str]]) -> None:
    """Targets are older than what first brought the live digest, and never that digest itself."""
    records, digests = history
    first = origin(records, digests[0])
    assert first is not None
    assert first.digest == digests[0]
    assert first.kind is not Kind.ROLLBACK
    targets = before(records, digests[0])
    assert all(one.id < first.id and one.digest != digests[0] for one in targets)
    assert [one.id for one in targets] == sorted((one.id for one in targets), reverse=True)
    assert len({one.digest for one in targets}) == len(targets)


@settings(max_examples=40)
@given(history=histories())
def test_rolling_back_again_and_again_comes_to_an_end(history: tuple[list[Record], list[str]]) -> None:
    """Nobody swings between two bad versions."""
    records, _ = history
    hops = 0
    while targets := before(records, records[0].digest):
        hops += 1
        assert hops <= len(LETTERS) + len(history[0])
        records = [
            record(
                id=f"r-20261120T{hops:02d}0000Z-000000",
                kind=Kind.ROLLBACK,
                image=targets[0].image,
                source=targets[0].id,
            ),
            *records,
        ]

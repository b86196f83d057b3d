"""The claim and the records, in a bucket of the control plane's S3, with writers that compete."""

import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import cache

import pytest

from release.claim import Claims, Seen
from release.clients import Clients
from release.errors import BadRecord, Busy, Outrun, TakenOver
from release.lease import Held, take
from release.patience import Pace, Patient
from release.record import CURRENT, RECORDS, Claim, Outcome, Step
from release.records import Records
from tests.release.memory import record

pytestmark = pytest.mark.slow


@pytest.fixture
def bucket(ask: Patient, request: pytest.FixtureRequest) -> str:
    """Return a bucket of the test's own."""
    name = f"claims-{abs(hash(request.node.name)) % 10**10}"
    ask.clients.s3.create_bucket(
        Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
    )
    return name


@cache
def _people() -> list[Patient]:
    return [Patient(Clients("eu-central-1"), Pace(poll=0.1, patience=20, lease=0.6)) for _ in range(3)]


def claims(bucket: str, who: int = 0) -> Claims:
    """Return the claim as one of several commands sees it, by clients of its own."""
    return Claims(_people()[who], bucket)


def taken(place: Claims, replacing: Seen | None) -> Held | None:
    """Take the stage; nothing when somebody else was quicker."""
    try:
        return take(place, record(), replacing=replacing)
    except Outrun:
        return None


def test_a_stage_that_nobody_has_released_to_is_free(ask: Patient, bucket: str) -> None:
    """No claim is no error, in a bucket and without one."""
    assert Claims(ask, bucket).read() is None
    assert Claims(ask, "there-is-no-such-bucket").read() is None


def test_of_many_that_claim_at_once_one_gets_the_stage(bucket: str) -> None:
    """First where there is no claim, then where one has ended."""
    for round_ in range(3):
        places = [claims(bucket, who) for who in range(3)]
        seen = [place.read() for place in places]
        start = threading.Barrier(len(places))

        def compete(place: Claims, found: Seen | None, start: threading.Barrier = start) -> Held | None:
            start.wait()
            return taken(place, found)

        with ThreadPoolExecutor(len(places)) as pool:
            held = [one for one in pool.map(compete, places, seen) if one is not None]
        assert len(held) == 1, round_
        held[0].journal(replace(record(), outcome=Outcome.SHIPPED))


def test_a_step_is_in_the_claim_before_it_begins(bucket: str) -> None:
    """Whoever reads it knows how far the release is, and that its holder is alive."""
    held = take(claims(bucket), record(), replacing=None)
    held.journal(record(step=Step.SHIFT, task_definition="td:1"))
    seen = claims(bucket).read()
    assert seen is not None
    assert (seen.record.step, seen.record.task_definition, seen.alive) == (Step.SHIFT, "td:1", True)


def test_who_beats_is_alive_and_who_does_not_is_taken_over(bucket: str) -> None:
    """A second command is told who has the stage; when that one dies, it waits for a lease and goes on."""
    held = take(claims(bucket), record(step=Step.FOLLOW), replacing=None)
    second = claims(bucket, 1)
    with held.beating(), pytest.raises(Busy, match=r"r-20261120T160000Z-000000 .* step follow"):
        second.settled(lambda _: None)
    started = time.monotonic()
    told: list[str] = []
    seen = second.settled(told.append)
    assert seen is not None
    assert (seen.record.runs, len(told)) == (True, 1)
    assert 0.5 < time.monotonic() - started < 4
    take(second, seen.record, replacing=seen)
    with pytest.raises(TakenOver):
        held.journal(record(step=Step.VERIFY))
    with pytest.raises(TakenOver):
        held.check()


def test_the_heart_stops_when_another_has_taken_over(bucket: str) -> None:
    """What the thread learns, the next look of the command does."""
    held = take(claims(bucket), record(), replacing=None)
    with held.beating():
        deadline = time.monotonic() + 5
        while time.monotonic() < deadline:
            if taken(claims(bucket, 1), claims(bucket, 1).read()) is not None:
                break
        time.sleep(0.4)
        with pytest.raises(TakenOver):
            held.check()


def test_a_write_whose_answer_was_lost_counts(bucket: str) -> None:
    """Sent again, it meets itself, and is known by its holder and its beat."""
    place = claims(bucket)
    held = take(place, record(), replacing=None)
    assert place.put(held.claim, replacing=None) == held.etag
    stranger = replace(held.claim, holder="another")
    with pytest.raises(Outrun):
        place.put(stranger, replacing=None)


def test_a_write_that_was_thought_lost_is_written_over(bucket: str) -> None:
    """It took effect and its answer did not come: what stands there is the holder's own, and older."""
    held = take(claims(bucket), record(), replacing=None)
    unknown = replace(held.claim, record=record(step=Step.FOLLOW), beat=held.claim.beat + 1)
    held.claims.put(unknown, replacing=held.etag)
    final = held.journal(record(step=Step.FREE, outcome=Outcome.SHIPPED))
    seen = claims(bucket).read()
    assert seen is not None
    assert seen.record == final


@pytest.mark.parametrize(("age", "alive"), [(2.0, True), (30.9, True), (31.1, False)])
def test_a_holder_is_judged_by_its_own_promise(age: float, alive: bool) -> None:  # noqa: FBT001
    """However often the reader looks, and whatever lease it would have given itself."""
    claim = Claim(record=record(), holder="another", beat=1)
    assert Seen(claim, "etag", age).alive is alive
    assert Claim.from_bytes(replace(claim, lease=3.0).to_bytes(), where="s3").lease == 3.0


def test_who_slept_writes_before_anything_else(bucket: str) -> None:
    """Nothing is sent to AWS by a command whose lease may be over: it claims anew, or learns who has it."""
    held = take(claims(bucket), record(), replacing=None)
    beat = held.claim.beat
    held.check()
    assert held.claim.beat == beat
    held.written -= 1.0
    held.check()
    assert held.claim.beat == beat + 1
    held.written -= 1.0
    taken(claims(bucket, 1), claims(bucket, 1).read())
    with pytest.raises(TakenOver):
        held.check()


def test_a_request_that_is_no_longer_ours_is_not_sent(bucket: str) -> None:
    """Neither for the first time nor again; botocore does not take it for a broken connection."""
    ask, asked = Patient(Clients("eu-central-1"), Pace(poll=0.01, patience=20)), []

    def check() -> None:
        asked.append(1)
        raise TakenOver("Another command has it.")

    ask.clients.before_each = check
    with pytest.raises(TakenOver):
        ask.ask(lambda clients: clients.s3.put_object(Bucket=bucket, Key="mine", Body=b""))
    assert asked == [1]
    assert "Contents" not in _people()[0].clients.s3.list_objects_v2(Bucket=bucket)


def test_what_is_no_claim_is_named(ask: Patient, bucket: str) -> None:
    """Nothing is guessed, and nothing written over it; the runbook says how out."""
    for body in (b'{"record": {}, "holder": "a", "beat": 1}', b'{"holder": "a", "beat": 1}', b"[]", b"no"):
        ask.clients.s3.put_object(Bucket=bucket, Key=CURRENT, Body=body)
        with pytest.raises(BadRecord, match=rf"s3://{bucket}/{CURRENT} is no .*docs/runbooks/release-stuck"):
            claims(bucket).read()


def test_claims_of_other_versions_are_read() -> None:
    """What a later one added is left out, what an earlier one lacked is as by default."""
    claim = Claim(record=record(), holder="a", beat=1)
    later = {**json.loads(claim.to_bytes()), "more": 1}
    later["record"]["more"] = 1
    for name in ("task_definition", "deployment", "outcome", "reason", "ended", "colour"):
        del later["record"][name]
    del later["lease"]
    assert Claim.from_bytes(json.dumps(later).encode(), where="s3") == claim


def test_a_record_is_written_once(ask: Patient, bucket: str) -> None:
    """Whoever comes second keeps what is there."""
    place = Records(ask, bucket)
    first = record(outcome=Outcome.SHIPPED, ended="2026-11-20T16:30:00Z")
    assert place.write(first) == first
    assert place.write(replace(first, ended="2026-11-20T17:30:00Z")) == first
    assert place.newest().records == (first,)


def test_history_is_the_newest_first_and_names_what_it_cannot_read(ask: Patient, bucket: str) -> None:
    """One damaged record hides no other."""
    place = Records(ask, bucket)
    written = [
        place.write(record(id=f"r-2026112{day}T160000Z-000000", outcome=Outcome.SHIPPED)) for day in range(4)
    ]
    ask.clients.s3.put_object(Bucket=bucket, Key=f"{RECORDS}r-20261119T160000Z-000000.json", Body=b"no")
    found = place.newest()
    assert found.records == tuple(reversed(written))
    assert [sentence.partition(" is ")[2] for sentence in found.unreadable] == [
        "no record of a release: it is not JSON."
    ]
    assert place.newest(2).records == tuple(reversed(written[2:]))

"""The course of a release, over a stage in memory."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from botocore.exceptions import ClientError

from release import commands
from release.acts import Order
from release.errors import Busy, Interrupted, NotRemembered, Refused, TakenOver
from release.record import Kind, Outcome, Record, Step
from tests.release.memory import (
    Ears,
    Killed,
    MemoryStage,
    course,
    described,
    digest,
    record,
    reference,
    shipped,
)

UNBEGUN = ("hold", "prepare", "register", "registered", "begin")
ACTS = (*UNBEGUN, "begun", "look", "remember", "supersede", "tag", "free")
"""Everything that a release does, in its order, so that it can be killed there; the first move nothing."""


def raising(error: BaseException) -> Callable[[], None]:
    """Return what ends a command in the middle of something."""

    def end() -> None:
        raise error

    return end


def left_behind(stage: MemoryStage, what: str, letter: str = "b") -> None:
    """Have a command that ships an image die in the middle of something, and its lease pass."""
    stage.on[what] = raising(Killed())
    with pytest.raises(Killed):
        course(stage).ship(Order(reference=reference(letter)))
    stage.on.clear()
    stage.bucket.die()


def test_a_release_reads_like_one() -> None:
    """Every step in its order, each announced; then the stage is nobody's, and the record is there."""
    stage = MemoryStage()
    mine = course(stage)
    result = mine.ship(Order(reference=reference("b")))
    assert isinstance(mine.tell, Ears)
    assert mine.tell.steps == list(Step)
    looks = ["look", "look"]
    assert stage.done == [
        *("hold", "prepare", "register", "registered", "begin", "begun"),
        *looks,
        *("remember", "supersede", "tag", "free"),
    ]
    assert result.record is not None
    assert result.record == record(
        "b",
        id=result.record.id,
        step=Step.FREE,
        task_definition=f"td:{result.record.id}",
        deployment="d-0",
        outcome=Outcome.SHIPPED,
        ended="2026-11-20T16:00:00Z",
        colour="green",
    )
    assert stage.bucket.claim is not None
    assert stage.bucket.claim.record == stage.bucket.records[result.record.id] == result.record
    assert (result.done, stage.remembered, stage.held) == (True, "green", False)
    assert stage.family == "ab"


@pytest.mark.parametrize("what", ACTS)
def test_a_release_that_died_anywhere_is_brought_to_its_end_by_the_next(what: str) -> None:
    """Finished or undone, once: one deployment at most, one record, and then the new one."""
    stage = MemoryStage()
    left_behind(stage, what)
    stage.engine.looks = 2
    result = course(stage).ship(Order(reference=reference("c")))
    first, second = sorted(stage.bucket.records.values(), key=lambda one: one.digest)
    before = what in UNBEGUN
    assert first.outcome is (Outcome.ABANDONED if before else Outcome.SHIPPED)
    assert (second.outcome, second) == (Outcome.SHIPPED, result.record)
    assert list(stage.engine.deployments.values()) == [second.id] if before else [first.id, second.id]
    assert (stage.live_digest, stage.held) == (digest("c"), False)
    assert stage.remembered == stage.colour
    assert stage.tags == ({second.id} if before else {first.id, second.id})


@pytest.mark.parametrize("what", ACTS)
def test_shipping_the_same_again_after_a_death_ends_on_it(what: str) -> None:
    """The person whose terminal was killed repeats the command, and the image is live once."""
    stage = MemoryStage()
    left_behind(stage, what)
    result = course(stage).ship(Order(reference=reference("b")))
    assert result.done
    assert (stage.live_digest, stage.held, len(stage.engine.deployments)) == (digest("b"), False, 1)
    outcomes = [one.outcome for one in stage.bucket.records.values()]
    assert outcomes.count(Outcome.SHIPPED) == 1


@pytest.mark.parametrize("what", ACTS)
def test_stopping_a_dead_release_puts_things_right(what: str) -> None:
    """What had begun goes back, what had not is undone, and what had ended stays."""
    stage = MemoryStage()
    left_behind(stage, what)
    result = commands.stop(course(stage))
    over = what in {"remember", "supersede", "tag", "free"}
    before = what in UNBEGUN
    expected = Outcome.ABANDONED if before else Outcome.SHIPPED if over else Outcome.STOPPED
    assert (result.outcome, result.done) == (expected, not over)
    assert (stage.live_digest, stage.held) == (digest("b" if over else "a"), False)


def test_a_living_release_is_left_alone() -> None:
    """The second one is told who has the stage, and changes nothing."""
    stage = MemoryStage()
    left_behind(stage, "look")
    stage.bucket.written = stage.bucket.now
    mine = course(stage)

    def beat(_: str) -> None:
        stage.bucket.etag += 1

    mine.tell.say = beat  # type: ignore[method-assign,assignment]
    done = list(stage.done)
    with pytest.raises(Busy, match=r"has dev: step follow, .* by arn:aws:iam::123456789012:user/me"):
        mine.ship(Order(reference=reference("c")))
    assert stage.done == done


@pytest.mark.parametrize("what", ACTS)
def test_who_was_taken_over_touches_nothing_any_more(what: str) -> None:
    """The old command wakes up in the middle of a step, and finds its next write refused."""
    stage = MemoryStage()

    def taken() -> None:
        claim = stage.bucket.claim
        assert claim is not None
        stage.bucket.claim = replace(claim, holder="another", beat=claim.beat + 1000)
        stage.bucket.etag += 1000

    stage.on[what] = taken
    with pytest.raises(TakenOver, match="touches nothing any more"):
        course(stage).ship(Order(reference=reference("b")))
    assert stage.done[-1] in {what, "registered", "begun", "look"}
    assert stage.bucket.records == {} or what == "free"


@pytest.mark.parametrize(
    "step", [Step.HOLD, Step.PREPARE, Step.REGISTER, Step.SHIFT, Step.REMEMBER, Step.FREE]
)
def test_who_slept_between_writing_a_step_and_doing_it_does_not_do_it(step: Step) -> None:
    """Another command has undone or finished the release meanwhile: nothing is done a second time."""
    stage = MemoryStage()
    mine = course(stage)

    def sleep(told: Record) -> None:
        claim = stage.bucket.claim
        if told.step is step and mine.held is not None and claim is not None:
            stage.bucket.claim = replace(claim, holder="another", beat=claim.beat + 1000)
            stage.bucket.etag += 1000
            mine.held.written -= 100

    mine.tell.step = sleep  # type: ignore[method-assign,assignment]
    done = {"hold": Step.HOLD, "prepare": Step.PREPARE, "register": Step.REGISTER, "begin": Step.SHIFT}
    done |= {"remember": Step.REMEMBER, "free": Step.FREE}
    with pytest.raises(TakenOver):
        mine.ship(Order(reference=reference("b")))
    assert step not in {done.get(what) for what in stage.done}


def test_who_was_taken_over_does_not_go_on_watching() -> None:
    """What its sign of life meets, it learns at the next look, not at the release's end."""
    stage = MemoryStage()
    stage.engine.looks = 2000

    def taken() -> None:
        stage.on.clear()
        claim = stage.bucket.claim
        assert claim is not None
        stage.bucket.claim = replace(claim, holder="another", beat=claim.beat + 1000)
        stage.bucket.etag += 1000

    stage.on["look"] = taken
    with pytest.raises(TakenOver):
        course(stage).ship(Order(reference=reference("b")))
    assert stage.done.count("look") < 1000


@pytest.mark.parametrize(
    ("stopped", "outcome"), [(False, Outcome.ROLLED_BACK), (True, Outcome.STOPPED)], ids=["failed", "stopped"]
)
def test_what_the_engine_turns_back_is_told_with_its_reason(stopped: bool, outcome: Outcome) -> None:  # noqa: FBT001
    """The version before is found running, its colour remembered, the image not tagged, the reason kept."""
    stage = MemoryStage()
    stage.engine.fails = "ALARM_ACTIVE: switchyard-dev-green-errors is red."
    if stopped:
        stage.on["begun"] = lambda: stage.engine.stopped.add("d-0")
    result = course(stage).ship(Order(reference=reference("b")))
    assert result.record is not None
    reason = "Stopped by a user." if stopped else stage.engine.fails
    assert (result.done, result.outcome, result.record.reason) == (False, outcome, reason)
    assert (stage.live_digest, stage.remembered, stage.tags, stage.held) == (
        digest("a"),
        "blue",
        set(),
        False,
    )
    assert stage.family == "aba"
    assert "docs/runbooks/rolled-back.md" in result.sentence


@pytest.mark.parametrize("what", [*(what for what in ACTS if what != "tag"), "superseded"])
def test_what_did_not_ship_is_not_what_cloudformation_would_roll_out(what: str) -> None:
    """Wherever its command died: what runs is registered once more, and only once."""
    stage = MemoryStage()
    stage.engine.fails = "ALARM_ACTIVE: switchyard-dev-green-errors is red."
    left_behind(stage, what)
    assert commands.stop(course(stage)).done
    registered = what not in {"hold", "prepare", "register"}
    assert stage.family == ("aba" if registered else "a")


DENIED = ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "RegisterTaskDefinition")


@pytest.mark.parametrize("begins", [True, False], ids=["turned back", "never begun"])
def test_a_release_ends_although_what_runs_could_not_be_registered_again(begins: bool) -> None:  # noqa: FBT001
    """Colour, record and hold are as ever, the first error is the one that is told, and it warns."""
    stage = MemoryStage()
    stage.engine.fails = "ALARM_ACTIVE: switchyard-dev-green-errors is red."
    stage.engine.foreign = not begins
    stage.on["supersede"] = raising(DENIED)
    mine = course(stage)
    if begins:
        result = mine.ship(Order(reference=reference("b")))
        assert (result.outcome, result.warnings) == (Outcome.ROLLED_BACK, (str(DENIED),))
    else:
        with pytest.raises(Refused, match="d-foreign"):
            mine.ship(Order(reference=reference("b")))
    assert isinstance(mine.tell, Ears)
    assert str(DENIED) in mine.tell.sentences
    assert stage.bucket.claim is not None
    assert (stage.held, stage.bucket.claim.record.runs, stage.family) == (False, False, "ab")
    assert [one.outcome for one in stage.bucket.records.values()] == [
        Outcome.ROLLED_BACK if begins else Outcome.ABANDONED
    ]


def missed(stage: MemoryStage) -> None:
    """Have a release turned back whose revision stays the newest."""
    shipped(stage, "a")
    stage.engine.fails = "ALARM_ACTIVE: switchyard-dev-green-errors is red."
    stage.on["supersede"] = raising(DENIED)
    course(stage).ship(Order(reference=reference("b")))
    stage.on.clear()
    assert stage.family == "ab"


def test_what_one_end_missed_the_next_makes_up_for() -> None:
    """Also the end of a release that had registered nothing itself."""
    stage = MemoryStage()
    missed(stage)
    left_behind(stage, "hold", "c")
    assert commands.stop(course(stage)).done
    assert stage.family == "aba"


def test_what_one_end_missed_is_made_up_for_by_shipping_what_is_live() -> None:
    """Nothing is released, and what became of the last release stays as it was written."""
    stage = MemoryStage()
    missed(stage)
    claimed, records = stage.bucket.claim, dict(stage.bucket.records)
    result = course(stage).ship(Order(reference=reference("a")))
    assert (result.record, stage.family) == (None, "aba")
    assert stage.bucket.claim is not None
    assert claimed is not None
    assert (stage.bucket.claim.record, stage.bucket.records) == (claimed.record, records)


def test_a_revision_of_the_stacks_own_is_left_alone() -> None:
    """A deploy registered it after the last release, and it is what the next one takes up."""
    stage = MemoryStage()
    missed(stage)
    stage.revisions.append(described("e"))
    course(stage).ship(Order(reference=reference("a")))
    assert (stage.done[-1], stage.family) == ("supersede", "abe")


def test_where_the_service_is_gone_nothing_is_registered() -> None:
    """Nothing runs then that could be; and what was left behind comes to its end all the same."""
    stage = MemoryStage()
    left_behind(stage, "registered")
    stage.gone = True
    assert commands.stop(course(stage)).done
    assert (stage.family, stage.held) == ("ab", False)


def test_a_success_that_does_not_run_is_no_success() -> None:
    """The engine's word alone ships nothing."""
    stage = MemoryStage(odd=True)
    result = course(stage).ship(Order(reference=reference("b")))
    assert (result.done, result.outcome, stage.tags) == (False, Outcome.UNCLEAR, set())
    assert "docs/runbooks/wrong-colour.md" in result.sentence


def test_everything_against_a_release_is_said_before_anything_is_done() -> None:
    """All reasons at once, and no claim."""
    stage = MemoryStage(reasons=("An alarm is red.", "The scan has not finished."))
    with pytest.raises(Refused) as refused:
        course(stage).ship(Order(reference=reference("b")))
    assert refused.value.reasons == stage.reasons
    assert (stage.done, stage.bucket.claim) == ([], None)


def test_what_cannot_begin_is_undone() -> None:
    """Somebody else's deployment runs: nothing is left of this release but its record."""
    stage = MemoryStage()
    stage.engine.foreign = True
    with pytest.raises(Refused, match="d-foreign"):
        course(stage).ship(Order(reference=reference("b")))
    (written,) = stage.bucket.records.values()
    assert (written.outcome, written.reason) == (
        Outcome.ABANDONED,
        "CodeDeploy already deploys to stage dev: d-foreign.",
    )
    assert stage.family == "aba"
    assert (stage.held, stage.bucket.claim.record.runs if stage.bucket.claim else None) == (False, False)


@pytest.mark.parametrize("what", [*UNBEGUN, "begun", "look"])
def test_ctrl_c_undoes_what_has_not_begun_and_leaves_what_has(what: str) -> None:
    """Either way the claim says the truth."""
    stage = MemoryStage()
    stage.on[what] = raising(Interrupted("Ctrl-C"))
    mine = course(stage)
    with pytest.raises(Interrupted):
        mine.ship(Order(reference=reference("b")))
    assert mine.held is not None
    goes_on = what in {"begin", "begun", "look"}  # once asked, the engine may begin after all
    assert (mine.held.record.runs, stage.held) == (goes_on, goes_on)


def test_a_colour_that_cloudformation_does_not_take_up_is_tried_again() -> None:
    """The release stays open, with deployments held off, until a command has brought it to its end."""
    stage = MemoryStage()
    stage.on["remember"] = raising(NotRemembered("CloudFormation did not take it up."))
    with pytest.raises(NotRemembered):
        course(stage).ship(Order(reference=reference("b")))
    assert (stage.held, stage.bucket.records, stage.live_digest) == (True, {}, digest("b"))
    stage.on.clear()
    stage.bucket.die()
    assert course(stage).ship(Order(reference=reference("b"))).done
    (written,) = stage.bucket.records.values()
    assert (stage.held, stage.remembered, written.outcome) == (False, "green", Outcome.SHIPPED)


def test_what_is_live_already_is_not_released_again_but_made_whole() -> None:
    """No deployment; what the release that brought it may have left undone is done."""
    stage = MemoryStage()
    course(stage).ship(Order(reference=reference("b")))
    stage.done.clear()
    stage.tags.clear()
    stage.remembered = "blue"
    records, claim = dict(stage.bucket.records), stage.bucket.claim
    result = course(stage).ship(Order(reference=reference("b")))
    assert (result.done, result.sentence) == (
        True,
        f"{digest('b')} is live on dev already: nothing was released.",
    )
    assert stage.done == ["remember", "supersede", "tag", "free"]
    assert (stage.bucket.records, stage.remembered) == (records, "green")
    assert stage.bucket.claim is not None
    assert claim is not None
    assert stage.bucket.claim.record == claim.record


def test_an_image_that_went_meanwhile_is_a_warning() -> None:
    """Its tasks run; whoever reads the result learns that no new ones could."""
    stage = MemoryStage()
    stage.on["begun"] = stage.images.clear
    result = course(stage).ship(Order(reference=reference("b")))
    assert (result.done, result.warnings) == (True, ("The image has gone.",))


def test_a_rollback_goes_to_what_was_shipped_before() -> None:
    """And the next one further back, never to what was just left; a version without an image is passed by."""
    stage = MemoryStage()
    shipped(stage, "a", "b", "c", "d")
    stage.images.discard(reference("c"))
    first = commands.roll_back(course(stage))
    stage.engine.looks = 2
    second = commands.roll_back(course(stage))
    assert first.record is not None
    assert second.record is not None
    told = [(one.kind, one.digest, one.source) for one in (first.record, second.record)]
    assert told == [
        (Kind.ROLLBACK, digest("b"), "r-20261119T010000Z-000001"),
        (Kind.ROLLBACK, digest("a"), "r-20261119T000000Z-000000"),
    ]


def test_the_first_release_rolls_back_to_what_ran_before_it() -> None:
    """What the stage was made with has no record of its own, and stands in the first one."""
    stage = MemoryStage()
    shipped(stage, "b")
    result = commands.roll_back(course(stage))
    assert result.record is not None
    assert (result.record.digest, result.record.source) == (digest("a"), "")


@pytest.mark.parametrize(
    ("to", "sentence"),
    [
        ("r-20261119T990000Z-000000", "dev has no release r-20261119T990000Z-000000: choose one of"),
        ("r-20261119T000000Z-000000", "The image of r-20261119T000000Z-000000 is no longer in the registry"),
    ],
)
def test_what_cannot_be_rolled_back_to_is_said(to: str, sentence: str) -> None:
    """Before anything is done."""
    stage = MemoryStage()
    shipped(stage, "b", "c")
    stage.images.discard(reference("b"))
    with pytest.raises(Refused, match=sentence):
        commands.roll_back(course(stage), to=to)
    assert stage.done == []


def test_a_stage_without_releases_has_nothing_to_go_back_to() -> None:
    """It says what to do instead."""
    with pytest.raises(Refused, match="no earlier release to go back to: ship an image"):
        commands.roll_back(course(MemoryStage()))


def test_a_promotion_takes_what_is_live_and_was_shipped() -> None:
    """The very digest, with the release that it comes from."""
    stage = MemoryStage()
    shipped(stage, "b", "c")
    assert commands.promotion(course(stage)) == Order(
        reference=reference("c"), kind=Kind.PROMOTE, source="r-20261119T010000Z-000001"
    )


def test_what_was_not_shipped_is_not_promoted() -> None:
    """A stage that runs something else, or moves just now, gives nothing on."""
    stage = MemoryStage()
    shipped(stage, "b")
    stage.live_digest = digest("e")
    with pytest.raises(Refused, match=r"is not what was shipped there last \(r-20261119T000000Z-000000\)"):
        commands.promotion(course(stage))
    left_behind(stage, "look")
    with pytest.raises(Refused, match="dev has a release under way"):
        commands.promotion(course(stage))


def test_stopping_where_nothing_runs_is_no_error() -> None:
    """Unless something does that is none of ours."""
    stage = MemoryStage()
    assert commands.stop(course(stage)).done
    stage.engine.foreign = True
    with pytest.raises(Refused, match=r"d-foreign .* is none of ours"):
        commands.stop(course(stage))


def test_a_living_release_is_stopped_and_its_own_command_reports_it() -> None:
    """Whoever stops only asks the engine; the claim stays with the command that follows."""
    stage = MemoryStage()
    stage.engine.looks = 1000
    stopping = course(stage)
    results = []

    def stop_once() -> None:
        stage.on.pop("look", None)
        seen = stopping.claims.read()
        assert seen is not None
        commands._ask_to_stop(stopping, seen.record, "")

    stage.on["look"] = stop_once
    results.append(course(stage).ship(Order(reference=reference("b"))))
    assert [one.outcome for one in results] == [Outcome.STOPPED]
    assert stage.live_digest == digest("a")

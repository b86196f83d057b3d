"""No way into a dead end: whatever a release left, one of the commands leads on."""

from dataclasses import replace

import pytest
from botocore.exceptions import ClientError, ParamValidationError

from release import commands
from release.acts import Order
from release.deployment import Deployment, State
from release.errors import Interrupted, LostSight, Refused
from release.record import Kind, Outcome, Record, Step
from release.status import advice, status_of
from tests.release.memory import PACE, MemoryStage, course, digest, record, reference, shipped
from tests.release.test_course import left_behind, raising

RED = ("Alarm switchyard-dev-blue-errors is red.",)


def written(stage: MemoryStage) -> list[tuple[Kind, str, str, Outcome | None]]:
    """Return what the records say, oldest first: kind, image, what was there before, and the outcome."""
    records = [one for _, one in sorted(stage.bucket.records.items())]
    return [(one.kind, one.digest, one.previous, one.outcome) for one in records]


def test_a_bad_version_that_has_shipped_is_left_by_a_rollback() -> None:
    """Its alarms are red: they are said, and neither keep the way back from being made nor turn it around."""
    stage = MemoryStage(red=RED)
    shipped(stage, "b", "c")
    mine = course(stage)
    result = commands.roll_back(mine)
    assert (result.outcome, stage.live_digest, stage.engine.past_alarms) == (
        Outcome.SHIPPED,
        digest("b"),
        True,
    )
    assert result.warnings == (f"In spite of this, since it is the way back: {RED[0]}",)


@pytest.mark.parametrize("kind", [Kind.SHIP, Kind.PROMOTE])
def test_nothing_new_is_released_while_an_alarm_is_red(kind: Kind) -> None:
    """Nothing could be told of it; and no alarm is passed where none is red."""
    with pytest.raises(Refused, match="is red"):
        course(MemoryStage(red=RED)).ship(Order(reference=reference("b"), kind=kind))
    well = MemoryStage()
    course(well).ship(Order(reference=reference("b"), kind=kind))
    assert not well.engine.past_alarms


def test_what_was_unclear_and_has_settled_is_shipped_by_asking_again() -> None:
    """It gets its tag, its colour and a record, can be promoted and rolled back from; nothing is deployed."""
    stage = MemoryStage(odd=True)
    unclear = course(stage).ship(Order(reference=reference("b")))
    assert unclear.outcome is Outcome.UNCLEAR
    with pytest.raises(Refused, match="is not what was shipped there last"):
        commands.promotion(course(stage))
    stage.odd, stage.remembered = False, "blue"
    deployed = dict(stage.engine.deployments)
    result = course(stage).ship(Order(reference=reference("b")))
    assert result.record is not None
    assert (result.done, result.outcome, result.sentence) == (
        True,
        Outcome.SHIPPED,
        f"{digest('b')} is live on dev already: nothing was released. Its record is {result.record.id} now.",
    )
    assert (stage.engine.deployments, stage.remembered, stage.tags) == (deployed, "green", {result.record.id})
    assert sorted(written(stage), key=lambda one: str(one[3])) == [
        (Kind.SHIP, digest("b"), digest("a"), Outcome.SHIPPED),
        (Kind.SHIP, digest("b"), digest("a"), Outcome.UNCLEAR),
    ]
    assert advice(status_of(course(stage)).snapshot).endswith("ready for a release.")
    assert commands.promotion(course(stage)).source == result.record.id


def test_what_a_stage_was_made_with_can_be_shipped_and_promoted() -> None:
    """There is nothing before it to go back to, which is said."""
    stage = MemoryStage()
    result = course(stage).ship(Order(reference=reference("a")))
    assert written(stage) == [(Kind.SHIP, digest("a"), "", Outcome.SHIPPED)]
    assert (stage.done, result.done) == (["remember", "supersede", "tag", "free"], True)
    assert commands.promotion(course(stage)).reference == reference("a")
    with pytest.raises(Refused, match="no earlier release to go back to"):
        commands.roll_back(course(stage))


def test_what_somebody_released_by_hand_can_be_shipped_and_left() -> None:
    """What shipped last is what it took the traffic from."""
    stage = MemoryStage()
    shipped(stage, "b")
    stage.live_digest = digest("c")
    course(stage).ship(Order(reference=reference("c")))
    assert written(stage)[-1] == (Kind.SHIP, digest("c"), digest("b"), Outcome.SHIPPED)
    back = commands.roll_back(course(stage))
    assert (back.outcome, stage.live_digest) == (Outcome.SHIPPED, digest("b"))


@pytest.mark.parametrize("what", ["remember", "supersede", "tag", "free"])
def test_an_adoption_that_died_is_begun_anew(what: str) -> None:
    """Nothing of it had moved anything; in the end there is one record that says shipped."""
    stage = MemoryStage()
    left_behind(stage, what, "a")
    assert course(stage).ship(Order(reference=reference("a"))).done
    assert [one[3] for one in written(stage)].count(Outcome.SHIPPED) == 1
    assert not stage.held


def test_a_service_that_scales_is_no_failed_release() -> None:
    """The version runs on every task that runs, and takes the traffic: it has shipped, with a warning."""
    stage = MemoryStage(unsettled=("The service runs 3 of 2 tasks.",))
    result = course(stage).ship(Order(reference=reference("b")))
    assert (result.outcome, result.warnings) == (Outcome.SHIPPED, ("The service runs 3 of 2 tasks.",))


@pytest.mark.parametrize(
    "error",
    [
        ParamValidationError(report="an unknown field"),
        LostSight("AWS has not answered."),
        ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "RegisterTaskDefinition"),
        Interrupted("Ctrl-C"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_whatever_keeps_a_release_from_beginning_undoes_it(error: BaseException) -> None:
    """The next person finds the stage as it was."""
    stage = MemoryStage()
    stage.on["register"] = raising(error)
    with pytest.raises(type(error)):
        course(stage).ship(Order(reference=reference("b")))
    assert [one[3] for one in written(stage)] == [Outcome.ABANDONED]
    assert stage.bucket.claim is not None
    assert (stage.held, stage.bucket.claim.record.runs) == (False, False)


def test_a_deployment_that_is_listed_late_is_not_forgotten() -> None:
    """CodeDeploy was asked, its answer lost, and the list lags: the release is left to be finished."""
    stage = MemoryStage()
    listed, find = [], stage.engine.find

    def late(*, task_definition: str, release: str) -> str | None:
        listed.append(release)
        found = find(task_definition=task_definition, release=release)
        return found if len(listed) > 4 else None

    stage.on["begun"] = raising(Refused(["CodeDeploy already deploys to stage dev."]))
    stage.engine.find = late  # type: ignore[method-assign]
    with pytest.raises(Refused):
        course(stage, pace=replace(PACE, lease=2.0)).ship(Order(reference=reference("b")))
    assert stage.bucket.claim is not None
    assert (stage.held, stage.bucket.claim.record.step, written(stage)) == (True, Step.SHIFT, [])
    stage.on.clear()
    stage.bucket.die()
    assert course(stage).ship(Order(reference=reference("b"))).done
    assert [one[3] for one in written(stage)] == [Outcome.SHIPPED]


def test_stop_that_comes_too_late_says_so() -> None:
    """The release has shipped; the way back is another command."""
    stage = MemoryStage()
    left_behind(stage, "remember")
    result = commands.stop(course(stage))
    assert result.record is not None
    assert (result.done, result.sentence) == (
        False,
        (
            f"Too late to stop {result.record.id}: sha256:bbbbbbbbbbbb takes all traffic of dev. `python -m "
            "release rollback --stage dev` goes back to the version before."
        ),
    )


@pytest.mark.parametrize(
    ("state", "alive", "said"),
    [
        (State.RUNNING, True, "`python -m release stop --stage dev` has traffic go back."),
        (State.RUNNING, False, "has traffic go back; `ship` or `rollback` finish it first"),
        (State.SUCCEEDED, True, "Wait: the deployment of r-20261120T160000Z-000000 has ended"),
        (State.SUCCEEDED, False, "its command has died: the next `ship`, `rollback` or"),
    ],
)
def test_status_promises_only_what_stop_can_do(state: State, alive: bool, said: str) -> None:  # noqa: FBT001
    """A deployment that has ended is not stopped any more."""
    one = record("b", step=Step.FOLLOW, deployment="d-0")
    deployment = Deployment(id="d-0", state=state, status="", started=None, task_definition="td")
    told = advice(replace(MemoryStage().look(one, deployment), alive=alive))
    assert said in told
    assert ("`stop` comes too late" in told) is state.ended


@pytest.mark.parametrize("step", [Step.REMEMBER, Step.RECORD, Step.FREE])
def test_status_does_not_say_that_what_is_undone_goes_on(step: Step) -> None:
    """A command that died while it undid a release had nothing in AWS that moves."""
    told = advice(MemoryStage().look(record("b", step=step), None))
    assert "died before anything had moved" in told


def test_what_is_held_off_by_nobody_is_seen_and_let_in() -> None:
    """A command that had lost its claim left it so: `status` says it, and `stop` mends it."""
    stage = MemoryStage()
    course(stage).ship(Order(reference=reference("b")))
    claimed = stage.bucket.claim
    stage.held = True
    status = status_of(course(stage))
    assert (status.held, status.advice) == (
        ("Traffic", "Service"),
        (
            "Deployments of Traffic and Service are held off, and no release runs: `python -m release stop "
            "--stage dev` lets them in."
        ),
    )
    result = commands.stop(course(stage))
    assert (result.done, stage.held) == (True, False)
    assert result.sentence.endswith(
        "Deployments of Traffic and Service were held off all the same, and are let in now."
    )
    assert claimed is not None
    assert stage.bucket.claim is not None
    assert stage.bucket.claim.record == claimed.record


@pytest.mark.parametrize("stopped", [False, True], ids=["rolled back", "stopped"])
def test_a_rollback_after_a_way_back_does_not_go_below_the_good_version(stopped: bool) -> None:  # noqa: FBT001
    """The bad one is gone already; who wants to go further says to where."""
    stage = MemoryStage()
    shipped(stage, "a", "b")
    stage.engine.fails = "An alarm."
    if stopped:
        stage.on["begun"] = lambda: stage.engine.stopped.add("d-0")
    course(stage).ship(Order(reference=reference("c")))
    with pytest.raises(Refused, match=r"is back on sha256:bbbbbbbbbbbb already\. To go further back, name a"):
        commands.roll_back(course(stage))
    stage.engine.fails, stage.engine.looks = "", 2
    further: Record | None = commands.roll_back(course(stage), to="r-20261119T000000Z-000000").record
    assert further is not None
    assert (further.digest, stage.live_digest) == (digest("a"), digest("a"))

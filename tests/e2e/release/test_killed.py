"""`kill -9` of a release before and after each call that changes something; the next command goes on.

The tests stand in the order of a release. Until CodeDeploy has been asked, whatever was killed is undone.
From then on it is one release that is killed again and again, each time in the command that goes on with it.
"""

import signal
import time
from collections.abc import Iterator

import pytest

from rehearsal.processes import Program
from release.record import CURRENT, Kind, Outcome, Record, Step

from .points import CODEDEPLOY, FINISHED, UNDOING, UNDONE_BY_SHIP, UNDONE_BY_STOP, Point
from .world import World

pytestmark = pytest.mark.slow

MOVES = {
    "service": "elbv2",
    "action": "ModifyListener",
    "agent": "switchyard-codedeploy",
    "kind": "stall-after",
}
"""CodeDeploy's moves of traffic: of the test listener first, then of a share, then of all."""
CREATED = Point("deployment", "after", Step.SHIFT, "codedeploy", "CreateDeployment")
LAST_CLAIM = Point("end of the claim", "before", Step.FREE, "s3", "PutObject", CURRENT)


@pytest.fixture(autouse=True)
def nothing_lost(world: World) -> Iterator[None]:
    """No request is lost in any test."""
    started = time.time()
    yield
    assert world.lost(started) == []


@pytest.fixture(scope="module", autouse=True)
def alone(world: World) -> Iterator[None]:
    """Nobody is kept waiting afterwards; meanwhile the keeper does not write the colour first."""
    with world.without_keeper():
        yield
    world.strike()
    world.strike(at=CODEDEPLOY)


def ship(world: World) -> Program:
    """Start the same release as ever: whatever was left behind comes first."""
    return world.begin("ship", "--image", world.box.push(world.versions[0].image))


def kill(program: Program) -> None:
    """End a program as the power does that fails."""
    program.process.send_signal(signal.SIGKILL)
    assert program.process.wait(10) == -signal.SIGKILL


def killed_at(world: World, point: Point) -> None:
    """Start the release, and kill it at a point."""
    with world.hanging(point.rule, at=point.at):
        program = ship(world)
        world.wait_until_stalled(program, at=point.at)
        kill(program)


def killed_at_its_end(world: World) -> None:
    """Start the release, and kill it when all that is left is to say that the stage is nobody's."""
    last_but_one = FINISHED[-1]
    with world.hanging(last_but_one.rule):
        program = ship(world)
        world.wait_until_stalled(program)
        world.strike(LAST_CLAIM.rule)
        world.wait_until_stalled(program)
        kill(program)


def wait_for(program: Program, said: str) -> None:
    """Wait until a program has said something."""
    deadline = time.monotonic() + 60
    while said not in program.log.read_text(encoding="utf-8"):
        assert not program.has_ended, program.tail()
        assert time.monotonic() < deadline, program.tail()
        time.sleep(0.05)


def claimed(world: World) -> Record:
    """Return what the claim says; there is one."""
    claim = world.claim
    assert claim is not None
    return claim


def assert_status_is_true(world: World) -> None:
    """What `status` tells is what AWS says."""
    status, claim = world.status(), world.claim
    assert status["release"] == (claim.to_json() if claim else None)
    assert status["running"] is bool(claim and claim.runs)
    assert {colour["name"]: colour["share"] for colour in status["colours"]} == world.shares
    assert status["remembered"] == world.remembered
    begun = world.deployments.get(f"release {claim.id}", []) if claim and claim.runs else []
    told = status["deployment"]
    assert ([told["id"]] if told else []) == begun


def assert_at_rest(world: World) -> None:
    """The stage is nobody's, deployments are let in, and would find what runs and where traffic goes."""
    claim = world.claim
    assert claim is None or not claim.runs
    assert world.held == [False, False]
    assert world.remembered == world.live
    assert world.digests == {world.newest}


@pytest.mark.parametrize("point", UNDONE_BY_STOP, ids=str)
def test_killed_before_anything_moved_it_is_undone_by_stop(world: World, point: Point) -> None:
    """`status` tells how far it came; `stop` gives the stage back and leaves a record."""
    before, live = len(world.records), world.live
    killed_at(world, point)
    assert_status_is_true(world)
    claim = world.claim
    code, said = world.run("stop")
    assert code == 0, said
    if point.step is None:
        assert len(world.records) == before
    else:
        assert claim is not None
        assert claim.step is point.step
        assert [(one.id, one.outcome) for one in world.records[before:]] == [(claim.id, Outcome.ABANDONED)]
    assert_at_rest(world)
    assert (world.live, world.deployments) == (live, {})


@pytest.mark.parametrize("point", UNDONE_BY_SHIP, ids=str)
def test_killed_before_anything_moved_it_is_undone_by_the_same_command(world: World, point: Point) -> None:
    """The same `ship` again leaves a record of the one before, and begins a release of its own."""
    left, before = claimed(world), len(world.records)
    killed_at(world, point)
    assert_status_is_true(world)
    claim = claimed(world)
    assert (claim.step, claim.runs) == (point.step, True)
    undone = [(left.id, Outcome.ABANDONED)] if left.runs else []
    assert [(one.id, one.outcome) for one in world.records[before:]] == undone
    assert world.held == [True, True]
    assert world.deployments == {}


@pytest.mark.parametrize("point", UNDOING, ids=str)
def test_killed_while_it_is_undone_it_is_undone_by_the_same_command(world: World, point: Point) -> None:
    """What it had registered is superseded; the next `ship` goes on with that, as far as it lives."""
    left, before = claimed(world), len(world.records)
    killed_at(world, point)
    assert_status_is_true(world)
    claim = claimed(world)
    assert (claim.id, claim.step, claim.runs) == (left.id, point.step, True)
    assert world.digests == {world.newest} if point.moment == "after" else world.newest == left.digest
    assert (len(world.records), world.deployments) == (before, {})


def test_killed_once_codedeploy_was_asked_the_deployment_is_found(world: World) -> None:
    """It died before it could write down which deployment is its own; `status` knows nevertheless."""
    world.strike({**MOVES, "skip": 1})  # the deployment goes on by itself, and is to wait in the canary
    killed_at(world, CREATED)
    assert_status_is_true(world)
    claim = claimed(world)
    assert (claim.step, claim.deployment) == (Step.SHIFT, "")
    assert list(world.deployments) == [f"release {claim.id}"]


@pytest.mark.parametrize(("moment", "share"), [("canary", 30), ("bake", 100)])
def test_killed_while_traffic_moves_the_release_is_gone_on_with(
    world: World, moment: str, share: int
) -> None:
    """The same `ship` again takes the deployment over that is there, and begins none."""
    left, newcomer = claimed(world), "green" if world.remembered == "blue" else "blue"
    if moment == "bake":
        world.strike(MOVES)
    program = ship(world)
    wait_for(program, "follow CodeDeploy")
    world.wait_until_stalled(program)
    kill(program)
    assert_status_is_true(world)
    claim = claimed(world)
    assert (claim.id, claim.step, world.shares[newcomer]) == (left.id, Step.FOLLOW, share)
    assert world.deployments == {f"release {left.id}": [claim.deployment]}


@pytest.mark.parametrize("point", [*FINISHED, LAST_CLAIM], ids=str)
def test_killed_when_traffic_has_moved_the_release_is_finished(world: World, point: Point) -> None:
    """The same `ship` again finishes it, as far as it lives; it stays one release, with one record."""
    left = claimed(world)
    killed_at(world, point) if point is not LAST_CLAIM else killed_at_its_end(world)
    assert_status_is_true(world)
    claim = claimed(world)
    assert (claim.id, claim.step) == (left.id, point.step)
    assert world.deployments == {f"release {left.id}": [claim.deployment]}


def test_in_the_end_there_was_one_release(world: World) -> None:
    """The same `ship` finds nothing left to do; nothing was begun twice, and no record is missing."""
    left = claimed(world)
    code, said = world.run("ship", "--image", left.image)
    assert (code, "is live on staging already" in said) == (0, True), said
    assert_status_is_true(world)
    assert_at_rest(world)
    assert world.claim == world.records[-1]
    last = world.records[-1]
    assert (last.id, last.outcome, last.colour) == (left.id, Outcome.SHIPPED, world.live)
    assert world.deployments == {f"release {left.id}": [last.deployment]}
    assert {one.outcome for one in world.records[:-1]} == {Outcome.ABANDONED}
    assert len(world.records) == len([*UNDONE_BY_STOP, *UNDONE_BY_SHIP])
    assert world.digests == {left.digest}


def test_killed_in_the_canary_it_is_stopped(world: World) -> None:
    """`stop` has the traffic go back, although nobody follows the release any more."""
    before, live, digests = len(world.records), world.live, world.digests
    world.strike({**MOVES, "skip": 1})
    program = world.begin("ship", "--image", world.box.push(world.versions[1].image))
    world.wait_until_stalled(program)
    kill(program)
    world.strike({"service": "codedeploy", "action": "StopDeployment", "kind": "stall-after"}, at=CODEDEPLOY)
    stopping = world.begin("stop")
    world.wait_until_stalled(stopping, at=CODEDEPLOY)
    world.strike()
    world.strike(at=CODEDEPLOY)
    assert stopping.process.wait(60) == 0, stopping.tail()
    assert [one.outcome for one in world.records[before:]] == [Outcome.STOPPED]
    assert_status_is_true(world)
    assert_at_rest(world)
    assert (world.live, world.digests) == (live, digests)


def test_killed_in_the_bake_it_is_finished_before_the_way_back(world: World) -> None:
    """`rollback` first brings the release to its end, and then releases what was there before."""
    before, digests = len(world.records), world.digests
    world.strike({**MOVES, "skip": 2})
    program = world.begin("ship", "--image", world.box.push(world.versions[1].image))
    world.wait_until_stalled(program)
    kill(program)
    world.strike()
    code, said = world.run("rollback")
    assert code == 0, said
    kinds = [(one.kind, one.outcome) for one in world.records[before:]]
    assert kinds == [(Kind.SHIP, Outcome.SHIPPED), (Kind.ROLLBACK, Outcome.SHIPPED)]
    assert_status_is_true(world)
    assert_at_rest(world)
    assert world.digests == digests

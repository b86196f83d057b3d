"""What a teardown does, decided from what exists."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from infra.config import STAGES
from infra.teardown.plan import PARTS, Balancer, Found, Kind, Service, Stack, Step, obstacles, steps
from infra.teardown.stays import Kept, Leftovers, kept


def stack(part: str, status: str = "UPDATE_COMPLETE", *, protected: bool = False) -> Stack:
    """Return a stack of the dev stage."""
    return Stack(
        name=f"Switchyard-dev-{part}",
        id=f"arn:{part}",
        status=status,
        protected=protected,
        resources=3,
    )


def found(stacks: Mapping[str, Stack] | None = None) -> Found:
    """Return a stage at rest; by default a whole one."""
    if stacks is None:
        stacks = {part: stack(part, protected=part == "Colour") for part in PARTS}
    return Found(
        account="123456789012",
        stacks=stacks,
        balancer=Balancer(arn="arn:balancer", protected=True),
        service=Service(cluster="switchyard-dev", name="service", task_sets=1, controller="CODE_DEPLOY"),
        releases=(),
    )


def words(todo: tuple[Step, ...]) -> list[tuple[str, str]]:
    """Return each step as part and deed."""
    return [(step.stack.name.removeprefix("Switchyard-dev-"), step.kind.name) for step in todo]


def test_a_stage_goes_in_the_order_in_which_its_stacks_lean_on_each_other() -> None:
    """Operations first, data last, and each protection is lifted just before its stack goes."""
    assert words(steps(found())) == [
        ("Operations", "DELETE_STACK"),
        ("Service", "DELETE_STACK"),
        ("Traffic", "UNPROTECT_BALANCER"),
        ("Traffic", "DELETE_STACK"),
        ("Network", "DELETE_STACK"),
        ("Access", "DELETE_STACK"),
        ("Colour", "UNPROTECT_STACK"),
        ("Colour", "DELETE_STACK"),
        ("Data", "DELETE_STACK"),
    ]


def test_of_a_protected_stage_every_protection_is_lifted() -> None:
    """Each just before its own stack goes: what is still to come stays protected."""
    stage = found({part: stack(part, protected=True) for part in PARTS})
    assert [step for step in words(steps(stage)) if step[1] != "UNPROTECT_BALANCER"] == [
        (part, deed) for part in PARTS for deed in ("UNPROTECT_STACK", "DELETE_STACK")
    ]


def test_a_step_says_what_it_is_done_to() -> None:
    """Stacks by their ARN, so that they are also found when they are gone."""
    traffic = stack("Traffic")
    assert steps(found({"Traffic": traffic})) == (
        Step(kind=Kind.UNPROTECT_BALANCER, target="arn:balancer", stack=traffic),
        Step(kind=Kind.DELETE_STACK, target="arn:Traffic", stack=traffic),
    )


def test_a_stage_that_is_gone_needs_nothing() -> None:
    """The end of a teardown is that there is nothing to do."""
    assert steps(found({})) == ()


@pytest.mark.parametrize("first", range(len(PARTS)))
def test_what_is_gone_is_left_out(first: int) -> None:
    """However far an earlier run came, the rest of the same plan is left."""
    left = {part: stack(part, protected=part == "Colour") for part in PARTS[first:]}
    whole = [step for step in words(steps(found())) if step[0] in left]
    assert words(steps(found(left))) == whole


def test_protection_that_is_off_is_not_switched_off_again() -> None:
    """A run that was killed between the two goes on with the stack itself."""
    stage = replace(
        found({"Traffic": stack("Traffic"), "Colour": stack("Colour")}),
        balancer=Balancer(arn="arn:balancer", protected=False),
    )
    assert words(steps(stage)) == [("Traffic", "DELETE_STACK"), ("Colour", "DELETE_STACK")]


@pytest.mark.parametrize(
    "status", ["ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "UPDATE_ROLLBACK_FAILED", "REVIEW_IN_PROGRESS"]
)
def test_a_stack_that_failed_goes_like_any_other(status: str) -> None:
    """Whether its creation or its update failed, it takes a deletion."""
    stage = found({"Network": stack("Network", status)})
    assert (words(steps(stage)), obstacles(stage)) == ([("Network", "DELETE_STACK")], ())


def test_a_stack_that_is_already_being_deleted_is_waited_for() -> None:
    """A run that was killed while CloudFormation worked goes on with it."""
    stage = found({"Traffic": stack("Traffic", "DELETE_IN_PROGRESS")})
    assert (words(steps(stage)), obstacles(stage)) == ([("Traffic", "AWAIT_STACK")], ())


@pytest.mark.parametrize(
    ("status", "task_sets", "kinds"),
    [
        ("UPDATE_COMPLETE", 0, ["DELETE_STACK"]),
        ("UPDATE_COMPLETE", 1, ["DELETE_STACK"]),
        ("UPDATE_COMPLETE", 2, ["DELETE_SERVICE", "DELETE_STACK"]),
        ("DELETE_FAILED", 1, ["DELETE_SERVICE", "DELETE_STACK"]),
    ],
)
def test_the_service_is_deleted_by_force_only_when_it_must_be(
    status: str, task_sets: int, kinds: list[str]
) -> None:
    """When a release left a second task set, or when CloudFormation has tried in vain."""
    stage = replace(
        found({"Service": stack("Service", status)}),
        service=Service(
            cluster="switchyard-dev", name="service", task_sets=task_sets, controller="CODE_DEPLOY"
        ),
    )
    assert [step.kind.name for step in steps(stage)] == kinds


def test_a_service_that_is_gone_is_not_deleted_again() -> None:
    """The stack whose deletion failed for another reason is simply asked again."""
    stage = replace(found({"Service": stack("Service", "DELETE_FAILED")}), service=None)
    assert words(steps(stage)) == [("Service", "DELETE_STACK")]


def test_nothing_begins_while_anything_runs() -> None:
    """A release and an update are each named, so that somebody can wait for them or stop them."""
    stage = replace(
        found({"Traffic": stack("Traffic", "UPDATE_ROLLBACK_IN_PROGRESS"), "Data": stack("Data")}),
        releases=("d-ABC",),
    )
    assert obstacles(stage) == (
        "Release d-ABC is running.",
        "Stack Switchyard-dev-Traffic is being changed (UPDATE_ROLLBACK_IN_PROGRESS).",
    )


def test_what_stays_is_named_with_its_price_and_the_way_to_remove_it() -> None:
    """Buckets, logs, live colour and revisions, and what all stages share."""
    leftovers = Leftovers(
        buckets=("switchyard-dev-data-1-eu-central-1",),
        log_groups=("Switchyard-dev-Service-TaskLogs-1",),
        live_colour=True,
        task_definitions=2,
    )
    things = kept(STAGES["dev"], leftovers)
    assert [thing.what for thing in things] == [
        "bucket switchyard-dev-data-1-eu-central-1",
        "log group Switchyard-dev-Service-TaskLogs-1",
        "parameter /switchyard/dev/live-colour",
        "2 revisions of task definition switchyard-dev",
        "repository switchyard and the rest of Switchyard-Registry",
    ]
    assert things[2] == Kept(
        what="parameter /switchyard/dev/live-colour",
        why="it must outlive its stack: see decision 3; the stage made anew needs it gone, or imported",
        costs="nothing",
        removal="aws ssm delete-parameter --name /switchyard/dev/live-colour --region eu-central-1",
    )


def test_of_what_is_not_there_nothing_is_said() -> None:
    """Only the registry is always there."""
    nothing = Leftovers(buckets=(), log_groups=(), live_colour=False, task_definitions=0)
    assert [thing.what for thing in kept(STAGES["dev"], nothing)] == [
        "repository switchyard and the rest of Switchyard-Registry"
    ]

"""The course of a deployment as a pure function, each rule with the page that it is documented on."""

from collections.abc import Callable, Iterable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rehearsal.codedeploy import messages
from rehearsal.codedeploy.machine import advance
from rehearsal.codedeploy.plan import HOOKS, Increment, Kind, Plan, Trigger, steps
from rehearsal.codedeploy.state import (
    Alarmed,
    Answered,
    Begin,
    Blind,
    Broken,
    Command,
    Continue,
    Create,
    Done,
    Given,
    Invoke,
    Move,
    MoveTest,
    Problem,
    Progress,
    Promote,
    Remove,
    Side,
    State,
    Status,
    Steady,
    Stop,
    Tick,
    first,
)

CANARY = Plan(
    increments=(Increment(10, 0.0), Increment(100, 5.0)),
    termination=10.0,
    rolls_back=frozenset(Trigger),
    alarms=("red",),
)
HOOKED = replace(CANARY, hooks={name: f"function-of-{name}" for name in HOOKS})
FAULT = Problem("ECS_UPDATE_ERROR", "No.")


class Played:
    """A deployment, its commands, and a clock that moves when it is told to."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.state = first(plan)
        self.commands: list[Command] = []
        self.now = 0.0

    def give(self, *happenings: Given) -> "Played":
        """Let things happen one after the other; commands are carried out at once."""
        for happening in happenings:
            upcoming: Given | None = happening
            while upcoming is not None:
                turn = advance(self.plan, self.state, upcoming, self.now)
                self.state, upcoming = turn.state, None
                if turn.command is not None:
                    self.commands.append(turn.command)
                    upcoming = Done()
        return self

    def after(self, seconds: float) -> "Played":
        """Let time pass."""
        self.now += seconds
        return self.give(Tick())

    def progress(self) -> list[str]:
        """Return how each lifecycle event stands."""
        return [str(event.progress) for event in self.state.events]


def begun(plan: Plan) -> Played:
    """Return a deployment that has entered its first step."""
    return Played(plan).give(Begin(), Begin())


def shifting(plan: Plan = CANARY) -> Played:
    """Return one whose first increment has moved."""
    return begun(plan).give(Steady())


def waiting(plan: Plan = CANARY) -> Played:
    """Return one whose traffic has moved, and that keeps the original."""
    return shifting(plan).after(5.0)


def passed(played: Played) -> Played:
    """Let the hook that is being waited for report success."""
    event = steps(played.plan)[played.state.step].event
    return played.give(Answered(event, passed=True))


def test_events_run_one_at_a_time_in_their_order() -> None:
    """See "Deployments on an Amazon ECS compute platform", the table of lifecycle events."""
    played = waiting().after(10.0)
    assert [event.name for event in played.state.events] == [
        "BeforeInstall",
        "Install",
        "AfterInstall",
        "AllowTestTraffic",
        "AfterAllowTestTraffic",
        "BeforeAllowTraffic",
        "AllowTraffic",
        "AfterAllowTraffic",
    ]
    assert played.commands == [
        Create(),
        MoveTest(Side.REPLACEMENT),
        Move(10),
        Move(100),
        Promote(Side.REPLACEMENT),
        Remove(Side.ORIGINAL),
    ]
    assert (played.state.status, set(played.progress())) == (Status.SUCCEEDED, {"Succeeded"})


def test_statuses_follow_each_other() -> None:
    """Created, Queued, InProgress, Succeeded (API Reference, "DeploymentInfo")."""
    played, seen = Played(CANARY), []
    for happen in (Tick(), Begin(), Begin(), Steady()):
        played.give(happen)
        seen.append(played.state.status)
    seen.append(waiting().state.status)
    seen.append(waiting().after(10.0).state.status)
    assert seen == ["Created", "Queued", "InProgress", "InProgress", "InProgress", "Succeeded"]


def test_without_a_test_listener_there_are_no_events_of_test_traffic() -> None:
    """See "Creating a service using a blue/green deployment" (Amazon ECS) shows a target with six events."""
    played = waiting(replace(CANARY, test_listener=False)).after(10.0)
    assert [event.name for event in played.state.events] == [
        "BeforeInstall",
        "Install",
        "AfterInstall",
        "BeforeAllowTraffic",
        "AllowTraffic",
        "AfterAllowTraffic",
    ]
    assert MoveTest(Side.REPLACEMENT) not in played.commands


def test_functions_are_called_at_the_events_that_name_them() -> None:
    """See "AppSpec 'hooks' section": each hook is executed once per deployment, in the order of its event."""
    played = begun(HOOKED)
    passed(played).give(Steady())
    for _ in range(3):
        passed(played)
    passed(played.after(5.0)).after(10.0)
    assert played.state.status is Status.SUCCEEDED
    called = [command for command in played.commands if isinstance(command, Invoke)]
    assert called == [Invoke(name, f"function-of-{name}") for name in HOOKS]


@pytest.mark.parametrize("name", HOOKS)
def test_a_hook_that_reports_failure_fails_the_deployment(name: str) -> None:
    """See "AppSpec 'hooks' section": with a rollback, but at BeforeInstall none is possible."""
    played = until_hook(name).give(Answered(name, passed=False))
    assert played.state.problem == messages.HOOK_FAILED
    assert played.state.status is Status.FAILED
    assert played.state.returns is (name != "BeforeInstall")


def test_a_hook_that_reports_nothing_for_an_hour_fails_the_deployment() -> None:
    """See "AppSpec 'hooks' section": the deployment has failed when nobody reports within one hour."""
    played = until_hook("AfterAllowTestTraffic").after(3599.0)
    assert played.state.status is Status.IN_PROGRESS
    played.after(1.0)
    assert (played.state.status, played.state.problem) == (Status.FAILED, messages.HOOK_SILENT)


def test_the_report_of_another_hook_is_not_taken() -> None:
    """See API Reference, "PutLifecycleEventHookExecutionStatus": a report names its execution."""
    played = until_hook("AfterAllowTestTraffic").give(Answered("BeforeAllowTraffic", passed=True))
    assert played.state.events[4].progress is Progress.IN_PROGRESS


def test_a_replacement_that_is_not_healthy_within_an_hour_fails_the_deployment() -> None:
    """See "Troubleshoot Amazon ECS deployment issues": this time-out period is 60 minutes."""
    played = begun(CANARY).after(3599.0)
    assert played.state.status is Status.IN_PROGRESS
    played.after(1.0)
    assert (played.state.status, played.state.problem) == (Status.FAILED, messages.NEVER_HEALTHY)
    assert played.state.returns
    assert played.progress() == ["Succeeded", "Failed", *["Skipped"] * 6]


def test_linear_traffic_moves_in_equal_steps() -> None:
    """See "Working with deployment configurations in CodeDeploy"."""
    plan = replace(CANARY, increments=(Increment(40, 0.0), Increment(80, 4.0), Increment(100, 8.0)))
    played = begun(plan).give(Steady())
    weights = [played.state.weight]
    for _ in range(2):
        played.after(3.9)
        weights.append(played.state.weight)
        played.after(0.1)
        weights.append(played.state.weight)
    played.after(10.0)
    weights.append(played.state.weight)
    assert weights == [40, 40, 80, 80, 100, 100]


def test_the_replacement_is_the_primary_once_it_has_all_traffic() -> None:
    """Seen so in DescribeServices during the wait; the original stays ACTIVE until it ends."""
    played = waiting()
    assert played.commands[-1] == Promote(Side.REPLACEMENT)
    assert (played.state.status, played.state.waits) == (Status.IN_PROGRESS, True)


def test_the_original_stays_for_the_termination_wait() -> None:
    """API Reference, "BlueInstanceTerminationOption": minutes before the original task set is deleted."""
    played = waiting().after(9.9)
    assert Remove(Side.ORIGINAL) not in played.commands
    assert played.after(0.1).commands[-1] == Remove(Side.ORIGINAL)


def test_the_termination_wait_can_be_ended() -> None:
    """API Reference, "ContinueDeployment": TERMINATION_WAIT."""
    assert waiting().give(Continue("READY_WAIT")).state.status is Status.IN_PROGRESS
    assert waiting().give(Continue("TERMINATION_WAIT")).state.status is Status.SUCCEEDED


def test_a_kept_original_ends_the_deployment_at_once() -> None:
    """API Reference, "BlueInstanceTerminationOption": KEEP_ALIVE leaves it running."""
    played = waiting(replace(CANARY, termination=None))
    assert played.state.status is Status.SUCCEEDED
    assert Remove(Side.ORIGINAL) not in played.commands


def test_traffic_waits_for_somebody_to_continue() -> None:
    """API Reference, "DeploymentReadyOption" and "ContinueDeployment": Ready until then."""
    played = shifting(replace(CANARY, ready=60.0, ready_minutes=1))
    assert (played.state.status, played.state.weight) == (Status.READY, 0)
    assert played.give(Continue("TERMINATION_WAIT")).state.status is Status.READY
    played.give(Continue("READY_WAIT"))
    assert (played.state.status, played.state.weight) == (Status.IN_PROGRESS, 10)


def test_without_somebody_the_deployment_stops() -> None:
    """API Reference, "DeploymentReadyOption": STOP_DEPLOYMENT; its rollback is that of a stop."""
    played = shifting(replace(CANARY, ready=60.0, ready_minutes=1)).after(60.0)
    assert (played.state.status, played.state.returns) == (Status.STOPPED, True)
    assert played.state.problem == messages.not_continued(1)


ANYWHERE: dict[str, Callable[[], Played]] = {
    "queued": lambda: Played(CANARY).give(Begin()),
    "installing": lambda: begun(CANARY),
    "shifting": shifting,
    "waiting": waiting,
    "ready": lambda: shifting(replace(CANARY, ready=60.0)),
}


@pytest.mark.parametrize("where", ANYWHERE)
def test_a_red_alarm_stops_the_deployment_wherever_it_stands(where: str) -> None:
    """See "Monitoring deployments with CloudWatch alarms in CodeDeploy": its status becomes Stopped."""
    played = ANYWHERE[where]().give(Alarmed(("red",)))
    assert (played.state.status, played.state.problem) == (Status.STOPPED, messages.alarms_active(["red"]))
    assert played.state.returns is (where != "queued")


@pytest.mark.parametrize("where", ANYWHERE)
@pytest.mark.parametrize("asked", [None, True, False])
def test_somebody_stops_the_deployment_wherever_it_stands(where: str, asked: bool | None) -> None:  # noqa: FBT001
    """API Reference, "StopDeployment": autoRollbackEnabled says whether it is rolled back."""
    played = ANYWHERE[where]().give(Stop(asked))
    assert (played.state.status, played.state.problem) == (Status.STOPPED, messages.STOPPED)
    assert played.state.returns is (where != "queued" and asked is not False)


@pytest.mark.parametrize(
    ("ends", "trigger"),
    [(Broken(FAULT), Trigger.FAILURE), (Alarmed(("red",)), Trigger.ALARM), (Stop(), Trigger.REQUEST)],
)
def test_only_what_is_configured_is_rolled_back(ends: Given, trigger: Trigger) -> None:
    """API Reference, "AutoRollbackConfiguration": the events that trigger a rollback."""
    for events in (set(), {trigger}, set(Trigger) - {trigger}):
        played = shifting(replace(CANARY, rolls_back=frozenset(events))).give(ends)
        assert played.state.returns is (trigger in events)


def test_alarms_that_cannot_be_read_stop_the_deployment_unless_it_ignores_that() -> None:
    """API Reference, "AlarmConfiguration": ignorePollAlarmFailure, by default false."""
    assert shifting().give(Blind()).state.status is Status.STOPPED
    ignoring = replace(CANARY, ignores_blindness=True)
    assert shifting(ignoring).give(Blind()).state.status is Status.IN_PROGRESS


def test_nothing_stops_a_deployment_whose_original_is_going() -> None:
    """Ours: there would be no way back, so only the end of the original's removal is taken."""
    waited = waiting()
    waited.now += 10.0
    turn = advance(CANARY, waited.state, Tick(), waited.now)
    assert turn.command == Remove(Side.ORIGINAL)
    for interruption in (Stop(rollback=True), Alarmed(("red",)), Blind()):
        assert advance(CANARY, turn.state, interruption, waited.now).state == turn.state


def test_the_way_back_gives_production_traffic_back_first() -> None:
    """See "Deployments on an Amazon ECS compute platform": traffic goes to the original task set again."""
    played = begun(Plan(way_back=True))
    assert played.commands == [
        Move(0),
        MoveTest(Side.ORIGINAL),
        Promote(Side.ORIGINAL),
        Remove(Side.REPLACEMENT),
    ]
    assert played.state.status is Status.SUCCEEDED


def test_nothing_stops_the_way_back() -> None:
    """Seen so: the rollback succeeds while the alarm that caused it is still red."""
    turn = advance(
        Plan(way_back=True), replace(first(Plan(way_back=True)), status=Status.QUEUED), Begin(), 0.0
    )
    for interruption in (Stop(), Alarmed(("red",))):
        assert advance(Plan(way_back=True), turn.state, interruption, 0.0).state == turn.state


GIVEN = st.one_of(
    st.sampled_from([Begin(), Tick(), Steady(), Blind(), Stop(), Stop(rollback=True), Alarmed(("red",))]),
    st.sampled_from([Continue("READY_WAIT"), Continue("TERMINATION_WAIT"), Broken(FAULT)]),
    st.builds(Answered, st.sampled_from(HOOKS), st.booleans()),
)
PLANS = st.sampled_from(
    [CANARY, HOOKED, replace(CANARY, ready=60.0), replace(HOOKED, test_listener=False), Plan(way_back=True)]
)


@settings(deadline=None)
@given(PLANS, st.lists(st.tuples(GIVEN, st.floats(0, 4000)), max_size=40))
def test_whatever_happens_a_deployment_stays_sound(plan: Plan, course: list[tuple[Given, float]]) -> None:
    """Ours: ended is ended; traffic only grows; one event at a time; what has ended has nothing under way."""
    played = Played(plan)
    for happening, seconds in course:
        before = played.state
        played.now += seconds
        played.give(happening)
        if before.status.ended:
            assert played.state == before
        assert plan.way_back or played.state.weight >= before.weight
        check(played.state)
        assert [command for command in played.commands if isinstance(command, Create)] in ([], [Create()])
        if Remove(Side.ORIGINAL) in played.commands:
            assert Promote(Side.REPLACEMENT) in played.commands
            assert not played.state.returns


def check(state: State) -> None:
    """Assert what is so of every state."""
    running = [event for event in state.events if event.progress is Progress.IN_PROGRESS]
    assert len(running) <= 1
    if state.status.ended:
        assert not running
        assert all(event.progress is not Progress.PENDING for event in state.events)
        assert (state.problem is None) is (state.status is Status.SUCCEEDED)
        assert state.deadline is None


def until_hook(name: str) -> Played:
    """Return a deployment whose hook of this name has been called."""
    played = begun(HOOKED)
    for kind, event in reached(HOOKED, name):
        if kind is Kind.INSTALL:
            played.give(Steady())
        elif kind is Kind.SHIFT:
            played.after(5.0)
        elif kind is Kind.HOOK:
            played.give(Answered(event, passed=True))
    return played


def reached(plan: Plan, name: str) -> Iterable[tuple[Kind, str]]:
    """Yield the steps before an event."""
    for step in steps(plan):
        if step.event == name:
            return
        yield step.kind, step.event

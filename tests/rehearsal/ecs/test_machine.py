"""The course of a service deployment as a pure function, each rule with the page that it is documented on."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rehearsal.ecs import messages
from rehearsal.ecs.machine import advance
from rehearsal.ecs.plan import Act, Breaker, Hook, Increment, Plan, Side, Stage, Strategy
from rehearsal.ecs.progress import current
from rehearsal.ecs.state import (
    Answered,
    Begin,
    Broken,
    Command,
    Counted,
    Do,
    Done,
    Given,
    Halt,
    Invoke,
    Monitor,
    Phase,
    Red,
    State,
    Status,
    Steady,
    Stop,
    Superseded,
    Tick,
    Verdict,
)

CANARY = Plan(
    strategy=Strategy.CANARY,
    increments=(Increment(10.0, 5.0), Increment(100.0)),
    bake=20.0,
    alarms=("red",),
    breaker=Breaker(),
)
HOOKABLE = (
    Stage.PRE_SCALE_UP,
    Stage.POST_SCALE_UP,
    Stage.TEST_TRAFFIC_SHIFT,
    Stage.POST_TEST_TRAFFIC_SHIFT,
    Stage.PRODUCTION_TRAFFIC_SHIFT,
    Stage.POST_PRODUCTION_TRAFFIC_SHIFT,
)
ROLLING = replace(CANARY, strategy=Strategy.ROLLING)
FORWARD = [
    Do(Act.SCALE),
    Do(Act.MOVE_TEST),
    Do(Act.MOVE, percent=10.0),
    Do(Act.MOVE, percent=100.0),
    Do(Act.DRAIN, Side.SOURCE),
]
BACK = [
    Do(Act.MOVE, Side.SOURCE),
    Do(Act.MOVE_TEST, Side.SOURCE),
    Do(Act.DRAIN, Side.TARGET),
]


class Played:
    """A deployment, its commands, and a clock that moves when it is told to."""

    def __init__(self, plan: Plan = CANARY) -> None:
        self.plan = plan
        self.state = State()
        self.commands: list[Command] = []
        self.stages: list[Stage] = []
        self.now = 0.0

    def give(self, *happenings: Given) -> "Played":
        """Let things happen one after the other; what is to be done is done at once."""
        for happening in happenings:
            turn = advance(self.plan, self.state, happening, self.now)
            self.state = turn.state
            step = current(self.plan, self.state)
            if step is not None and step.stage and step.stage not in self.stages[-1:]:
                self.stages.append(step.stage)
            for command in turn.commands:
                self.commands.append(command)
                if isinstance(command, Do):
                    self.give(Done())
        return self

    def after(self, seconds: float) -> "Played":
        """Let time pass."""
        self.now += seconds
        return self.give(Tick())

    def answer(self, verdict: Verdict | None, **more: float) -> "Played":
        """Let the hook that was asked last answer."""
        question = next(item for item in reversed(self.commands) if isinstance(item, Invoke))
        return self.give(Answered(question.step, question.hook, verdict, **more))  # type: ignore[arg-type]


def begun(plan: Plan = CANARY) -> Played:
    """Return one that scales up."""
    return Played(plan).give(Begin())


def shifting(plan: Plan = CANARY) -> Played:
    """Return one that has moved its first part of production traffic."""
    return begun(plan).give(Steady())


def baking(plan: Plan = CANARY) -> Played:
    """Return one that has moved all of it."""
    return shifting(plan).after(5.0)


def cleaning(plan: Plan = CANARY) -> Played:
    """Return one whose old tasks end."""
    return baking(plan).after(20.0)


def hooked(*stages: Stage, **more: float) -> Plan:
    """Return a plan with a hook at some stages."""
    return replace(CANARY, hooks=(Hook("gate", frozenset(stages), **more),))  # type: ignore[arg-type]


ANYWHERE: dict[str, Callable[[], Played]] = {
    "scaling": begun,
    "shifting": shifting,
    "baking": baking,
    "asking": lambda: begun(hooked(Stage.PRE_SCALE_UP)),
    "rolling": lambda: begun(ROLLING),
}


def test_stages_follow_each_other() -> None:
    """See "Amazon ECS canary deployments", and API Reference, "ServiceDeployment", for their order."""
    played = cleaning().give(Steady())
    assert played.state.status is Status.SUCCESSFUL
    assert played.commands == FORWARD
    last = cleaning()
    assert current(last.plan, last.state) is not None
    assert (last.state.weight, last.state.test_weight) == (100.0, 100.0)


def test_production_traffic_moves_by_the_strategy() -> None:
    """See "Amazon ECS linear deployments": equal parts with equal waits between them."""
    thirds = (Increment(34.0, 3.0), Increment(68.0, 3.0), Increment(100.0))
    played = shifting(replace(CANARY, strategy=Strategy.LINEAR, increments=thirds))
    seen = [played.state.weight]
    for _ in range(2):
        seen.append(played.after(2.9).state.weight)
        seen.append(played.after(0.1).state.weight)
    assert seen == [34.0, 34.0, 68.0, 68.0, 100.0]
    assert current(played.plan, played.state) == current(CANARY, baking().state)


def test_blue_green_moves_all_traffic_at_once() -> None:
    """See "Amazon ECS blue/green deployments"."""
    plan = replace(CANARY, strategy=Strategy.BLUE_GREEN, increments=(Increment(100.0),))
    assert shifting(plan).commands == [Do(Act.SCALE), Do(Act.MOVE_TEST), Do(Act.MOVE, percent=100.0)]


def test_the_old_tasks_stay_for_the_bake_time() -> None:
    """See "Amazon ECS blue/green service deployments workflow": both run, then the old ones end."""
    played = baking().after(19.9)
    assert Do(Act.DRAIN, Side.SOURCE) not in played.commands
    played.after(0.1)
    assert played.commands[-1] == Do(Act.DRAIN, Side.SOURCE)
    assert played.state.status is Status.IN_PROGRESS
    assert played.give(Steady()).state.status is Status.SUCCESSFUL


def test_without_a_bake_time_nothing_waits() -> None:
    """API Reference, "DeploymentConfiguration": bakeTimeInMinutes may be zero."""
    assert baking(replace(CANARY, bake=0.0)).commands == FORWARD


def test_a_rolling_update_has_no_stage_but_its_bake_time() -> None:
    """See "Deploy Amazon ECS services by replacing tasks" and, for the bake time, the page of alarms."""
    played = begun(ROLLING).give(Steady())
    assert played.stages == [Stage.BAKE_TIME]
    assert played.commands == [Do(Act.SCALE)]
    assert played.after(20.0).state.status is Status.SUCCESSFUL


@pytest.mark.parametrize("stage", HOOKABLE)
def test_a_hook_is_asked_at_its_stage_and_holds_it(stage: Stage) -> None:
    """See "Lambda hooks for Amazon ECS service deployments": once a stage, at every step of the shift."""
    played = begun(hooked(stage)).give(Steady())
    for _ in range(4):
        played.after(5.0)
        if played.state.phase is Phase.HOOKS:
            assert played.stages[-1] is stage
            played.answer(Verdict.SUCCEEDED).give(Steady())
    asked = [item for item in played.commands if isinstance(item, Invoke)]
    assert [item.stage for item in asked] == [stage] * (2 if stage is Stage.PRODUCTION_TRAFFIC_SHIFT else 1)
    assert played.after(20.0).give(Steady()).state.status is Status.SUCCESSFUL


@pytest.mark.parametrize("verdict", [Verdict.FAILED, None])
def test_a_hook_that_fails_or_answers_nothing_valid_rolls_back(verdict: Verdict | None) -> None:
    """See "Lambda hooks for Amazon ECS service deployments"."""
    played = begun(hooked(Stage.POST_TEST_TRAFFIC_SHIFT)).give(Steady()).answer(verdict)
    assert played.state.status is Status.ROLLBACK_IN_PROGRESS
    assert played.state.reason == messages.hook(Stage.POST_TEST_TRAFFIC_SHIFT, "")
    assert played.commands[-3:] == BACK
    assert played.give(Steady()).state.status is Status.ROLLBACK_SUCCESSFUL


def test_a_hook_that_is_not_done_is_asked_again() -> None:
    """See "Lambda hooks for Amazon ECS service deployments": after 30 seconds, or its callBackDelay."""
    played = begun(hooked(Stage.PRE_SCALE_UP)).answer(Verdict.IN_PROGRESS).after(29.9)
    assert len(played.commands) == 1
    assert len(played.after(0.1).commands) == 2
    played.answer(Verdict.IN_PROGRESS, delay=5.0).after(4.9)
    assert len(played.commands) == 2
    assert len(played.after(0.1).commands) == 3
    assert played.answer(Verdict.SUCCEEDED).commands[-1] == Do(Act.SCALE)


def test_what_a_hook_tells_is_given_to_its_next_call() -> None:
    """See "Lambda hooks for Amazon ECS service deployments", "Passing state with hookDetails"."""
    plan = replace(CANARY, hooks=(Hook("gate", frozenset({Stage.PRE_SCALE_UP}), {"from": "service"}),))
    played = begun(plan)
    played.give(Answered(0, 0, Verdict.IN_PROGRESS, details={"from": "hook"})).after(30.0)
    asked = [item.details for item in played.commands if isinstance(item, Invoke)]
    assert asked == [{"from": "service"}, {"from": "hook"}]


@pytest.mark.parametrize("continues", [False, True])
def test_a_hook_has_a_day_and_then_its_timeout_action_is_taken(continues: bool) -> None:  # noqa: FBT001
    """API Reference, "DeploymentLifecycleHookTimeoutConfiguration": ROLLBACK, or CONTINUE."""
    played = begun(hooked(Stage.PRE_SCALE_UP, timeout=86400.0, continues=continues)).after(86399.0)
    assert played.state.phase is Phase.HOOKS
    played.after(1.0)
    assert played.state.status is (Status.IN_PROGRESS if continues else Status.ROLLBACK_IN_PROGRESS)
    assert played.commands[1:] == ([Do(Act.SCALE)] if continues else BACK)


def test_all_hooks_of_a_stage_must_succeed() -> None:
    """See "Lifecycle hooks for Amazon ECS service deployments"."""
    both = tuple(Hook(name, frozenset({Stage.PRE_SCALE_UP})) for name in ("one", "two"))
    played = begun(replace(CANARY, hooks=both))
    assert [item for item in played.commands if isinstance(item, Invoke)] == played.commands[:2]
    played.give(Answered(0, 1, Verdict.SUCCEEDED))
    assert played.state.phase is Phase.HOOKS
    assert played.give(Answered(0, 0, Verdict.SUCCEEDED)).commands[-1] == Do(Act.SCALE)


def test_the_answer_to_an_earlier_question_is_not_taken() -> None:
    """Ours: a function that answers after its time was over decides nothing about the next stage."""
    plan = hooked(Stage.PRE_SCALE_UP, Stage.POST_SCALE_UP, timeout=10.0, continues=True)
    played = begun(plan).after(10.0).give(Steady())
    assert played.give(Answered(0, 0, Verdict.FAILED)).state.phase is Phase.HOOKS
    assert played.state.status is Status.IN_PROGRESS


@pytest.mark.parametrize("where", ANYWHERE)
def test_a_red_alarm_fails_the_deployment_until_its_bake_time_is_over(where: str) -> None:
    """See "How CloudWatch alarms detect Amazon ECS deployment failures"."""
    played = ANYWHERE[where]().give(Red(("red",)))
    assert (played.state.status, played.state.alarms) == (Status.ROLLBACK_IN_PROGRESS, Monitor.TRIGGERED)
    assert (played.state.reason, played.state.red) == (messages.alarms(("red",)), ("red",))
    assert cleaning().give(Red(("red",))).state.alarms is Monitor.MONITORING_COMPLETE


def test_alarms_that_are_red_at_the_start_are_ignored() -> None:
    """See "How CloudWatch alarms detect Amazon ECS deployment failures": for that whole deployment."""
    played = Played().give(Begin(("red",)), Steady(), Red(("red",)))
    assert (played.state.status, played.state.alarms) == (Status.IN_PROGRESS, Monitor.DISABLED)


def test_without_rollback_an_alarm_leaves_everything_where_it_is() -> None:
    """API Reference, "DeploymentAlarms": `rollback` says whether it goes back."""
    played = shifting(replace(CANARY, alarm_rollback=False)).give(Red(("red",)))
    assert (played.state.status, played.commands[-1]) == (Status.STOPPED, Halt())
    assert played.state.weight == 10.0


@pytest.mark.parametrize(
    ("breaker", "desired", "threshold"),
    [
        (Breaker(), 1, 3),
        (Breaker(), 6, 3),
        (Breaker(), 7, 4),
        (Breaker(), 400, 200),
        (Breaker(), 1000, 200),
        (Breaker(kind="COUNT", value=1), 400, 1),
        (Breaker(kind="UNBOUNDED_PERCENT", value=50), 2, 1),
        (Breaker(kind="UNBOUNDED_PERCENT", value=100), 1000, 1000),
    ],
)
def test_the_breaker_has_a_threshold(breaker: Breaker, desired: int, threshold: int) -> None:
    """API Reference, "ServiceDeploymentCircuitBreaker" and "ThresholdConfiguration"."""
    assert breaker.threshold(desired) == threshold


@pytest.mark.parametrize("plan", [CANARY, ROLLING], ids=["canary", "rolling"])
def test_failed_tasks_trip_the_breaker_whatever_the_strategy(plan: Plan) -> None:
    """See "How the Amazon ECS deployment circuit breaker detects failures"."""
    played = begun(plan).give(Counted(2, 0, 2))
    assert (played.state.failures, played.state.threshold) == (2, 3)
    played.give(Counted(3, 0, 2))
    assert (played.state.status, played.state.breaker) == (Status.ROLLBACK_IN_PROGRESS, Monitor.TRIGGERED)
    assert played.state.reason == messages.BREAKER


def test_a_task_that_becomes_healthy_sets_the_count_back() -> None:
    """API Reference, "DeploymentCircuitBreaker": resetOnHealthyTask is true by default."""
    happened = (Counted(2, 0, 2), Counted(2, 1, 2), Counted(3, 1, 2))
    assert begun().give(*happened).state.failures == 1
    cumulative = replace(CANARY, breaker=Breaker(resets=False))
    assert begun(cumulative).give(*happened).state.breaker is Monitor.TRIGGERED


def test_the_breaker_watches_until_all_tasks_run() -> None:
    """Ours: MONITORING_COMPLETE once the new tasks are steady; later failures are the scheduler's."""
    played = shifting().give(Counted(9, 0, 2))
    assert (played.state.status, played.state.breaker) == (Status.IN_PROGRESS, Monitor.MONITORING_COMPLETE)


def test_a_breaker_without_rollback_starts_no_more_tasks() -> None:
    """API Reference, "DeploymentCircuitBreaker": a failed deployment stops launching new tasks."""
    played = begun(replace(CANARY, breaker=Breaker(rollback=False))).give(Counted(3, 0, 2))
    assert (played.state.status, played.commands[-1]) == (Status.STOPPED, Halt())


def test_the_way_back_moves_traffic_first() -> None:
    """Ours: production, then test traffic, then the new tasks end; the old ones never left."""
    played = baking().give(Red(("red",)))
    assert played.commands[-3:] == BACK
    assert (played.state.weight, played.state.test_weight) == (0.0, 0.0)
    assert played.give(Steady()).state.status is Status.ROLLBACK_SUCCESSFUL


def test_old_tasks_that_had_to_leave_come_back_before_traffic_does() -> None:
    """Ours: a stop during CLEAN_UP finds the old tasks gone."""
    played = cleaning().give(Stop(), Tick())
    assert played.commands[-1] == Do(Act.RESTORE, Side.SOURCE)
    assert played.state.weight == 100.0
    played.give(Steady())
    assert (played.state.weight, played.commands[-3:]) == (0.0, BACK)


def test_a_way_back_whose_tasks_fail_has_failed() -> None:
    """API Reference, "ServiceDeployment": ROLLBACK_FAILED; only failures since then count."""
    played = cleaning().give(Stop(), Tick(), Counted(7, 2, 2), Counted(9, 2, 2))
    assert (played.state.status, played.state.failures) == (Status.ROLLBACK_IN_PROGRESS, 2)
    played.give(Counted(10, 2, 2))
    assert played.state.status is Status.ROLLBACK_FAILED
    assert played.state.reason.startswith(messages.NO_WAY_BACK)


def test_a_rolling_update_goes_back_by_replacing_tasks() -> None:
    """See "Deploy Amazon ECS services by replacing tasks": the last completed revision is rolled out."""
    played = begun(ROLLING).give(Red(("red",)))
    assert played.commands == [Do(Act.SCALE), Do(Act.RESTORE, Side.SOURCE)]
    assert played.give(Steady()).state.status is Status.ROLLBACK_SUCCESSFUL


@pytest.mark.parametrize(
    "happen", [Red(("red",)), Counted(3, 0, 2), Broken("The rule is gone.")], ids=["alarm", "breaker", "rule"]
)
def test_a_first_deployment_has_nowhere_to_go_back_to(happen: Given) -> None:
    """See "Amazon ECS deployment failure detection": a rollback requires a completed deployment."""
    played = begun(replace(CANARY, returns=False)).give(happen)
    assert (played.state.status, played.commands[-1]) == (Status.STOPPED, Halt())


def test_a_first_deployment_that_is_stopped_has_no_way_back() -> None:
    """Ours: ROLLBACK_REQUESTED, and then ROLLBACK_FAILED."""
    played = begun(replace(CANARY, returns=False)).give(Stop())
    assert played.state.status is Status.ROLLBACK_REQUESTED
    played.give(Tick())
    assert (played.state.status, played.commands[-1]) == (Status.ROLLBACK_FAILED, Halt())


@pytest.mark.parametrize("where", ["pending", *ANYWHERE])
def test_a_stop_turns_a_deployment_back(where: str) -> None:
    """See "Stopping Amazon ECS service deployments": ROLLBACK_REQUESTED, then the rollback starts."""
    played = {"pending": Played, **ANYWHERE}[where]().give(Stop())
    assert played.state.status is Status.ROLLBACK_REQUESTED
    assert played.give(Stop(), Begin(), Red(("red",))).state.status is Status.ROLLBACK_REQUESTED
    assert played.give(Tick()).state.status is Status.ROLLBACK_IN_PROGRESS
    assert played.state.back_reason == messages.STOPPED
    assert played.give(Steady()).state.status is Status.ROLLBACK_SUCCESSFUL


def test_an_abort_leaves_everything_where_it_is() -> None:
    """API Reference, "StopServiceDeployment": ABORT; STOP_REQUESTED continues to stop."""
    played = shifting().give(Stop(rollback=False))
    assert played.state.status is Status.STOP_REQUESTED
    assert played.give(Stop()).state.status is Status.STOP_REQUESTED
    played.give(Tick())
    assert (played.state.status, played.state.weight) == (Status.STOPPED, 10.0)
    assert played.commands[-1] == Halt()


@pytest.mark.parametrize("where", ANYWHERE)
def test_a_newer_deployment_takes_the_place_of_one_under_way(where: str) -> None:
    """Ours: it is STOPPED, and touches nothing any longer."""
    played = ANYWHERE[where]()
    commands = list(played.commands)
    played.give(Superseded(messages.SUPERSEDED))
    assert (played.state.status, played.state.reason) == (Status.STOPPED, messages.SUPERSEDED)
    assert played.commands == commands


def test_one_that_only_cleans_up_has_come_to_its_end() -> None:
    """Ours: traffic has moved, or is back; what the newer one goes back to is the completed revision."""
    assert cleaning().give(Superseded("newer")).state.status is Status.SUCCESSFUL
    back = baking().give(Red(("red",)), Superseded("newer"))
    assert back.state.status is Status.ROLLBACK_SUCCESSFUL


def test_after_another_one_the_service_is_reconciled_first() -> None:
    """API Reference, "ServiceDeployment": RECONCILE_SERVICE, with more than one active revision."""
    played = begun(replace(CANARY, reconciles=True))
    assert played.commands == [Do(Act.RECONCILE), Do(Act.SCALE)]
    assert begun().commands == [Do(Act.SCALE)]


def test_what_is_refused_for_good_turns_it_back() -> None:
    """Ours: without its rule no traffic moves."""
    played = shifting().give(Broken("The rule is gone."))
    assert (played.state.status, played.state.reason) == (Status.ROLLBACK_IN_PROGRESS, "The rule is gone.")
    assert played.give(Broken("Still gone.")).state.status is Status.ROLLBACK_FAILED


HAPPENINGS: st.SearchStrategy[Given] = st.sampled_from(
    [
        Begin(),
        Begin(("red",)),
        Tick(),
        Steady(),
        Done(),
        Broken("no"),
        Red(("red",)),
        Stop(),
        Stop(rollback=False),
        Superseded("newer"),
        Counted(1, 0, 2),
        Counted(5, 1, 2),
        *(Answered(step, 0, verdict) for step in range(10) for verdict in (*Verdict, None)),
    ]
)
PAUSES = st.sampled_from([0.0, 5.0, 90000.0])
PLANS = st.builds(
    replace,
    st.sampled_from([CANARY, ROLLING, hooked(*HOOKABLE), replace(CANARY, returns=False)]),
    reconciles=st.booleans(),
    bake=st.sampled_from([0.0, 5.0]),
)


@settings(max_examples=60, deadline=None)
@given(
    plan=PLANS, happenings=st.lists(st.tuples(HAPPENINGS, st.sampled_from([0.0, 5.0, 90000.0])), max_size=25)
)
def test_whatever_happens_an_end_is_an_end(plan: Plan, happenings: list[tuple[Given, float]]) -> None:
    """Ours: an ended deployment changes nothing, success means all traffic, a rollback means none."""
    played = Played(plan)
    for happening, seconds in happenings:
        ended = played.state if played.state.status.ended else None
        count = len(played.commands)
        played.now += seconds
        played.give(happening)
        if ended:
            assert (played.state, len(played.commands)) == (ended, count)
    if plan.two_colours and played.state.status is Status.SUCCESSFUL:
        assert (played.state.weight, played.state.test_weight) == (100.0, 100.0)
    if played.state.status is Status.ROLLBACK_SUCCESSFUL:
        assert (played.state.weight, played.state.test_weight) == (0.0, 0.0)
    if played.state.status.ended:
        assert played.state.finished is not None

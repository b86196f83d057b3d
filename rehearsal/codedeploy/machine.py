"""The documented course of an ECS deployment: given what happens, what it becomes and what is to be done.

AWS CodeDeploy User Guide unless another is named:
- "Deployments on an Amazon ECS compute platform": order of events, what a failed validation leaves.
- "AppSpec 'hooks' section": a hook without a function does nothing; no report within one hour fails the
  deployment; at BeforeInstall "a rollback is not possible".
- "Troubleshoot Amazon ECS deployment issues": an hour for the replacement to become healthy, the messages.
- "Monitoring deployments with CloudWatch alarms in CodeDeploy": an active alarm stops the deployment, and
  its status becomes Stopped.
- API Reference, "ContinueDeployment", "StopDeployment", "AlarmConfiguration".
One command is out at a time, and what became of it is given before anything else.
"""

from dataclasses import dataclass, replace
from typing import Final

from rehearsal.codedeploy import endings, messages
from rehearsal.codedeploy.plan import Kind, Plan, Step, Trigger, steps
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
    Event,
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
)

_SINGLE: Final[dict[Kind, Command]] = {
    Kind.TEST: MoveTest(Side.REPLACEMENT),
    Kind.TERMINATE: Remove(Side.ORIGINAL),
    Kind.PUT_BACK: Move(0),
    Kind.PUT_TEST_BACK: MoveTest(Side.ORIGINAL),
    Kind.DEMOTE: Promote(Side.ORIGINAL),
    Kind.REMOVE: Remove(Side.REPLACEMENT),
}
"""Steps that begin with one command whatever the plan says."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What a deployment has become, and the one command that it wants carried out, if any."""

    state: State
    command: Command | None = None


def advance(plan: Plan, state: State, given: Given, now: float) -> Turn:
    """Return what becomes of a deployment; whatever does not concern it where it stands changes nothing."""
    if state.status.ended:
        return Turn(state)
    match given:
        case Begin() if state.status is Status.CREATED:
            return Turn(replace(state, status=Status.QUEUED))
        case Begin() if state.status is Status.QUEUED:
            return _enter(plan, replace(state, status=Status.IN_PROGRESS, started=now), 0, now)
        case Broken(problem):
            return _fail(plan, state, problem, now)
        case Stop() | Alarmed() | Blind() if not endings.is_past_stopping(plan, state):
            return _interrupt(plan, state, given, now)
    return _proceed(plan, state, given, now) if state.step >= 0 else Turn(state)


def _proceed(plan: Plan, state: State, given: Given, now: float) -> Turn:
    kind = steps(plan)[state.step].kind
    return _HANDLERS.get(kind, _after_one_command)(plan, state, given, now)


def _hook(plan: Plan, state: State, given: Given, now: float) -> Turn:
    """Wait for the function's report."""
    event = steps(plan)[state.step].event
    if given == Answered(event, passed=True):
        return _next(plan, state, now)
    if given == Answered(event, passed=False):
        return _fail(plan, state, messages.HOOK_FAILED, now)
    return _fail(plan, state, messages.HOOK_SILENT, now) if _is_due(state, given, now) else Turn(state)


def _install(plan: Plan, state: State, given: Given, now: float) -> Turn:
    """Wait for the replacement; its tasks are replaced as often as they fail, so only time ends that."""
    if isinstance(given, Steady):
        return _next(plan, state, now)
    return _fail(plan, state, messages.NEVER_HEALTHY, now) if _is_due(state, given, now) else Turn(state)


def _ready(plan: Plan, state: State, given: Given, now: float) -> Turn:
    """Wait for somebody to continue; without one the deployment stops."""
    if given == Continue("READY_WAIT"):
        return _next(plan, state, now)
    if not _is_due(state, given, now):
        return Turn(state)
    problem = messages.not_continued(plan.ready_minutes)
    return _stop(plan, state, problem, Trigger.REQUEST, now)


def _wait(plan: Plan, state: State, given: Given, now: float) -> Turn:
    """Keep the original task set, so that the way back stays short."""
    over = given == Continue("TERMINATION_WAIT") or _is_due(state, given, now)
    return _next(plan, state, now) if over else Turn(state)


def _after_one_command(plan: Plan, state: State, given: Given, now: float) -> Turn:
    return _next(plan, state, now) if isinstance(given, Done) else Turn(state)


def _is_due(state: State, given: Given, now: float) -> bool:
    return isinstance(given, Tick) and state.deadline is not None and now >= state.deadline


def _shift(plan: Plan, state: State, given: Given, now: float) -> Turn:
    """Move the next increment when it is due; with all traffic the replacement becomes the primary."""
    if isinstance(given, Done):
        if state.increment > len(plan.increments):
            return _next(plan, state, now)
        weight = plan.increments[state.increment - 1].percent
        if weight >= 100:  # noqa: PLR2004 - percent
            promoted = replace(state, weight=weight, increment=state.increment + 1, deadline=None)
            return Turn(promoted, Promote(Side.REPLACEMENT))
        due = state.since + plan.increments[state.increment].after
        return Turn(replace(state, weight=weight, deadline=due))
    if not _is_due(state, given, now):
        return Turn(state)
    command = Move(plan.increments[state.increment].percent)
    return Turn(replace(state, increment=state.increment + 1, deadline=None), command)


def _next(plan: Plan, state: State, now: float) -> Turn:
    """Finish the step under way and enter the one after it."""
    step = steps(plan)[state.step]
    state = replace(state, events=_marked(state, step.event, Progress.SUCCEEDED, now))
    return _enter(plan, state, state.step + 1, now)


def _enter(plan: Plan, state: State, index: int, now: float) -> Turn:
    if index == len(steps(plan)):
        return Turn(replace(state, status=Status.SUCCEEDED, step=index, deadline=None, completed=now))
    step = steps(plan)[index]
    state = replace(
        state,
        step=index,
        since=now,
        deadline=None,
        status=Status.READY if step.kind is Kind.READY else Status.IN_PROGRESS,
        events=_marked(state, step.event, Progress.IN_PROGRESS, now),
    )
    begin = _BEGINNINGS.get(step.kind)
    return begin(plan, state, step, now) if begin else Turn(state, _SINGLE[step.kind])


def _begin_install(plan: Plan, state: State, _step: Step, now: float) -> Turn:
    return Turn(replace(state, deadline=now + plan.install_timeout), Create())


def _begin_shift(plan: Plan, state: State, _step: Step, _now: float) -> Turn:
    return Turn(replace(state, increment=1), Move(plan.increments[0].percent))


def _begin_ready(plan: Plan, state: State, _step: Step, now: float) -> Turn:
    return Turn(replace(state, deadline=now + (plan.ready or 0.0)))


def _begin_wait(plan: Plan, state: State, _step: Step, now: float) -> Turn:
    return Turn(replace(state, waits=True, deadline=now + (plan.termination or 0.0)))


def _begin_hook(plan: Plan, state: State, step: Step, now: float) -> Turn:
    function = plan.hooks.get(step.event)
    if function is None:
        return _next(plan, state, now)
    return Turn(replace(state, deadline=now + plan.hook_timeout), Invoke(step.event, function))


def _interrupt(plan: Plan, state: State, given: Stop | Alarmed | Blind, now: float) -> Turn:
    match given:
        case Alarmed(names):
            return _stop(plan, state, messages.alarms_active(names), Trigger.ALARM, now)
        case Blind():
            if plan.ignores_blindness:
                return Turn(state)
            return _stop(plan, state, messages.BLIND, Trigger.ALARM, now)
        case Stop(rollback):
            turn = _stop(plan, state, messages.STOPPED, Trigger.REQUEST, now)
            if rollback is None:
                return turn
            return Turn(replace(turn.state, returns=rollback and endings.can_return(plan, state)))


def _fail(plan: Plan, state: State, problem: Problem, now: float) -> Turn:
    return Turn(endings.failed(plan, state, problem, now))


def _stop(plan: Plan, state: State, problem: Problem, trigger: Trigger, now: float) -> Turn:
    return Turn(endings.ended(plan, state, Status.STOPPED, problem, trigger, now))


def _marked(state: State, name: str, progress: Progress, now: float) -> tuple[Event, ...]:
    if progress is Progress.IN_PROGRESS:
        return tuple(
            replace(event, progress=progress, started=now) if event.name == name else event
            for event in state.events
        )
    return tuple(
        replace(event, progress=progress, ended=now) if event.name == name else event
        for event in state.events
    )


_HANDLERS: Final = {
    Kind.HOOK: _hook,
    Kind.INSTALL: _install,
    Kind.READY: _ready,
    Kind.SHIFT: _shift,
    Kind.WAIT: _wait,
}
_BEGINNINGS: Final = {
    Kind.HOOK: _begin_hook,
    Kind.INSTALL: _begin_install,
    Kind.READY: _begin_ready,
    Kind.SHIFT: _begin_shift,
    Kind.WAIT: _begin_wait,
}

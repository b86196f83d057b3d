"""The documented course of a service deployment: given what happens, what it becomes and what is to be done.

Amazon ECS Developer Guide unless another is named:
- "Amazon ECS blue/green service deployments workflow", "canary deployments", "linear deployments": the order
  of stages (`plan`).
- "Lambda hooks for Amazon ECS service deployments": every hook of a stage must succeed before the next one;
  one that is not done yet is asked again; a failure, or an answer without a status, rolls back.
- What watches it (`monitors`): either fails the deployment, which rolls back where that was configured.
- "Stopping Amazon ECS service deployments": which statuses follow.
Whatever is to be done is carried out before anything else is given, but for hooks, which answer later.
"""

from dataclasses import dataclass, replace
from typing import Final

from rehearsal.ecs import hooks, messages, monitors, progress
from rehearsal.ecs.plan import Act, Plan, Stage, Step, Until
from rehearsal.ecs.progress import current, steps
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
)

_UNTIL_THEN: Final = frozenset({Status.IN_PROGRESS, Status.PENDING})
"""Statuses of a deployment that goes forward."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What a deployment has become, and what it wants done, in order."""

    state: State
    commands: tuple[Command, ...] = ()


def advance(plan: Plan, state: State, given: Given, now: float) -> Turn:
    """Return what becomes of a deployment; whatever does not concern it where it stands changes nothing."""
    if state.status.ended:
        return Turn(state)
    if isinstance(given, Begin | Superseded | Stop | Broken | Red | Counted):
        return _interrupt(plan, state, given, now)
    return _go_on(plan, state, given, now)


def _interrupt(
    plan: Plan, state: State, given: Begin | Superseded | Stop | Broken | Red | Counted, now: float
) -> Turn:
    """Take what may happen wherever a deployment stands."""
    match given:
        case Begin(red):
            return _begin(plan, state, red, now) if state.status is Status.PENDING else Turn(state)
        case Superseded(reason):
            return _supersede(plan, state, reason, now)
        case Stop(rollback):
            return _stop(state, rollback=rollback)
        case Broken(reason):
            return _fail(plan, state, reason, returns=True, now=now)
        case Red(names):
            return _alarm(plan, state, names, now)
        case Counted():
            return _count(plan, state, given, now)


def _begin(plan: Plan, state: State, red: tuple[str, ...], now: float) -> Turn:
    begun = replace(state, status=Status.IN_PROGRESS, started=now)
    return _enter(plan, monitors.begun(plan, begun, red), 0, now)


def _go_on(plan: Plan, state: State, given: Given, now: float) -> Turn:
    if state.status is Status.ROLLBACK_REQUESTED:
        return _go_back(plan, state, state.back_reason, now) if isinstance(given, Tick) else Turn(state)
    if state.status is Status.STOP_REQUESTED:
        return _halt(state, state.reason, now) if isinstance(given, Tick) else Turn(state)
    if state.step < 0:
        return Turn(state)
    step = steps(plan, state)[state.step]
    match state.phase:
        case Phase.ACT:
            return _ask(plan, progress.done(state, step), now) if isinstance(given, Done) else Turn(state)
        case Phase.HOOKS:
            return _hooks(plan, state, given, now)
        case Phase.WAIT:
            return _next(plan, state, now) if _is_over(state, step, given, now) else Turn(state)


def _ask(plan: Plan, state: State, now: float) -> Turn:
    """Ask the hooks of the step; on the way back there are none."""
    step = steps(plan, state)[state.step]
    asked = hooks.due(plan, step.stage, now) if state.back_since is None else ()
    if not asked or step.stage is None:
        return _wait(plan, state, now)
    questions = tuple(Invoke(state.step, item.hook, step.stage, item.details) for item in asked)
    return Turn(replace(state, phase=Phase.HOOKS, asked=asked), questions)


def _hooks(plan: Plan, state: State, given: Given, now: float) -> Turn:
    step = steps(plan, state)[state.step]
    if step.stage is None:
        return Turn(state)
    match given:
        case Answered() if given.step == state.step:
            state = replace(state, asked=hooks.answered(plan, state.asked, given, now))
            if hooks.refused(state.asked):
                return _fail(plan, state, messages.hook(step.stage, given.error), returns=True, now=now)
        case Tick():
            asked = hooks.timed_out(plan, state.asked, now)
            if hooks.refused(asked):
                reason = messages.hook_silent(step.stage)
                return _fail(plan, replace(state, asked=asked), reason, returns=True, now=now)
            again = [item for item in asked if item.again is not None and now >= item.again]
            state = replace(state, asked=hooks.asked_again(asked, now))
            if again:
                questions = (Invoke(state.step, item.hook, step.stage, item.details) for item in again)
                return Turn(state, tuple(questions))
    return _wait(plan, state, now) if hooks.passed(state.asked) else Turn(state)


def _wait(plan: Plan, state: State, now: float) -> Turn:
    step = steps(plan, state)[state.step]
    if step.until is Until.NOTHING or (step.until is Until.TIME and step.seconds <= 0):
        return _next(plan, state, now)
    deadline = now + step.seconds if step.until is Until.TIME else None
    return Turn(replace(state, phase=Phase.WAIT, deadline=deadline))


def _is_over(state: State, step: Step, given: Given, now: float) -> bool:
    if step.until is Until.TIME:
        return isinstance(given, Tick) and state.deadline is not None and now >= state.deadline
    return isinstance(given, Steady)


def _next(plan: Plan, state: State, now: float) -> Turn:
    """Leave the step under way for the one after it."""
    if state.back_since is None:
        state = monitors.left(state, steps(plan, state)[state.step])
    if state.step + 1 < len(steps(plan, state)):
        return _enter(plan, state, state.step + 1, now)
    end = Status.SUCCESSFUL if state.back_since is None else Status.ROLLBACK_SUCCESSFUL
    return Turn(replace(state, status=end, finished=now, deadline=None, asked=()))


def _enter(plan: Plan, state: State, index: int, now: float) -> Turn:
    state = replace(state, step=index, phase=Phase.ACT, deadline=None, asked=())
    step = steps(plan, state)[index]
    if step.act is Act.NOTHING:
        return _ask(plan, state, now)
    return Turn(state, (Do(step.act, step.side, step.percent),))


def _alarm(plan: Plan, state: State, names: tuple[str, ...], now: float) -> Turn:
    if state.status is not Status.IN_PROGRESS or state.alarms is not Monitor.MONITORING:
        return Turn(state)
    state = replace(state, alarms=Monitor.TRIGGERED, red=names)
    return _fail(plan, state, messages.alarms(names), returns=plan.alarm_rollback, now=now)


def _count(plan: Plan, state: State, given: Counted, now: float) -> Turn:
    """Count the tasks that failed while a revision scales up."""
    breaker = plan.breaker
    scales = state.step >= 0 and steps(plan, state)[state.step].until is Until.STEADY
    if breaker is None or not scales or state.status.goes_back is (state.back_since is None):
        return Turn(state)
    state = monitors.counted(breaker, state, given)
    if state.failures < state.threshold:
        return Turn(state)
    state = replace(state, breaker=Monitor.TRIGGERED)
    return _fail(plan, state, messages.BREAKER, returns=breaker.rollback, now=now)


def _stop(state: State, *, rollback: bool) -> Turn:
    """Turn it back, or leave everything as it is; what goes back already goes on, and so does a stop."""
    if state.status not in _UNTIL_THEN:
        return Turn(state)
    if rollback:
        return Turn(replace(state, status=Status.ROLLBACK_REQUESTED, back_reason=messages.STOPPED))
    return Turn(replace(state, status=Status.STOP_REQUESTED, reason=messages.STOPPED))


def _supersede(plan: Plan, state: State, reason: str, now: float) -> Turn:
    """End it for another one; where all but the cleaning up was done, it has come to its end."""
    step = current(plan, state)
    if step is not None and step.stage is Stage.CLEAN_UP and state.phase is not Phase.ACT:
        return _next(plan, replace(state, step=len(steps(plan, state)) - 1), now)
    return Turn(replace(state, status=Status.STOPPED, reason=reason, finished=now, stopped=now))


def _fail(plan: Plan, state: State, reason: str, *, returns: bool, now: float) -> Turn:
    if state.back_since is not None:
        text = f"{messages.NO_WAY_BACK} {reason}"
        return Turn(replace(state, status=Status.ROLLBACK_FAILED, reason=text, finished=now), (Halt(),))
    if returns and plan.returns:
        return _go_back(plan, state, reason, now)
    return _halt(state, reason, now)


def _go_back(plan: Plan, state: State, reason: str, now: float) -> Turn:
    state = replace(
        state,
        status=Status.ROLLBACK_IN_PROGRESS,
        reason=reason,
        back_since=now,
        back_reason=reason,
        stopped=now,
        deadline=None,
    )
    if plan.returns:
        return _enter(plan, state, 0, now)
    text = f"{messages.NO_WAY_BACK} {messages.NOTHING_BEFORE}"
    return Turn(replace(state, status=Status.ROLLBACK_FAILED, reason=text, finished=now), (Halt(),))


def _halt(state: State, reason: str, now: float) -> Turn:
    """Leave everything where it is."""
    ended = replace(state, status=Status.STOPPED, reason=reason, finished=now, stopped=now)
    return Turn(ended, (Halt(),))

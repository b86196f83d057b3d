"""How a deployment ends early, and whether traffic has to go back.

AWS CodeDeploy User Guide, "Deployments on an Amazon ECS compute platform": after a failure with rollbacks
configured, components return to the state they had at the start; without, they stay as they are.
"AppSpec 'hooks' section": at BeforeInstall "a rollback is not possible".
"""

from dataclasses import replace

from rehearsal.codedeploy.plan import Kind, Plan, Step, Trigger, steps
from rehearsal.codedeploy.state import Event, Problem, Progress, State, Status


def current(plan: Plan, state: State) -> Step | None:
    """Return the step under way."""
    return steps(plan)[state.step] if 0 <= state.step < len(steps(plan)) else None


def failed(plan: Plan, state: State, problem: Problem, now: float) -> State:
    """Return a deployment that has failed."""
    return ended(plan, state, Status.FAILED, problem, Trigger.FAILURE, now)


def ended(plan: Plan, state: State, status: Status, problem: Problem, trigger: Trigger, now: float) -> State:
    """Return a deployment that has ended early: the event under way failed, and the rest are skipped."""
    return replace(
        state,
        status=status,
        problem=problem,
        completed=now,
        deadline=None,
        events=tuple(_broken_off(event, problem, now) for event in state.events),
        returns=trigger in plan.rolls_back and can_return(plan, state),
    )


def can_return(plan: Plan, state: State) -> bool:
    """Whether there may be something to take back, and the original task set is still there."""
    step = current(plan, state)
    if step is None or plan.way_back:
        return False
    return step.event != "BeforeInstall" and step.kind is not Kind.TERMINATE


def is_past_stopping(plan: Plan, state: State) -> bool:
    """Whether there is no way back: the original task set is going, or this is the way back itself."""
    step = current(plan, state)
    return plan.way_back or (step is not None and step.kind is Kind.TERMINATE)


def _broken_off(event: Event, problem: Problem, now: float) -> Event:
    if event.progress is Progress.IN_PROGRESS:
        return replace(event, progress=Progress.FAILED, ended=now, message=problem.message)
    if event.progress is Progress.PENDING:
        return replace(event, progress=Progress.SKIPPED)
    return event

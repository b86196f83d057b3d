"""Where a service deployment stands on its way forward or back, and what a step leaves; pure."""

from dataclasses import replace

from rehearsal.ecs.plan import Act, Plan, Side, Step, back, forward
from rehearsal.ecs.state import State


def steps(plan: Plan, state: State) -> tuple[Step, ...]:
    """Return the steps of which one is under way: those forward, or those back."""
    return forward(plan) if state.back_since is None else back(plan, source_left=state.source_left)


def current(plan: Plan, state: State) -> Step | None:
    """Return the step under way, or the last one."""
    found = steps(plan, state)
    return found[min(state.step, len(found) - 1)] if state.step >= 0 else None


def done(state: State, step: Step) -> State:
    """Return the state when what a step begins with has been done."""
    match step.act:
        case Act.MOVE:
            return replace(state, weight=step.percent)
        case Act.MOVE_TEST:
            return replace(state, test_weight=100.0 if step.side is Side.TARGET else 0.0)
        case Act.DRAIN if step.side is Side.SOURCE:
            return replace(state, source_left=True)
        case Act.RESTORE:
            return replace(state, counted=None, failures=0)
    return state

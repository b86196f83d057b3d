"""What watches a service deployment while it goes forward: its alarms and the circuit breaker; pure.

Amazon ECS Developer Guide, "How CloudWatch alarms detect Amazon ECS deployment failures" and "How the Amazon
ECS deployment circuit breaker detects failures".
"""

from dataclasses import replace

from rehearsal.ecs.plan import Breaker, Plan, Stage, Step, Until
from rehearsal.ecs.state import Counted, Monitor, State


def begun(plan: Plan, state: State, red: tuple[str, ...]) -> State:
    """Return the state when watching begins; alarms that are red by then are not watched."""
    return replace(
        state,
        alarms=Monitor.MONITORING if plan.alarms and not red else Monitor.DISABLED,
        breaker=Monitor.MONITORING if plan.breaker else Monitor.DISABLED,
    )


def left(state: State, step: Step) -> State:
    """Return the state without what is no longer watched after a step on the way forward."""
    if step.until is Until.STEADY and state.breaker is Monitor.MONITORING:
        state = replace(state, breaker=Monitor.MONITORING_COMPLETE)
    if step.stage is Stage.BAKE_TIME and state.alarms is Monitor.MONITORING:
        state = replace(state, alarms=Monitor.MONITORING_COMPLETE)
    return state


def counted(breaker: Breaker, state: State, found: Counted) -> State:
    """Return the state after the tasks that failed, and those that became healthy, were counted."""
    failed, healthy = state.counted or (found.failed, found.healthy)
    failures = 0 if breaker.resets and found.healthy > healthy else state.failures
    return replace(
        state,
        counted=(found.failed, found.healthy),
        failures=failures + max(0, found.failed - failed),
        threshold=breaker.threshold(found.desired),
    )

"""The sentences of a deployment that ends early: the rehearsal's own, since no documentation lists ECS's."""

from collections.abc import Sequence
from typing import Final

from rehearsal.ecs.plan import Stage

STOPPED: Final = "The service deployment was stopped by a user."
BREAKER: Final = "The deployment circuit breaker was triggered: tasks failed to start."
SUPERSEDED: Final = "A new service deployment took the place of this one."
DELETED: Final = "The service was deleted."
NO_WAY_BACK: Final = "The rollback failed:"
NOTHING_BEFORE: Final = "there is no completed service revision to roll back to."


def alarms(names: Sequence[str]) -> str:
    """Return why alarms ended a deployment."""
    return f"CloudWatch alarms are in the ALARM state: {', '.join(names)}."


def hook(stage: Stage, error: str) -> str:
    """Return why a hook ended a deployment."""
    return f"A lifecycle hook failed at {stage}{': ' + error if error else ''}."


def hook_silent(stage: Stage) -> str:
    """Return why a hook that was never done ended a deployment."""
    return f"A lifecycle hook timed out at {stage}."

"""The hooks of a stage while they are asked; pure.

Amazon ECS Developer Guide, "Lambda hooks for Amazon ECS service deployments": SUCCEEDED, FAILED, or
IN_PROGRESS, after which the function is called again, 30 seconds later or after `callBackDelay`, with the
`hookDetails` that it gave. API Reference, "DeploymentLifecycleHookTimeoutConfiguration": 24 hours where
nothing else was said, and then a rollback, or the next stage.
"""

from collections.abc import Sequence
from dataclasses import replace

from rehearsal.ecs.plan import Plan, Stage
from rehearsal.ecs.state import Answered, Asked, Verdict


def due(plan: Plan, stage: Stage | None, now: float) -> tuple[Asked, ...]:
    """Return the hooks that are asked at a stage."""
    return tuple(
        Asked(index, expires=now + hook.timeout, details=hook.details)
        for index, hook in enumerate(plan.hooks)
        if stage in hook.stages
    )


def answered(plan: Plan, asked: Sequence[Asked], answer: Answered, now: float) -> tuple[Asked, ...]:
    """Return the hooks after one has answered; no verdict is a failure."""
    rest = plan.hook_rest if answer.delay is None else answer.delay
    verdict = answer.verdict or Verdict.FAILED
    return tuple(
        replace(
            item,
            verdict=verdict,
            again=now + rest if verdict is Verdict.IN_PROGRESS else None,
            details=item.details if answer.details is None else answer.details,
        )
        if item.hook == answer.hook and item.verdict is Verdict.IN_PROGRESS
        else item
        for item in asked
    )


def asked_again(asked: Sequence[Asked], now: float) -> tuple[Asked, ...]:
    """Return the hooks when those whose rest is over are asked again."""
    return tuple(
        replace(item, again=None) if item.again is not None and now >= item.again else item for item in asked
    )


def timed_out(plan: Plan, asked: Sequence[Asked], now: float) -> tuple[Asked, ...]:
    """Return the hooks when those whose time is over are judged by what their configuration says."""
    return tuple(
        replace(
            item,
            again=None,
            verdict=Verdict.SUCCEEDED if plan.hooks[item.hook].continues else Verdict.FAILED,
        )
        if item.verdict is Verdict.IN_PROGRESS and now >= item.expires
        else item
        for item in asked
    )


def passed(asked: Sequence[Asked]) -> bool:
    """Return whether all have succeeded."""
    return all(item.verdict is Verdict.SUCCEEDED for item in asked)


def refused(asked: Sequence[Asked]) -> bool:
    """Return whether one has failed."""
    return any(item.verdict is Verdict.FAILED for item in asked)

"""From what a service says of its deployments to the plan of one; pure.

Amazon ECS API Reference, "DeploymentConfiguration", "CanaryConfiguration", "LinearConfiguration",
"DeploymentLifecycleHook", "DeploymentAlarms", "DeploymentCircuitBreaker".
"""

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from rehearsal.ecs.plan import DAY, Breaker, Hook, Increment, Plan, Stage, Strategy
from rehearsal.ecs.rolling import Limits

_MINUTE: Final = 60.0
_HOOK_REST: Final = 30.0
_ALL: Final = 100.0

Real = Callable[[float], float]
"""Turns AWS's seconds into this machine's."""


def plan(
    configuration: Mapping[str, Any],
    *,
    returns: bool,
    reconciles: bool = False,
    alarm_bake: float = 0.0,
    real: Real = float,
) -> Plan:
    """Return the plan of a deployment.

    Args:
        configuration: The service's `deploymentConfiguration`.
        returns: Whether there is a completed revision to go back to.
        reconciles: Whether another deployment was under way.
        alarm_bake: AWS's seconds for which a rolling update watches its alarms when nothing else is said.
        real: Turns AWS's seconds into this machine's.
    """
    strategy = Strategy(configuration.get("strategy", "ROLLING"))
    alarms = configuration.get("alarms", {})
    watched = tuple(alarms.get("alarmNames", ())) if alarms.get("enable") else ()
    minutes = configuration.get("bakeTimeInMinutes")
    rolling_bake = alarm_bake if strategy is Strategy.ROLLING and watched else 0.0
    return Plan(
        strategy=strategy,
        returns=returns,
        reconciles=reconciles,
        increments=increments(configuration, real),
        bake=real(rolling_bake if minutes is None else minutes * _MINUTE),
        hooks=_hooks(configuration, real),
        alarms=watched,
        alarm_rollback=bool(alarms.get("rollback", False)),
        breaker=_breaker(configuration.get("deploymentCircuitBreaker", {})),
        hook_rest=real(_HOOK_REST),
    )


def increments(configuration: Mapping[str, Any], real: Real) -> tuple[Increment, ...]:
    """Return the parts in which production traffic moves."""
    match configuration.get("strategy"):
        case "CANARY":
            said = configuration.get("canaryConfiguration", {})
            first = float(said.get("canaryPercent", 5.0))
            wait = real(said.get("canaryBakeTimeInMinutes", 10) * _MINUTE)
            return (Increment(first, wait), Increment(_ALL)) if first < _ALL else (Increment(_ALL),)
        case "LINEAR":
            said = configuration.get("linearConfiguration", {})
            step = float(said.get("stepPercent", 10.0))
            wait = real(said.get("stepBakeTimeInMinutes", 6) * _MINUTE)
            parts = [step * number for number in range(1, int(_ALL // step) + 1) if step * number < _ALL]
            return (*(Increment(part, wait) for part in parts), Increment(_ALL))
    return (Increment(_ALL),)


def limits(configuration: Mapping[str, Any], desired: int) -> Limits:
    """Return how many tasks a rolling update may have."""
    return Limits(
        desired,
        float(configuration.get("minimumHealthyPercent", 100)),
        float(configuration.get("maximumPercent", 200)),
    )


def _hooks(configuration: Mapping[str, Any], real: Real) -> tuple[Hook, ...]:
    return tuple(
        _hook(said, real)
        for said in configuration.get("lifecycleHooks", ())
        if said.get("targetType", "AWS_LAMBDA") == "AWS_LAMBDA"
    )


def _hook(said: Mapping[str, Any], real: Real) -> Hook:
    timeout = said.get("timeoutConfiguration", {})
    details = said.get("hookDetails")
    known = set(Stage)
    return Hook(
        function=said["hookTargetArn"],
        stages=frozenset(Stage(name) for name in said.get("lifecycleStages", ()) if name in known),
        details=json.loads(details) if isinstance(details, str) else details,
        timeout=real(timeout["timeoutInMinutes"] * _MINUTE if "timeoutInMinutes" in timeout else DAY),
        continues=timeout.get("action") == "CONTINUE",
    )


def _breaker(said: Mapping[str, Any]) -> Breaker | None:
    if not said.get("enable"):
        return None
    threshold = said.get("thresholdConfiguration", {})
    return Breaker(
        rollback=bool(said.get("rollback", False)),
        kind=threshold.get("type", "BOUNDED_PERCENT"),
        value=threshold.get("value", 50),
        resets=said.get("resetOnHealthyTask", True),
    )

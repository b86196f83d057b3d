"""From a deployment group and a request to the plan of a deployment: pure."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from rehearsal.codedeploy import schedule
from rehearsal.codedeploy.appspec import AppSpec
from rehearsal.codedeploy.plan import Plan, Trigger

_MINUTE: Final = 60.0
_HOUR: Final = 3600.0


def settings_of(group: Mapping[str, Any], said: Mapping[str, Any]) -> dict[str, Any]:
    """Return what DeploymentInfo tells of a deployment's settings: the group's, or the request's own.

    AWS CodeDeploy User Guide, "Redeploy and roll back a deployment with CodeDeploy": a new deployment can
    override the group's rollback configuration; API Reference, "CreateDeployment": its alarms as well.
    """
    kept = ("blueGreenDeploymentConfiguration", "loadBalancerInfo", "autoRollbackConfiguration")
    found = {name: group[name] for name in kept if name in group}
    own = ("autoRollbackConfiguration", "overrideAlarmConfiguration")
    return found | {name: said[name] for name in own if name in said}


def plan(
    *,
    routing: Mapping[str, Any],
    settings: Mapping[str, Any],
    alarms: Mapping[str, Any],
    appspec: AppSpec,
    real: Callable[[float], float],
) -> Plan:
    """Return the plan of a deployment that somebody asked for.

    Args:
        routing: The TrafficRoutingConfig of its configuration.
        settings: By `settings_of`.
        alarms: The AlarmConfiguration that counts.
        appspec: What it rolls out.
        real: Turns AWS's seconds into this machine's.
    """
    blue_green = settings.get("blueGreenDeploymentConfiguration", {})
    ready = blue_green.get("deploymentReadyOption", {})
    ending = blue_green.get("terminateBlueInstancesOnDeploymentSuccess", {})
    minutes = ready.get("waitTimeInMinutes", 0)
    watched = alarms.get("alarms", []) if alarms.get("enabled") else []
    return Plan(
        increments=schedule.increments(routing, real),
        hooks=appspec.hooks,
        test_listener=test_listener(settings) != "",
        ready=real(minutes * _MINUTE) if ready.get("actionOnTimeout") == "STOP_DEPLOYMENT" else None,
        ready_minutes=minutes,
        termination=_termination(ending, real),
        rolls_back=_triggers(settings.get("autoRollbackConfiguration", {})),
        alarms=tuple(alarm["name"] for alarm in watched),
        ignores_blindness=bool(alarms.get("ignorePollAlarmFailure")),
        hook_timeout=real(_HOUR),
        install_timeout=real(_HOUR),
    )


def way_back(settings: Mapping[str, Any]) -> Plan:
    """Return the plan of the rollback of a deployment with these settings; no alarm stops it."""
    return Plan(test_listener=test_listener(settings) != "", way_back=True)


def test_listener(settings: Mapping[str, Any]) -> str:
    """Return the ARN of the listener for test traffic; empty without one."""
    pair = settings["loadBalancerInfo"]["targetGroupPairInfoList"][0]
    arns: list[str] = pair.get("testTrafficRoute", {}).get("listenerArns", [])
    return arns[0] if arns else ""


def _termination(ending: Mapping[str, Any], real: Callable[[float], float]) -> float | None:
    if ending.get("action", "TERMINATE") == "KEEP_ALIVE":
        return None
    return real(ending.get("terminationWaitTimeInMinutes", 0) * _MINUTE)


def _triggers(rollback: Mapping[str, Any]) -> frozenset[Trigger]:
    return frozenset(map(Trigger, rollback.get("events", []))) if rollback.get("enabled") else frozenset()

"""Fleets of tasks, targets and shares of traffic, read from AWS into the values of `release.fleet_facts`."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from release.clients import Clients
from release.errors import Refused
from release.fleet_facts import WHOLE, Fleet, Scene, Target, Task
from release.paging import listed, portions
from release.patience import Patient
from release.stage_facts import Stage, Way

__all__ = [
    "WHOLE",
    "Fleet",
    "Scene",
    "Target",
    "Task",
    "find_service",
    "fleets_of",
    "look",
    "own_of",
    "primary_of",
    "read_service",
    "read_shares",
    "shares_of",
    "task_of",
]

_TASKS_AT_ONCE: Final = 100
"""Tasks that one DescribeTasks takes (Amazon ECS API Reference)."""


def look(ask: Patient, stage: Stage) -> Scene:
    """Read fleets, tasks, targets and shares of a stage."""
    service = read_service(ask, stage)
    return Scene(
        fleets=fleets_of(service),
        tasks=ask.ask(lambda clients: _tasks(clients, stage)),
        targets=ask.ask(
            lambda clients: {colour: _targets(clients, arn) for colour, arn in stage.groups.items()}
        ),
        production=read_shares(ask, stage, stage.production),
        test=read_shares(ask, stage, stage.test),
    )


def read_service(ask: Patient, stage: Stage) -> Mapping[str, Any]:
    """Return the service as ECS describes it.

    Raises:
        Refused: it is gone.
    """
    if (found := find_service(ask, stage)) is None:
        raise Refused([f"The service {stage.service} of stage {stage.name} is gone: deploy its stack again."])
    return found


def find_service(ask: Patient, stage: Stage) -> Mapping[str, Any] | None:
    """Return the service as ECS describes it; nothing when it is gone."""
    found = ask.ask(
        lambda clients: clients.ecs.describe_services(cluster=stage.cluster, services=[stage.service])
    )["services"]
    return next((item for item in found if item["status"] == "ACTIVE"), None)


def read_shares(ask: Patient, stage: Stage, way: Way) -> dict[str, int]:
    """Return how many percent each colour gets."""
    return shares_of(ask.ask(lambda clients: _actions(clients, way)), stage)


def primary_of(service: Mapping[str, Any]) -> Fleet:
    """Return the service's own fleet.

    Raises:
        Refused: there is none.
    """
    found = own_of(service)
    if found is None:
        raise Refused([f"The service {service['serviceName']} has no tasks of its own yet: wait for them."])
    return found


def own_of(service: Mapping[str, Any]) -> Fleet | None:
    """Return the service's own fleet, where there is one."""
    return next((fleet for fleet in fleets_of(service) if fleet.primary), None)


def fleets_of(service: Mapping[str, Any]) -> tuple[Fleet, ...]:
    """Return the fleets of a described service: its task sets, or its deployments under ECS."""
    sets = service.get("taskSets", [])
    return tuple(_task_set(item) for item in sets) or tuple(
        _deployment(item) for item in service.get("deployments", [])
    )


def shares_of(actions: Sequence[Mapping[str, Any]], stage: Stage) -> dict[str, int]:
    """Return how many percent each colour gets by the actions of a listener or rule."""
    weights = dict.fromkeys(stage.groups, 0)
    total = 0
    for group, weight in _weights(actions):
        total += weight
        if colour := stage.colour_of(group):
            weights[colour] += weight
    return {colour: round(WHOLE * weight / total) if total else 0 for colour, weight in weights.items()}


def task_of(described: Mapping[str, Any], container: str) -> Task:
    """Return a task that ECS describes."""
    details = [item for attached in described.get("attachments", []) for item in attached.get("details", [])]
    addresses = [item["value"] for item in details if item.get("name") == "privateIPv4Address"]
    own = [item for item in described.get("containers", []) if item.get("name") == container]
    return Task(
        id=described["taskArn"].rpartition("/")[2],
        fleet=described.get("startedBy", ""),
        status=described.get("lastStatus", ""),
        address=addresses[0] if addresses else "",
        digest=(own[0].get("imageDigest") or "") if own else "",
        revision=described.get("taskDefinitionArn", ""),
    )


def _task_set(item: Mapping[str, Any]) -> Fleet:
    return Fleet(
        id=item["id"],
        primary=item.get("status") == "PRIMARY",
        revision=item["taskDefinition"],
        desired=item.get("computedDesiredCount", 0),
        running=item.get("runningCount", 0),
        pending=item.get("pendingCount", 0),
        steady=item.get("stabilityStatus") == "STEADY_STATE",
    )


def _deployment(item: Mapping[str, Any]) -> Fleet:
    return Fleet(
        id=item["id"],
        primary=item.get("status") == "PRIMARY",
        revision=item["taskDefinition"],
        desired=item.get("desiredCount", 0),
        running=item.get("runningCount", 0),
        pending=item.get("pendingCount", 0),
        steady=item.get("rolloutState", "COMPLETED") == "COMPLETED",
    )


def _weights(actions: Sequence[Mapping[str, Any]]) -> list[tuple[str, int]]:
    """Return target groups and weights; a single group is described with or without a weight."""
    found: list[tuple[str, int]] = []
    for action in actions:
        if action["Type"] != "forward":
            continue
        groups = action.get("ForwardConfig", {}).get("TargetGroups") or [
            {"TargetGroupArn": action["TargetGroupArn"]}
        ]
        found += [(group["TargetGroupArn"], int(group.get("Weight", 1))) for group in groups]
    return found


def _actions(clients: Clients, way: Way) -> Sequence[Mapping[str, Any]]:
    if way.is_rule:
        rules = clients.elbv2.describe_rules(RuleArns=[way.arn])["Rules"]
        return [action for rule in rules for action in rule["Actions"]]
    listeners = clients.elbv2.describe_listeners(ListenerArns=[way.arn])["Listeners"]
    return [action for listener in listeners for action in listener["DefaultActions"]]


def _tasks(clients: Clients, stage: Stage) -> tuple[Task, ...]:
    pages = clients.ecs.get_paginator("list_tasks").paginate(
        cluster=stage.cluster, serviceName=stage.service, desiredStatus="RUNNING"
    )
    found: list[Task] = []
    for arns in portions(sorted(listed(pages, "taskArns")), _TASKS_AT_ONCE):
        answer = clients.ecs.describe_tasks(cluster=stage.cluster, tasks=list(arns))
        found += [task_of(item, stage.container) for item in answer["tasks"]]
    return tuple(found)


def _targets(clients: Clients, group: str) -> tuple[Target, ...]:
    answer = clients.elbv2.describe_target_health(TargetGroupArn=group)
    return tuple(
        Target(
            address=item["Target"]["Id"],
            state=item["TargetHealth"]["State"],
            reason=item["TargetHealth"].get("Description", ""),
        )
        for item in answer["TargetHealthDescriptions"]
    )

"""Services as they are described: with their fleets, and with counts that follow the tasks.

AWS documentation (ECS API Reference, "Service"): `taskSets` are those of CODE_DEPLOY and EXTERNAL,
`deployments` those of ECS; the counts are those of its tasks; the last hundred events are kept. Developer
Guide, "Amazon ECS service event messages".
"""

from collections.abc import Mapping
from typing import Any, Final

from rehearsal.aws.ecs import native, task_sets
from rehearsal.aws.ecs.model import ECS, Deployment, Document, Service
from rehearsal.aws.ecs.store import counts, desired_count, tasks_of
from rehearsal.aws.original import Moto

_DEFAULTS: Final[Mapping[str, Any]] = {
    "loadBalancers": [],
    "serviceRegistries": [],
    "placementConstraints": [],
    "placementStrategy": [],
    "healthCheckGracePeriodSeconds": 0,
    "schedulingStrategy": "REPLICA",
    "deploymentController": {"type": ECS},
    "enableECSManagedTags": False,
    "enableExecuteCommand": False,
    "propagateTags": "NONE",
}
_PERCENT: Final = {"maximumPercent": 200, "minimumHealthyPercent": 100}


def described(kept: Moto, service: Service, *, tags: bool = False) -> Document:
    """Return a service as DescribeServices shows it."""
    task_sets.drop_ended(kept, service)
    alive = tasks_of(kept, service)
    if service.status == "DRAINING" and not alive:
        service.status = "INACTIVE"
    _tell_when_steady(kept, service)
    asked = {key: value for key, value in service.asked.items() if key != "role"}
    capacity = {} if asked.get("capacityProviderStrategy") else {"launchType": service.launch_type}
    return {
        **_DEFAULTS,
        "platformVersion": "LATEST",
        "platformFamily": "Linux",
        **asked,
        **capacity,
        "serviceArn": service.arn,
        "serviceName": service.name,
        "clusterArn": service.cluster_arn,
        "status": service.status,
        "desiredCount": desired_count(service) if service.status == "ACTIVE" else 0,
        **counts(alive),
        "taskDefinition": service.task_definition,
        "deploymentConfiguration": _PERCENT | service.asked.get("deploymentConfiguration", {}),
        "taskSets": [task_sets.described(kept, service, item) for item in service.task_sets],
        "deployments": [_deployment(kept, service, item) for item in service.deployments],
        "events": service.events,
        "createdAt": service.created_at,
        **(native.engine().more(kept, service) if service.controller == ECS else {}),
        **({"tags": service.tags} if tags else {}),
    }


def _tell_when_steady(kept: Moto, service: Service) -> None:
    """Add ECS's own event when every fleet has become steady ("Amazon ECS service event messages")."""
    steady = all(
        task_sets.is_steady(service, fleet, tasks_of(kept, service, fleet)) for fleet in service.fleets
    )
    if steady and not service.steady:
        service.tell("has reached a steady state.")
    service.steady = steady


def _deployment(kept: Moto, service: Service, deployment: Deployment) -> Document:
    alive = tasks_of(kept, service, deployment)
    steady = task_sets.is_steady(service, deployment, alive)
    state = deployment.rollout_state or ("COMPLETED" if steady else "IN_PROGRESS")
    primary = deployment.status == "PRIMARY"
    so_far = "completed" if state == "COMPLETED" else "in progress"
    kept_names = ("launchType", "capacityProviderStrategy", "networkConfiguration", "platformVersion")
    return {
        "id": deployment.id,
        "status": "ACTIVE" if deployment.status == "DRAINING" else deployment.status,
        "taskDefinition": deployment.task_definition,
        "desiredCount": desired_count(service) if primary else task_sets.wanted(service, deployment),
        **counts(alive),
        "failedTasks": deployment.failed_tasks,
        "createdAt": deployment.created_at,
        "updatedAt": deployment.updated_at,
        "platformFamily": "Linux",
        **{name: deployment.asked[name] for name in kept_names if name in deployment.asked},
        "rolloutState": state,
        "rolloutStateReason": deployment.rollout_reason or f"ECS deployment {deployment.id} {so_far}.",
    }

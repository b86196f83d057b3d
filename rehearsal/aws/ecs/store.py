"""Where services, revisions and tasks are kept, and how they are found by name or ARN."""

import threading
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, TypeAlias

from rehearsal.aws.ecs.model import WAITING, Document, Fleet, Service, Task
from rehearsal.aws.original import Moto, api, ecs, ecs_errors, scaling
from rehearsal.isolation import ACCOUNT, REGION

LOCK: Final = threading.RLock()
"""Held by whoever reads or changes the records: the server answers many requests at a time."""

Operation: TypeAlias = Callable[[Moto, Mapping[str, Any]], Mapping[str, Any]]
"""Answers an API call from moto's backend and the request."""

_DIMENSION: Final = "ecs:service:DesiredCount"


def backend() -> Moto:
    """Return moto's ECS, in whose maps the records are."""
    return ecs.ecs_backends[ACCOUNT][REGION]


def answered_by(operation: Operation) -> Callable[[Moto], Moto]:
    """Return what moto calls for an action, one request at a time."""

    def method(response: Moto) -> Moto:
        with LOCK:
            return api.ActionResult(operation(response.ecs_backend, response._get_params()))

    return method


def cluster_of(kept: Moto, request: Mapping[str, Any]) -> Moto:
    """Return the cluster that a request names, or `default`.

    Raises:
        ClusterNotFoundException: there is none.
    """
    return kept._get_cluster(request.get("cluster", "default"))


def find_service(kept: Moto, request: Mapping[str, Any], name: str) -> Service:
    """Return a service by its name or ARN.

    Raises:
        ServiceNotFoundException: there is none in that cluster.
    """
    cluster = cluster_of(kept, request)
    service: Service | None = kept.services.get(f"{cluster.name}:{name.rpartition('/')[2]}")
    if service is None:
        raise ecs_errors.ServiceNotFoundException
    return service


def find_active_service(kept: Moto, request: Mapping[str, Any]) -> Service:
    """Return the service that a request names as `service`, if it may be changed.

    Raises:
        ServiceNotFoundException: there is none.
        ServiceNotActiveException: it was deleted.
    """
    service = find_service(kept, request, request["service"])
    if service.status != "ACTIVE":
        raise ecs_errors.ECSException("ServiceNotActiveException", "Service was not ACTIVE.")
    return service


def services(kept: Moto) -> list[Service]:
    """Return every service of every cluster."""
    return list(kept.services.values())


def tasks(kept: Moto) -> Iterator[Task]:
    """Return every task, those that have stopped included, oldest first."""
    for found in kept.tasks.values():
        yield from (task for task in found.values() if isinstance(task, Task))


def tasks_of(kept: Moto, service: Service, fleet: Fleet | None = None) -> list[Task]:
    """Return the tasks of a service that have not stopped, or of one of its fleets."""
    found = kept.tasks.get(service.cluster_name, {}).values()
    return [
        task
        for task in found
        if isinstance(task, Task)
        and task.is_alive
        and task.service == service.name
        and (fleet is None or task.fleet == fleet.id)
    ]


def counts(alive: list[Task]) -> Document:
    """Return how many of some tasks run and how many are on their way there, by the API's names."""
    return {
        "runningCount": sum(task.last_status == "RUNNING" for task in alive),
        "pendingCount": sum(task.last_status in WAITING for task in alive),
    }


def desired_count(service: Service) -> int:
    """Return how many tasks a service wants: at least the minimum of its scalable target."""
    resource = f"service/{service.cluster_name}/{service.name}"
    targets = scaling.applicationautoscaling_backends[ACCOUNT][REGION].targets.get(_DIMENSION, {})
    least = targets[resource].min_capacity if resource in targets else 0
    return max(service.desired_count, int(least or 0))


def revision_arn(kept: Moto, name: str) -> str:
    """Return the ARN of a revision by ARN, by family and number, or the newest of a family.

    Raises:
        ClientException: there is none.
    """
    arn: str = kept.describe_task_definition(name).arn
    return arn


def refused(message: str) -> Exception:
    """Return an InvalidParameterException."""
    error: Exception = ecs_errors.InvalidParameterException(message)
    return error

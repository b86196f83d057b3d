"""Whether a release is in progress, as the engine that runs it says."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from .clients import client

CODEDEPLOY_UNFINISHED: Final = ("Created", "Queued", "InProgress", "Baking", "Ready")
"""Statuses of a CodeDeploy deployment that has not come to its end, the wait for termination included."""
ECS_UNFINISHED: Final = (
    "PENDING",
    "IN_PROGRESS",
    "STOP_REQUESTED",
    "ROLLBACK_REQUESTED",
    "ROLLBACK_IN_PROGRESS",
)
"""Statuses of an ECS service deployment that has not come to its end, the bake time included."""


def release_runs(environment: Mapping[str, str]) -> bool:
    """Return whether a release of this service is in progress.

    Args:
        environment: `ENGINE`, and for `codedeploy` the names `APPLICATION` and `GROUP`, for `ecs` the
            name `CLUSTER` and the ARN `SERVICE`.

    Raises:
        KeyError, ValueError: the environment does not say whom to ask.
        botocore.exceptions.ClientError: the engine does not answer.
    """
    match environment["ENGINE"]:
        case "codedeploy":
            return _codedeploy_runs(environment["APPLICATION"], environment["GROUP"])
        case "ecs":
            return _ecs_runs(environment["CLUSTER"], environment["SERVICE"])
        case engine:
            raise ValueError(f"There is no engine {engine!r}.")


def _codedeploy_runs(application: str, group: str) -> bool:
    pages = client("codedeploy").get_paginator("list_deployments")
    unfinished = pages.paginate(
        applicationName=application,
        deploymentGroupName=group,
        includeOnlyStatuses=list(CODEDEPLOY_UNFINISHED),
    )
    return any(page["deployments"] for page in unfinished)


def _ecs_runs(cluster: str, service: str) -> bool:
    return any(page["serviceDeployments"] for page in _ecs_pages(cluster, service))


def _ecs_pages(cluster: str, service: str) -> Iterator[Mapping[str, Any]]:
    """Ask page by page: botocore knows no paginator here, and a page may be empty before the last one."""
    ecs = client("ecs")
    token: dict[str, str] = {}
    while True:
        page = ecs.list_service_deployments(
            cluster=cluster, service=service, status=list(ECS_UNFINISHED), **token
        )
        yield page
        if not page.get("nextToken"):
            return
        token = {"nextToken": page["nextToken"]}

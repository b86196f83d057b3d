from typing import Any

import pytest

from rehearsal import tasks
from rehearsal.errors import StepFailed
from rehearsal.tasks import Container

SIDECAR: dict[str, Any] = {"name": "agent", "image": "agent@sha256:1", "essential": False, "portMappings": []}
SERVICE: dict[str, Any] = {
    "name": "service",
    "image": "switchyard@sha256:2",
    "essential": True,
    "command": ["python", "-m", "service"],
    "environment": [{"name": "SWITCHYARD_PACKAGE", "value": "/app/package"}],
    "portMappings": [{"containerPort": 8080}],
}


def definition(*containers: dict[str, Any]) -> dict[str, Any]:
    """A task definition as ECS describes it."""
    return {"family": "switchyard-dev", "revision": 7, "containerDefinitions": list(containers)}


def test_a_task_runs_the_essential_container_that_listens() -> None:
    """Command, environment, image and port are the registered ones."""
    assert tasks.parse_task_definition(definition(SIDECAR, SERVICE)) == Container(
        family="switchyard-dev",
        revision=7,
        image="switchyard@sha256:2",
        command=("python", "-m", "service"),
        environment={"SWITCHYARD_PACKAGE": "/app/package"},
        port=8080,
    )


def test_a_task_definition_without_a_listening_container_cannot_be_played() -> None:
    """It says which one."""
    with pytest.raises(StepFailed, match="switchyard-dev"):
        tasks.parse_task_definition(definition(SIDECAR))

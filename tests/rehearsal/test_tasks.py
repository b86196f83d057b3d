from typing import Any

import pytest

from rehearsal import tasks
from rehearsal.errors import StepFailed
from rehearsal.tasks import Check, Container

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
        name="service",
    )


def test_limits_and_times_are_the_registered_ones() -> None:
    """The container's own memory limit comes before the task's; a check's times are Amazon ECS's defaults."""
    check = {"command": ["CMD", "python", "-c", "pass"], "interval": 15, "startPeriod": 60}
    limited = SERVICE | {"stopTimeout": 60, "memory": 256, "healthCheck": check}
    found = tasks.parse_task_definition(definition(limited) | {"memory": "512"})
    assert (found.stop_timeout, found.memory) == (60, 256)
    assert found.check == Check(("python", "-c", "pass"), interval=15, timeout=5, retries=3, start_period=60)
    plain = tasks.parse_task_definition(definition(SERVICE) | {"memory": "512"})
    assert (plain.stop_timeout, plain.memory, plain.check) == (30, 512, None)


def test_a_check_for_a_shell_gets_one() -> None:
    """As `CMD-SHELL` says; a check that says neither is told."""
    shell = {"command": ["CMD-SHELL", "curl -f http://localhost/ || exit 1"]}
    found = tasks.parse_task_definition(definition(SERVICE | {"healthCheck": shell})).check
    assert found is not None
    assert found.command == ("/bin/sh", "-c", "curl -f http://localhost/ || exit 1")
    with pytest.raises(StepFailed, match="begins with curl"):
        tasks.parse_task_definition(definition(SERVICE | {"healthCheck": {"command": ["curl"]}}))


def test_a_command_that_asks_its_own_container_asks_the_tasks_address() -> None:
    """Every task is a container of its own only where there are containers."""
    assert tasks.inside(("python", "-c", "get('http://127.0.0.1:8080/health')"), "127.80.0.10") == (
        "python",
        "-c",
        "get('http://127.80.0.10:8080/health')",
    )


def test_a_task_definition_without_a_listening_container_cannot_be_played() -> None:
    """It says which one."""
    with pytest.raises(StepFailed, match="switchyard-dev"):
        tasks.parse_task_definition(definition(SIDECAR))

"""Tasks as processes: what the registered task definition describes, each on its own loopback address."""

import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any

from rehearsal import processes
from rehearsal.errors import StepFailed
from rehearsal.image import Image
from rehearsal.processes import Program
from rehearsal.web import get
from service import contract

_READY_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Container:
    """The essential container of a task definition, as ECS describes it."""

    family: str
    revision: int
    image: str
    command: tuple[str, ...]
    environment: dict[str, str]
    port: int


@dataclass(frozen=True, slots=True)
class Task:
    """A running task: where it listens and which program it is."""

    address: str
    port: int
    program: Program

    @property
    def url(self) -> str:
        """The root of its HTTP interface."""
        return f"http://{self.address}:{self.port}"


def parse_task_definition(described: Mapping[str, Any]) -> Container:
    """Read the essential container of a described task definition.

    Raises:
        StepFailed: There is no essential container with a port.
    """
    for container in described["containerDefinitions"]:
        if container.get("essential", True) and container.get("portMappings"):
            return Container(
                family=described["family"],
                revision=int(described["revision"]),
                image=container["image"],
                command=tuple(container.get("command") or ()),
                environment={item["name"]: item["value"] for item in container.get("environment", [])},
                port=int(container["portMappings"][0]["containerPort"]),
            )
    raise StepFailed(f"The task definition {described['family']} has no essential container with a port.")


def launch(
    container: Container,
    image: Image,
    *,
    address: str,
    environment: Mapping[str, str],
    python: Path,
    log: Path,
) -> Task:
    """Start one task and return at once; `wait_until_ready` tells when it answers.

    The process sees the image's folder as its working folder, the environment of image and task
    definition, and the packages of the service's own lock: nothing of this checkout.
    """
    command = list(container.command or image.stage.command)
    if command[0] == "python":
        command[0] = str(python)
    variables = dict(environment) | image.stage.environment | _inside(container.environment, image.folder)
    variables[contract.ENV_HOST] = address
    # Tasks end only when the rehearsal does, and then nobody is left to drain them for.
    variables[contract.ENV_LAME_DUCK] = "0"
    variables["PATH"] = f"{python.parent}{os.pathsep}/usr/bin:/bin"
    program = processes.start(f"task {address}", command, environment=variables, cwd=image.folder, log=log)
    return Task(address, container.port, program)


def wait_until_ready(task: Task, path: str) -> None:
    """Wait until a task answers its health check with 200.

    Raises:
        StepFailed: It ended, or did not become ready within a minute.
    """
    deadline = time.monotonic() + _READY_SECONDS
    while get(f"{task.url}{path}").status != HTTPStatus.OK:
        check_alive([task])
        if time.monotonic() > deadline:
            raise StepFailed(f"The task at {task.url} did not become ready:\n{task.program.tail()}")
        time.sleep(0.05)


def check_alive(running: Sequence[Task]) -> None:
    """Raise when a task has ended.

    Raises:
        StepFailed: One has; the end of its output is in the message.
    """
    for task in running:
        if task.program.has_ended:
            raise StepFailed(f"The task at {task.url} ended; its output ends with:\n{task.program.tail()}")


def _inside(environment: Mapping[str, str], folder: Path) -> dict[str, str]:
    """Turn the image's absolute paths into paths of the folder that stands for the image."""
    prefix = contract.WORKDIR + "/"
    return {
        name: str(folder / value.removeprefix(prefix)) if value.startswith(prefix) else value
        for name, value in environment.items()
    }

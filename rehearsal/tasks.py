"""Tasks as processes: what the registered task definition describes, each on its own loopback address."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from rehearsal import processes
from rehearsal.errors import StepFailed
from rehearsal.image import Image
from rehearsal.processes import Program
from service import contract

_STOP_SECONDS: Final = 30
"""What Amazon ECS waits between SIGTERM and SIGKILL when a task definition does not say (`stopTimeout`)."""


@dataclass(frozen=True, slots=True)
class Check:
    """A container's health check; times in seconds, with Amazon ECS's defaults ("HealthCheck")."""

    command: tuple[str, ...]
    interval: float = 30.0
    timeout: float = 5.0
    retries: int = 3
    start_period: float = 0.0


@dataclass(frozen=True, slots=True)
class Container:
    """The essential container of a task definition, as ECS describes it."""

    family: str
    revision: int
    image: str
    command: tuple[str, ...]
    environment: dict[str, str]
    port: int
    name: str = ""
    memory: int | None = None
    """Mebibytes that it may use; no limit by default."""
    stop_timeout: int = _STOP_SECONDS
    """Seconds from SIGTERM to SIGKILL."""
    check: Check | None = None


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
                name=container.get("name", ""),
                memory=_memory(described, container),
                stop_timeout=int(container.get("stopTimeout") or _STOP_SECONDS),
                check=_check(container.get("healthCheck")),
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
    lame_duck: int = 0,
) -> Task:
    """Start one task and return at once; its health check tells when it answers.

    The process sees the image's folder as its working folder, the environment of image and task
    definition, and the packages of the service's own lock: nothing of this checkout. From SIGTERM to the
    closing of its listener `lame_duck` seconds pass; the service takes whole seconds only.
    """
    command = program_of(container.command or image.stage.command, python)
    variables = variables_of(container, image, address=address, environment=environment, python=python)
    variables[contract.ENV_LAME_DUCK] = str(lame_duck)
    program = processes.start(f"task {address}", command, environment=variables, cwd=image.folder, log=log)
    return Task(address, container.port, program)


def program_of(command: Sequence[str], python: Path) -> tuple[str, ...]:
    """Return a container's command with the interpreter that stands for the one in the image."""
    return (str(python), *command[1:]) if command and command[0] == "python" else tuple(command)


def variables_of(
    container: Container, image: Image, *, address: str, environment: Mapping[str, str], python: Path
) -> dict[str, str]:
    """Return the environment of everything that runs in a container: the image's, then the definition's."""
    variables = dict(environment) | image.stage.environment | _inside(container.environment, image.folder)
    variables[contract.ENV_HOST] = address
    # Whatever else it asks for ends at a proxy that does not exist; itself, it may ask.
    variables["NO_PROXY"] = variables["no_proxy"] = f"localhost,127.0.0.1,{address}"
    variables["PATH"] = f"{python.parent}{os.pathsep}/usr/bin:/bin"
    return variables


def inside(command: Sequence[str], address: str) -> tuple[str, ...]:
    """Turn a command that asks the container itself into one that asks the task's address."""
    return tuple(part.replace("127.0.0.1", address).replace("localhost", address) for part in command)


def _memory(described: Mapping[str, Any], container: Mapping[str, Any]) -> int | None:
    """Return the hard limit: the container's own, or else the task's."""
    limit = container.get("memory") or described.get("memory")
    return int(limit) if limit else None


def _check(described: Mapping[str, Any] | None) -> Check | None:
    """Read a health check; `CMD-SHELL` hands its text to a shell.

    Raises:
        StepFailed: It begins with another word.
    """
    if not described or described["command"] == ["NONE"]:
        return None
    kind, *command = described["command"]
    if kind not in {"CMD", "CMD-SHELL"}:
        raise StepFailed(f"A health check begins with {kind}, which Amazon ECS does not know.")
    times = {
        ours: described[name]
        for name, ours in (
            ("interval", "interval"),
            ("timeout", "timeout"),
            ("retries", "retries"),
            ("startPeriod", "start_period"),
        )
        if described.get(name) is not None
    }
    return Check(tuple(command) if kind == "CMD" else ("/bin/sh", "-c", *command), **times)


def _inside(environment: Mapping[str, str], folder: Path) -> dict[str, str]:
    """Turn the image's absolute paths into paths of the folder that stands for the image."""
    prefix = contract.WORKDIR + "/"
    return {
        name: str(folder / value.removeprefix(prefix)) if value.startswith(prefix) else value
        for name, value in environment.items()
    }

"""Docker as tasks need it: an engine on this very machine, and a client that can build.

The engine is asked by its client's command line, which is all that a machine with Docker surely has. Its
settings are found once, in the caller's environment, and written into the run's folder: a rehearsal's own
programs see nothing of the caller's, and whoever cleans up after `kill -9` finds there whom to ask.
"""

import json
import os
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, Self

from rehearsal.errors import Misuse

LABEL: Final = "switchyard.rehearsal"
"""Label of every container; its value is the run's marker."""
USUAL: Final = ("/usr/bin",)
"""Where Debian has its client, which can build, when another stands before it on the search path."""
_FILE: Final = "docker.json"
_SECONDS: Final = 60.0
_OWN_BUILDKIT: Final = 23
"""From this version on, the client builds with BuildKit only by its plug-in buildx."""
_OTHERWISE: Final = "or leave RUNTIME out: tasks run as processes then"


@dataclass(frozen=True, slots=True)
class Docker:
    """A client and the engine that it speaks to; nothing else of the caller's settings counts."""

    binary: str
    host: str
    """Such as `unix:///var/run/docker.sock`."""
    version: str = ""
    """Of the engine."""

    def command(self, *arguments: str) -> tuple[str, ...]:
        """Return a command line."""
        return (self.binary, "--host", self.host, *arguments)

    def ask(self, *arguments: str, seconds: float = _SECONDS) -> str | None:
        """Return what a command writes, or None when it fails or takes too long."""
        return _ask(self.command(*arguments), seconds=seconds)

    def write(self, run: Path) -> None:
        """Leave word in a run's folder that its containers are found here."""
        (run / _FILE).write_text(json.dumps(asdict(self)), encoding="utf-8")

    @classmethod
    def of(cls, run: Path) -> Self | None:
        """Return whom a run's folder names; None when its tasks are processes."""
        try:
            return cls(**json.loads((run / _FILE).read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return None


def find(environment: Mapping[str, str]) -> Docker:
    """Return the first client of the search path that reaches an engine on this machine and can build.

    Raises:
        Misuse: There is none; the message says what is missing.
    """
    clients = list(_clients(environment.get("PATH", "")))
    if not clients:
        raise Misuse(f"There is no Docker here (no program `docker`): install it, {_OTHERWISE}.")
    found: list[Docker] = []
    problem = ""
    for binary in clients:
        host = _host(binary, environment)
        told = _ask((binary, "--host", host, "info", "--format", "{{json .}}"), environment)
        info = json.loads(told) if told else {}
        problem = problem_of(info, host)
        if not problem:
            docker = Docker(binary, host, str(info.get("ServerVersion", "")))
            found.append(docker)
            if _builds(docker):
                return docker
    if not found:
        raise Misuse(f"{problem}, {_OTHERWISE}.")
    raise Misuse(
        f"The Docker client {found[0].binary} cannot build with BuildKit: "
        f"install its plug-in buildx, {_OTHERWISE}."
    )


def problem_of(info: Mapping[str, Any], host: str) -> str:
    """Return why containers of an engine cannot be tasks, from what `docker info` says; or nothing.

    A task listens on a loopback address of this machine, so the engine must share the machine's network.
    """
    if not host.startswith("unix://"):
        return (
            f"The Docker engine at {host} is not on this machine: unset DOCKER_HOST or choose a local context"
        )
    if not info.get("ServerVersion"):
        return f"No Docker engine answers at {host}: start it"
    security = " ".join(info.get("SecurityOptions") or ())
    if "name=rootless" in security or "name=userns" in security:
        return "The Docker engine is rootless or remaps users, and so has a network of its own: use another"
    if info.get("OperatingSystem") == "Docker Desktop" or info.get("OSType") != "linux":
        return (
            "The Docker engine runs in a machine of its own, which has another loopback: use Docker on Linux"
        )
    return ""


def remove_containers(run: Path) -> int:
    """Remove every container of a run, whatever state it is in, and return how many there were."""
    docker = Docker.of(run)
    if docker is None:
        return 0
    found = (docker.ask(*of_run(str(run))) or "").split()
    if found:
        docker.ask("rm", "--force", "--volumes", *found)
    return len(found)


def of_run(marker: str) -> tuple[str, ...]:
    """Return the command that lists the containers of a run, and no other's."""
    return ("ps", "--all", "--quiet", "--filter", f"label={LABEL}={marker}")


def _clients(path: str) -> Iterator[str]:
    folders = dict.fromkeys([*path.split(os.pathsep), *USUAL])
    for folder in folders:
        binary = Path(folder, "docker")
        if folder and os.access(binary, os.X_OK) and binary.is_file():
            yield str(binary)


def _host(binary: str, environment: Mapping[str, str]) -> str:
    """Return whom a client would ask by itself: DOCKER_HOST, or else the context that was chosen."""
    command = (binary, "context", "inspect", "--format", "{{.Endpoints.docker.Host}}")
    told = environment.get("DOCKER_HOST") or _ask(command, environment) or ""
    return told.strip() or "unix:///var/run/docker.sock"


def _builds(docker: Docker) -> bool:
    version = docker.ask("version", "--format", "{{.Client.Version}}") or "0"
    own = int(version.partition(".")[0]) < _OWN_BUILDKIT
    return own or docker.ask("buildx", "version") is not None


def _ask(
    command: Sequence[str], environment: Mapping[str, str] | None = None, *, seconds: float = _SECONDS
) -> str | None:
    try:
        done = subprocess.run(
            list(command),
            env=dict(environment) if environment is not None else None,
            check=False,
            capture_output=True,
            text=True,
            timeout=seconds,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout if done.returncode == 0 else None

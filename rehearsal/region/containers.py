"""Tasks as containers: what the registered task definition says, as a command of Docker.

A container shares this machine's network, and its service listens on the task's own loopback address
(`SWITCHYARD_HOST`): a network of its own has one loopback with 127.0.0.1 and a bridge elsewhere, so the
load balancer could not find it at an address beside its own, and no two runs could be told apart.

What ECS would do by its agent, Docker does: SIGTERM, the stop timeout and SIGKILL (`docker stop`), the memory
limit, and the health check's command inside of the container (`docker exec`). The image's own HEALTHCHECK is
off, as it is on ECS.
"""

import contextlib
import math
import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Self

from rehearsal import docker, docker_images, processes, tasks
from rehearsal.docker import Docker
from rehearsal.isolation import MARKER
from rehearsal.processes import Program
from rehearsal.region import health_check
from rehearsal.region.health_check import Checking
from rehearsal.region.order import Order
from rehearsal.region.task import Task
from rehearsal.tasks import Container
from service import contract

PIDS: Final = 256
"""Processes and threads that a container may have: the service needs a dozen, a fork bomb any number."""
SHARES: Final = 1024
SHARES_TO_START: Final = 340
"""Docker's weights of processor time: a third for what starts, as for tasks that are processes."""
OUT_OF_MEMORY: Final = "OutOfMemoryError: Container killed due to memory usage"
CANNOT_START: Final = "CannotStartContainerError: {said}"
_NOT_STARTED: Final = 125
"""What `docker run` exits with when the engine could not start the container."""
_ATTEMPTS: Final = 10
TASK: Final = "switchyard.task"
_PROXIES: Final = ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy")
"""They lead nowhere (see `rehearsal.isolation`), and so does whatever the service might ask for."""


@dataclass(frozen=True, slots=True)
class Hardening:
    """What a task definition takes from its container."""

    user: str = ""
    read_only: bool = False
    dropped: tuple[str, ...] = ()
    init: bool = False

    @classmethod
    def of(cls, described: Mapping[str, Any], name: str) -> Self:
        """Read it from a described task definition."""
        (container,) = (one for one in described["containerDefinitions"] if one["name"] == name)
        linux = container.get("linuxParameters") or {}
        return cls(
            user=container.get("user", ""),
            read_only=bool(container.get("readonlyRootFilesystem")),
            dropped=tuple((linux.get("capabilities") or {}).get("drop") or ()),
            init=bool(linux.get("initProcessEnabled")),
        )


@dataclass(frozen=True, slots=True)
class Contained(Program):
    """A container: the client that `docker run` is, which lives and writes as long as it does."""

    docker: Docker
    container: str
    """Its name."""
    begin: Callable[..., None]
    """Has the engine do something, and does not wait."""

    def send(self, number: signal.Signals) -> None:
        """Have the engine stop it, by its own stop timeout, or kill it; returns at once."""
        self.begin("stop" if number is signal.SIGTERM else "kill", self.container)

    def wait(self) -> None:
        """Wait until it has ended; one that did not exist yet when it was killed is killed again."""
        for _ in range(_ATTEMPTS):
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(1.0)
                return
            self.docker.ask("kill", self.container)
        self.process.kill()
        self.process.wait()

    def reason(self) -> str:
        """Return why it ended, in ECS's words, when it did not end by itself."""
        code = self.process.poll()
        if code == _NOT_STARTED:
            return CANNOT_START.format(said=self.newest_line())
        if code is not None and code < 0:
            # Somebody killed the client: the task's process is dead for all that anybody here can see.
            self.docker.ask("kill", self.container)
        state = self.docker.ask("inspect", "--format", "{{.State.OOMKilled}}", self.container) or ""
        return OUT_OF_MEMORY if state.strip() == "true" else ""


@dataclass(frozen=True, slots=True)
class Containers:
    """Plays tasks as containers of one run."""

    docker: Docker
    environment: Mapping[str, str]
    """Of the clients; an isolated one, with the run's marker."""
    run: Path
    _begun: list[Program] = field(default_factory=list)

    def start(self, task: Task, order: Order) -> tasks.Task:
        """Start a task's container and return at once.

        Raises:
            OSError: There is no such client.
        """
        name, container = name_of(task.id), order.container
        command = run_command(
            self.docker,
            container,
            Hardening.of(order.described, container.name),
            name=name,
            labels={docker.LABEL: self.environment[MARKER], TASK: task.arn},
            environment=variables(
                container, address=task.address, environment=self.environment, lame_duck=order.lame_duck
            ),
            stop=math.ceil(order.stop),
        )
        log = self.run / f"task-{task.id}.log"
        started = processes.start(name, command, environment=self.environment, cwd=self.run, log=log)
        program = Contained(name, started.process, log, self.docker, name, self.begin)
        return tasks.Task(task.address, container.port, program)

    def settled(self, started: tasks.Task) -> None:
        """Give a container the same weight as all others that serve."""
        self.begin("update", "--cpu-shares", str(SHARES), started.program.name)

    def check(self, task: Task, command: Sequence[str], order: Order, *, deadline: float) -> Checking:  # noqa: ARG002 - for processes
        """Begin a health check's command inside of a task's container."""
        return health_check.begin(
            self.docker.command("exec", name_of(task.id), *tasks.inside(command, task.address)),
            environment=self.environment,
            folder=self.run,
            deadline=deadline,
        )

    def forget(self, started: tasks.Task) -> None:
        """Remove what is left of a container."""
        self.begin("rm", "--force", "--volumes", started.program.name)

    def begin(self, *arguments: str) -> None:
        """Have the engine do something, and do not wait; what it writes goes to one log."""
        self._begun[:] = [program for program in self._begun if not program.has_ended]
        self._begun.append(
            processes.start(
                f"docker {arguments[0]}",
                self.docker.command(*arguments),
                environment=self.environment,
                cwd=self.run,
                log=self.run / "docker.log",
            )
        )


def name_of(task: str) -> str:
    """Return the name of a task's container, by the task's id."""
    return f"switchyard-{task}"


def variables(
    container: Container, *, address: str, environment: Mapping[str, str], lame_duck: int = 0
) -> dict[str, str]:
    """Return what a container's environment has beside the image's own."""
    kept = {name: environment[name] for name in _PROXIES if name in environment}
    here = f"localhost,127.0.0.1,{address}"
    own = {contract.ENV_HOST: address, contract.ENV_LAME_DUCK: str(lame_duck)}
    return kept | {"NO_PROXY": here, "no_proxy": here} | container.environment | own


def run_command(
    docker: Docker,
    container: Container,
    hardening: Hardening,
    *,
    name: str,
    labels: Mapping[str, str],
    environment: Mapping[str, str],
    stop: int,
) -> tuple[str, ...]:
    """Return the command that starts a container and lasts as long as it does.

    Two things are stricter than a task definition for Fargate can say: no process gains a privilege by a
    program that it starts, and their number has a limit.
    """
    limit = f"{container.memory}m" if container.memory else ""
    return docker.command(
        "run",
        *("--name", name),
        *(word for label, value in labels.items() for word in ("--label", f"{label}={value}")),
        *("--pull", "never", "--network", "host", "--no-healthcheck", "--log-driver", "none"),
        *(("--read-only",) if hardening.read_only else ()),
        *(word for capability in hardening.dropped for word in ("--cap-drop", capability)),
        *("--security-opt", "no-new-privileges", "--pids-limit", str(PIDS)),
        *(("--user", hardening.user) if hardening.user else ()),
        *(("--memory", limit, "--memory-swap", limit) if limit else ()),
        *(("--init",) if hardening.init else ()),
        *("--stop-timeout", str(stop), "--cpu-shares", str(SHARES_TO_START)),
        *(word for key, value in environment.items() for word in ("--env", f"{key}={value}")),
        docker_images.tag_of(container.image.rpartition("@")[2]),
        *container.command,
    )

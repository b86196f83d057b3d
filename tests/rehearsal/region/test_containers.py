"""A task definition as a command of Docker, and what a container that ended says of itself."""

import signal
from pathlib import Path
from typing import Any

import pytest

from rehearsal import processes, tasks
from rehearsal.docker import Docker
from rehearsal.region import containers
from rehearsal.region.containers import Contained, Hardening

DOCKER = Docker("docker", "unix:///d.sock")
SERVICE: dict[str, Any] = {
    "name": "service",
    "image": "registry/switchyard@sha256:abc",
    "essential": True,
    "command": ["python", "-m", "service"],
    "environment": [{"name": "SWITCHYARD_STAGE", "value": "staging"}],
    "portMappings": [{"containerPort": 8080}],
    "stopTimeout": 60,
    "user": "10001:10001",
    "readonlyRootFilesystem": True,
    "linuxParameters": {"initProcessEnabled": True, "capabilities": {"drop": ["ALL"], "add": []}},
}
DEFINITION: dict[str, Any] = {
    "family": "switchyard-staging",
    "revision": 3,
    "memory": "512",
    "containerDefinitions": [SERVICE],
}


def command(described: dict[str, Any], **environment: str) -> tuple[str, ...]:
    """Return the command for a definition."""
    container = tasks.parse_task_definition(described)
    hardening = Hardening.of(described, container.name)
    return containers.run_command(
        DOCKER, container, hardening, name="n", labels={"a": "b"}, environment=environment, stop=10
    )


def test_a_container_gets_what_its_task_definition_says_and_no_more() -> None:
    """The whole command."""
    assert command(DEFINITION, SWITCHYARD_HOST="127.80.3.10") == (
        *("docker", "--host", "unix:///d.sock", "run", "--name", "n", "--label", "a=b"),
        *("--pull", "never", "--network", "host", "--no-healthcheck", "--log-driver", "none"),
        *("--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges", "--pids-limit", "256"),
        *("--user", "10001:10001", "--memory", "512m", "--memory-swap", "512m", "--init"),
        *("--stop-timeout", "10", "--cpu-shares", "340", "--env", "SWITCHYARD_HOST=127.80.3.10"),
        *("switchyard-rehearsal:abc", "python", "-m", "service"),
    )


def test_what_a_task_definition_leaves_open_is_open_here_too() -> None:
    """A rehearsal that hardened what AWS would not proves nothing of AWS."""
    names = ("name", "image", "essential", "portMappings")
    bare = {"family": "f", "revision": 1, "containerDefinitions": [{name: SERVICE[name] for name in names}]}
    assert command(bare) == (
        *("docker", "--host", "unix:///d.sock", "run", "--name", "n", "--label", "a=b"),
        *("--pull", "never", "--network", "host", "--no-healthcheck", "--log-driver", "none"),
        *("--security-opt", "no-new-privileges", "--pids-limit", "256"),
        *("--stop-timeout", "10", "--cpu-shares", "340", "switchyard-rehearsal:abc"),
    )


def test_a_container_sees_nothing_of_this_machine_in_its_environment() -> None:
    """What the definition says, its own address, and proxies that lead nowhere."""
    outer = {"PATH": "/home/me/bin", "HOME": "/home/me", "https_proxy": "http://127.0.0.1:9"}
    container = tasks.parse_task_definition(DEFINITION)
    assert containers.variables(container, address="127.80.3.10", environment=outer, lame_duck=1) == {
        "https_proxy": "http://127.0.0.1:9",
        "NO_PROXY": "localhost,127.0.0.1,127.80.3.10",
        "no_proxy": "localhost,127.0.0.1,127.80.3.10",
        "SWITCHYARD_STAGE": "staging",
        "SWITCHYARD_HOST": "127.80.3.10",
        "SWITCHYARD_LAME_DUCK": "1",
    }


def contained(folder: Path, script: str, *, oom: str = "false") -> tuple[Contained, list[tuple[str, ...]]]:
    """Return a container whose client is a shell script, what it has the engine do, and no engine."""
    engine = folder / "docker"
    engine.write_text(f"#!/bin/sh\necho \"$*\" >> '{folder}/asked'\necho {oom}\n", encoding="utf-8")
    engine.chmod(0o755)
    begun: list[tuple[str, ...]] = []
    started = processes.start("n", ["/bin/sh", "-c", script], environment={}, cwd=folder, log=folder / "log")
    docker = Docker(str(engine), "unix:///d.sock")
    return Contained(
        "n", started.process, started.log, docker, "n", lambda *words: begun.append(words)
    ), begun


@pytest.mark.slow
def test_a_container_is_stopped_and_killed_by_the_engine(tmp_path: Path) -> None:
    """Its client is left alone: it ends when the container has."""
    program, begun = contained(tmp_path, "sleep 0.1; exit 143")
    program.send(signal.SIGTERM)
    program.send(signal.SIGKILL)
    assert begun == [("stop", "n"), ("kill", "n")]
    program.wait()
    assert program.exit_code == 143


@pytest.mark.slow
@pytest.mark.parametrize(
    ("script", "oom", "reason"),
    [
        ("exit 0", "false", ""),
        ("exit 137", "true", "OutOfMemoryError: Container killed due to memory usage"),
        ("echo 'docker: no such image'; exit 125", "", "CannotStartContainerError: docker: no such image"),
    ],
)
def test_why_a_container_ended_is_told_in_the_words_of_ecs(
    tmp_path: Path, script: str, oom: str, reason: str
) -> None:
    """Docker knows what an exit code does not say."""
    program, _ = contained(tmp_path, script, oom=oom)
    program.wait()
    assert program.reason() == reason


@pytest.mark.slow
def test_a_container_whose_client_was_killed_is_killed(tmp_path: Path) -> None:
    """Nobody would hear of its end any more."""
    program, _ = contained(tmp_path, "exec sleep 30")
    program.process.kill()
    program.process.wait()
    program.reason()
    asked = (tmp_path / "asked").read_text(encoding="utf-8").splitlines()
    assert asked[0] == "--host unix:///d.sock kill n"
    assert program.exit_code == 128 + signal.SIGKILL

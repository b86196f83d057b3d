"""Which Docker plays tasks, and what of it is cleared away."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from rehearsal import cli, docker, workspace
from rehearsal.docker import Docker
from rehearsal.errors import Misuse

HERE = "unix:///var/run/docker.sock"
LOCAL: dict[str, Any] = {
    "ServerVersion": "28.2.2",
    "OSType": "linux",
    "OperatingSystem": "Debian GNU/Linux 12 (bookworm)",
    "SecurityOptions": ["name=seccomp,profile=builtin", "name=cgroupns"],
}


def client(folder: Path, *, info: object = LOCAL, version: str = "20.10.24", buildx: bool = False) -> Path:
    """Write a program that answers as Docker's client does, and notes what it was asked."""
    folder.mkdir(exist_ok=True)
    program = folder / "docker"
    program.write_text(
        f"""#!/bin/sh
echo "$*" >> '{folder}/asked'
case "$*" in
*"context inspect"*) echo '{HERE}' ;;
*" info "*) echo '{json.dumps(info)}' ;;
*" version --format"*) echo '{version}' ;;
*" buildx version"*) exit {0 if buildx else 1} ;;
*" ps "*) echo one; echo two ;;
esac
""",
        encoding="utf-8",
    )
    program.chmod(0o755)
    return program


@pytest.mark.parametrize(
    ("changed", "host", "said"),
    [
        ({}, HERE, ""),
        ({}, "tcp://10.0.0.1:2376", "The Docker engine at tcp://10.0.0.1:2376 is not on this machine"),
        ({"ServerVersion": ""}, HERE, f"No Docker engine answers at {HERE}"),
        ({"SecurityOptions": ["name=seccomp", "name=rootless"]}, HERE, "rootless or remaps users"),
        ({"SecurityOptions": ["name=userns"]}, HERE, "rootless or remaps users"),
        ({"OperatingSystem": "Docker Desktop"}, HERE, "has another loopback"),
        ({"OSType": "windows", "OperatingSystem": "Windows"}, HERE, "has another loopback"),
    ],
)
def test_only_an_engine_with_this_machines_network_will_do(
    changed: dict[str, Any], host: str, said: str
) -> None:
    """A task listens on a loopback address of this machine."""
    problem = docker.problem_of(LOCAL | changed, host)
    assert said in problem
    assert bool(said) is bool(problem)


@pytest.mark.slow
def test_the_first_client_that_can_build_is_chosen(tmp_path: Path) -> None:
    """A newer client without its plug-in is passed over; where it has the plug-in, it is taken."""
    new, old = tmp_path / "new", tmp_path / "old"
    client(new, version="28.2.2")
    client(old)
    path = {"PATH": f"{new}{os.pathsep}{old}"}
    assert docker.find(path) == Docker(str(old / "docker"), HERE, "28.2.2")
    client(new, version="28.2.2", buildx=True)
    assert docker.find(path) == Docker(str(new / "docker"), HERE, "28.2.2")


@pytest.mark.slow
def test_the_engine_that_the_caller_names_is_asked(tmp_path: Path) -> None:
    """DOCKER_HOST goes before the context, as with Docker itself."""
    client(tmp_path)
    found = docker.find({"PATH": str(tmp_path), "DOCKER_HOST": "unix:///run/other.sock"})
    assert found.host == "unix:///run/other.sock"


@pytest.mark.slow
def test_without_an_engine_the_command_ends_before_anything_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It says what to do, ends with 2, and has not even made its folder."""
    client(tmp_path / "bin", info={"ServerErrors": ["Cannot connect"]})
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.delenv("DOCKER_HOST", raising=False)
    monkeypatch.setattr(docker, "USUAL", ())
    assert cli.main(["--runtime", "docker", "--build", str(tmp_path / "build")]) == 2
    assert capsys.readouterr().err == (
        f"rehearsal: No Docker engine answers at {HERE}: start it, "
        "or leave RUNTIME out: tasks run as processes then.\n"
    )
    assert not (tmp_path / "build").exists()


@pytest.mark.slow
def test_a_client_that_cannot_build_and_none_at_all_are_told_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each with what to install."""
    monkeypatch.setattr(docker, "USUAL", ())
    with pytest.raises(Misuse, match="There is no Docker here"):
        docker.find({"PATH": str(tmp_path)})
    client(tmp_path, version="28.2.2")
    with pytest.raises(Misuse, match="install its plug-in buildx"):
        docker.find({"PATH": str(tmp_path)})


@pytest.mark.slow
def test_the_next_run_removes_the_containers_of_one_that_was_killed(tmp_path: Path) -> None:
    """By the label of that very run, and nothing else; a run of processes asks no Docker at all."""
    home = tmp_path / "rehearsal"
    killed, processes = home / "run-1", home / "run-2"
    for run in (killed, processes):
        run.mkdir(parents=True)
    found = Docker(str(client(tmp_path / "bin")), HERE, "28.2.2")
    found.write(killed)
    assert Docker.of(killed) == found
    workspace.clear(home)
    asked = (tmp_path / "bin" / "asked").read_text(encoding="utf-8").splitlines()
    assert asked[:2] == [
        f"--host {HERE} ps --all --quiet --filter label=switchyard.rehearsal={killed}",
        f"--host {HERE} rm --force --volumes one two",
    ]
    assert not any(str(processes) in line for line in asked)
    assert list(home.iterdir()) == []

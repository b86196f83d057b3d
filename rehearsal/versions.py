"""The versions that a rehearsal releases: each a model package, its image, and what it must predict."""

from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from infra.settings import Architecture, StageSettings
from rehearsal import image, training
from rehearsal.docker_images import Builder
from rehearsal.image import Image
from rehearsal.load import expected
from rehearsal.load.expected import Place
from rehearsal.load.plan import Body, Predictions, bodies_of, records_of
from rehearsal.workspace import Workspace

PLATFORMS: Final = {Architecture.X86_64: "amd64", Architecture.ARM64: "arm64"}
"""What an image says it is for, by the processor of the stage's tasks."""


@dataclass(frozen=True, slots=True)
class Version:
    """One version of the service."""

    package: Path
    model: str
    """Version of its model package."""
    image: Image
    predictions: Predictions
    """For each body of the load."""


@dataclass(slots=True)
class Versions:
    """Trains models of the same records by different seeds and builds an image of each, one after the other.

    The first is made at once, since its records make the bodies of the load; the others in the background.
    """

    workspace: Workspace
    settings: StageSettings
    environment: Mapping[str, str]
    data: Path | None
    builder: Builder | None = None
    """What builds each image for Docker as well, when tasks are containers."""
    bodies: tuple[Body, ...] = ()
    _maker: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1, "versions"))

    def first(self, package: Path) -> Version:
        """Return the version of the package that was trained first."""
        self.bodies = bodies_of(records_of(package))
        return self._built(package, None)

    def order(self, seed: int) -> "Future[Version]":
        """Have a model retrained with another seed, in the background."""
        return self._maker.submit(self._made, seed)

    def spoiled(self, version: Version, overlay: Mapping[str, bytes]) -> Image:
        """Return an image of a version's package, with other files over those of the service."""
        return self._image(version.package, overlay)

    def close(self) -> None:
        """Make nothing more."""
        self._maker.shutdown(wait=False, cancel_futures=True)

    def _made(self, seed: int) -> Version:
        package = self.workspace.run / "packages" / str(seed)
        package.parent.mkdir(exist_ok=True)
        training.train(
            self.data, workspace=self.workspace, environment=self.environment, out=package, seed=seed
        )
        return self._built(package, None)

    def _built(self, package: Path, overlay: Mapping[str, bytes] | None) -> Version:
        place = Place(
            python=self.workspace.root / ".venv-service" / "bin" / "python",
            root=self.workspace.root,
            environment=self.environment,
            log=self.workspace.log("expected"),
        )
        model, predictions = expected.predict(package, self.bodies, place)
        return Version(package, model, self._image(package, overlay), predictions)

    def _image(self, package: Path, overlay: Mapping[str, bytes] | None) -> Image:
        built = image.build(
            self.workspace.root,
            package=package,
            store=self.workspace.images,
            architecture=PLATFORMS[self.settings.tasks.architecture],
            overlay=overlay,
        )
        if self.builder is not None:
            self.builder.build(built)
        return built


def table(versions: Sequence[Version]) -> dict[str, Predictions]:
    """Return what each version predicts for every body, as the load's plan has it."""
    return {version.model: version.predictions for version in versions}

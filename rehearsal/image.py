"""An OCI image without Docker: what the Dockerfile would copy, as layers and as a folder to run from.

A store holds blobs by their digests (`blobs/`) and, for each image, the folder that tasks run from. The
digest is that of the manifest, and covers all that decides how the image behaves here: every path and byte,
environment, command and user, the processor, and the lock of the packages, which stands in the lower layer
for the packages that a container would find in /opt/venv.
"""

import json
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rehearsal import oci
from rehearsal.dockerfile import Copy, FinalStage
from rehearsal.errors import StepFailed
from service import contract

DOCKERFILE: Final = "service/Dockerfile"
LOCK: Final = "service/requirements.txt"
PACKAGE: Final = "build/package"
INSTALLED: Final = "opt/venv/requirements.txt"
"""Where the lower layer has the lock; outside the working folder, so no file of the service changes."""
_HOME: Final = contract.WORKDIR.strip("/") + "/"


@dataclass(frozen=True, slots=True)
class Image:
    """An image of the local store: its digest, its files and what its Dockerfile says of running it."""

    digest: str
    folder: Path
    stage: FinalStage
    blobs: Path
    """The folder of the store's blobs."""

    @property
    def manifest(self) -> bytes:
        """The manifest, whose digest is the image's."""
        return self.blob(self.digest)

    def blob(self, digest: str) -> bytes:
        """Return a layer, the configuration or the manifest by its digest."""
        return _blob(self.blobs, digest)


def build(
    root: Path,
    *,
    package: Path,
    store: Path,
    architecture: str = "amd64",
    revision: str = "",
    overlay: Mapping[str, bytes] | None = None,
) -> Image:
    """Put what the Dockerfile copies into the store and return the image.

    Args:
        root: The repository, which is the Dockerfile's build context.
        package: The model package that takes the place of `build/package`.
        store: The folder of images.
        architecture: The processor that the image says it is for: `amd64` or `arm64`.
        revision: The commit that it says it was built from; empty when nobody knows.
        overlay: Files by their paths from the working folder that lie over the service's own: how images
            with a fault are made.

    Raises:
        StepFailed: The Dockerfile names a file that does not exist.
    """
    stage = FinalStage.parse(_read_dockerfile(root))
    service, model = _copied(stage, root=root, package=package)
    lower = {_HOME + name: content for name, content in (service | dict(overlay or {})).items()}
    lower[INSTALLED] = (root / LOCK).read_bytes()
    layers = (oci.Layer.of(lower), oci.Layer.of({_HOME + name: model[name] for name in model}))
    configuration = oci.Configuration(
        architecture=architecture,
        environment=stage.environment,
        command=stage.command,
        user=stage.user,
        folder=contract.WORKDIR,
        labels={oci.REVISION: revision, oci.MODEL_VERSION: _version(model)},
    ).as_bytes(layers)
    manifest = oci.manifest_of(configuration, layers)
    for blob in (configuration, manifest, *(layer.blob for layer in layers)):
        _keep(store / "blobs", blob)
    digest = oci.digest_of(manifest)
    _lay_out(lower | {_HOME + name: model[name] for name in model}, _folder(store, digest))
    return _opened(store, digest)


def pull(reference: str, *, root: Path, store: Path) -> Image:
    """Return the image that a task definition names, after checking its content against the digest.

    Raises:
        StepFailed: The reference has no digest, or the store has no such image, or it was altered, or it was
            built for other packages than those installed here.
    """
    _, separator, digest = reference.rpartition("@")
    if not separator:
        raise StepFailed(f"The task definition names its image without a digest: {reference}.")
    if not _folder(store, digest).is_dir():
        raise StepFailed(f"The image {digest} is not in the local store.")
    image = _opened(store, digest)
    files = oci.unpacked(image.blob(layer) for layer in oci.blobs_of(image.manifest)[1:])
    if files.get(INSTALLED) != (root / LOCK).read_bytes():
        raise StepFailed(
            f"The image {digest} was built for other packages than those of {LOCK}: run `make rehearse` anew."
        )
    if _read(image.folder) != _at_home(files):
        raise _altered(digest)
    return image


def _opened(store: Path, digest: str) -> Image:
    blobs = store / "blobs"
    described, *_ = oci.blobs_of(_blob(blobs, digest))
    configuration = oci.Configuration.from_bytes(_blob(blobs, described))
    stage = FinalStage(
        environment=dict(configuration.environment), command=configuration.command, user=configuration.user
    )
    return Image(digest, _folder(store, digest), stage, blobs)


def _copied(stage: FinalStage, *, root: Path, package: Path) -> tuple[dict[str, bytes], dict[str, bytes]]:
    """Return the service's files and the model package's, by their paths from the working folder."""
    service: dict[str, bytes] = {}
    model: dict[str, bytes] = {}
    for copy in stage.copies:
        for name in copy.sources:
            packaged = name.strip("/") == PACKAGE
            found = _sources(copy, name, package if packaged else root / name)
            (model if packaged else service).update(found)
    return service, model


def _sources(copy: Copy, name: str, source: Path) -> dict[str, bytes]:
    destination = copy.destination.rstrip("/")
    if source.is_dir():
        return {f"{destination}/{path}": content for path, content in _read(source).items()}
    if not source.is_file():
        raise StepFailed(f"{DOCKERFILE} copies {name}, which does not exist.")
    into_folder = copy.destination.endswith("/") or len(copy.sources) > 1
    return {f"{destination}/{source.name}" if into_folder else destination: source.read_bytes()}


def _read(folder: Path) -> dict[str, bytes]:
    """Return the files below a folder, but what Python compiled there."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }


def _at_home(files: Mapping[str, bytes]) -> dict[str, bytes]:
    return {name.removeprefix(_HOME): files[name] for name in files if name.startswith(_HOME)}


def _version(model: Mapping[str, bytes]) -> str:
    """Return the model package's version, as its manifest has it."""
    for name, content in model.items():
        if name.endswith("/manifest.json"):
            return str(json.loads(content).get("version", ""))
    return ""


def _lay_out(files: Mapping[str, bytes], folder: Path) -> None:
    """Write the working folder, unless it is there as it should be: tasks may be running from it."""
    wanted = _at_home(files)
    if folder.is_dir() and _read(folder) == wanted:
        return
    draft = Path(tempfile.mkdtemp(prefix=".draft-", dir=folder.parent))
    for name, content in wanted.items():
        (draft / name).parent.mkdir(parents=True, exist_ok=True)
        (draft / name).write_bytes(content)
    draft.chmod(0o755)
    shutil.rmtree(folder, ignore_errors=True)
    draft.rename(folder)


def _keep(blobs: Path, blob: bytes) -> None:
    blobs.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=".draft-", dir=blobs))
    (draft / "blob").write_bytes(blob)
    (draft / "blob").rename(blobs / oci.digest_of(blob).replace(":", "-"))
    draft.rmdir()


def _blob(blobs: Path, digest: str) -> bytes:
    try:
        blob = (blobs / digest.replace(":", "-")).read_bytes()
    except FileNotFoundError:
        raise StepFailed(f"The blob {digest} is not in the local store: run `make rehearse` anew.") from None
    if oci.digest_of(blob) != digest:
        raise _altered(digest)
    return blob


def _altered(digest: str) -> StepFailed:
    return StepFailed(f"The image {digest} was altered after it was built: run `make rehearse` anew.")


def _folder(store: Path, digest: str) -> Path:
    return store / digest.replace(":", "-")


def _read_dockerfile(root: Path) -> str:
    try:
        return (root / DOCKERFILE).read_text(encoding="utf-8")
    except FileNotFoundError:
        raise StepFailed(f"{DOCKERFILE} is missing: it says what an image holds.") from None

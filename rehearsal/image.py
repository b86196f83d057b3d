"""The process form of an image: a content-addressed folder with what the Dockerfile would copy.

The digest covers every path and byte of the folder, the environment and command that the Dockerfile
sets, and the lock of the packages that it installs: whatever decides how the image behaves here.
"""

import hashlib
import shutil
from dataclasses import dataclass
from pathlib import Path

from rehearsal.dockerfile import Copy, FinalStage
from rehearsal.errors import StepFailed

DOCKERFILE = "service/Dockerfile"
LOCK = "service/requirements.txt"
PACKAGE = "build/package"


@dataclass(frozen=True, slots=True)
class Image:
    """An image of the local store: its digest, its files and what its Dockerfile says of running it."""

    digest: str
    folder: Path
    stage: FinalStage


def build(root: Path, *, package: Path, store: Path) -> Image:
    """Copy what the Dockerfile copies into the store and return the image.

    Args:
        root: The repository, which is the Dockerfile's build context.
        package: The model package that takes the place of `build/package`.
        store: The folder of images.

    Raises:
        StepFailed: The Dockerfile names a file that does not exist.
    """
    stage = FinalStage.parse(_read_dockerfile(root))
    store.mkdir(parents=True, exist_ok=True)
    draft = store / ".draft"
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir()
    for copy in stage.copies:
        _copy(copy, root=root, package=package, draft=draft)
    digest = digest_of(draft, stage, lock=root / LOCK)
    folder = _folder(store, digest)
    shutil.rmtree(folder, ignore_errors=True)
    draft.rename(folder)
    _sidecar(folder).write_text(stage.as_json(), encoding="utf-8")
    return Image(digest, folder, stage)


def pull(reference: str, *, root: Path, store: Path) -> Image:
    """Return the image that a task definition names, after checking its content against the digest.

    Raises:
        StepFailed: The reference has no digest, or the store has no such image, or it was altered.
    """
    _, separator, digest = reference.rpartition("@")
    if not separator:
        raise StepFailed(f"The task definition names its image without a digest: {reference}.")
    folder = _folder(store, digest)
    if not folder.is_dir():
        raise StepFailed(f"The image {digest} is not in the local store.")
    stage = FinalStage.from_json(_sidecar(folder).read_text(encoding="utf-8"))
    if digest_of(folder, stage, lock=root / LOCK) != digest:
        raise StepFailed(f"The image {digest} was altered after it was built: run `make rehearse` anew.")
    return Image(digest, folder, stage)


def digest_of(folder: Path, stage: FinalStage, *, lock: Path) -> str:
    """Return `sha256:…` over a folder's sorted paths and contents, how it is run, and the lock."""
    total = hashlib.sha256()
    for part in (lock.read_bytes(), stage.as_json().encode()):
        total.update(hashlib.sha256(part).digest())
    for path in sorted(item for item in folder.rglob("*") if item.is_file()):
        total.update(path.relative_to(folder).as_posix().encode() + b"\0")
        total.update(hashlib.sha256(path.read_bytes()).digest())
    return f"sha256:{total.hexdigest()}"


def _read_dockerfile(root: Path) -> str:
    try:
        return (root / DOCKERFILE).read_text(encoding="utf-8")
    except FileNotFoundError:
        raise StepFailed(f"{DOCKERFILE} is missing: it says what an image holds.") from None


def _sidecar(folder: Path) -> Path:
    """Return the file beside an image's folder that keeps what the Dockerfile said of running it."""
    return folder.with_name(f"{folder.name}.json")


def _folder(store: Path, digest: str) -> Path:
    return store / digest.replace(":", "-")


def _copy(copy: Copy, *, root: Path, package: Path, draft: Path) -> None:
    for name in copy.sources:
        source = package if name.strip("/") == PACKAGE else root / name
        target = draft / copy.destination
        if source.is_dir():
            shutil.copytree(source, target, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
        elif source.is_file():
            into_folder = copy.destination.endswith("/") or len(copy.sources) > 1
            (target if into_folder else target.parent).mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target / source.name if into_folder else target)
        else:
            raise StepFailed(f"{DOCKERFILE} copies {name}, which does not exist.")

"""Images for Docker: `service/Dockerfile` built from exactly the files of an image of the local store.

Each gets the store's digest as its tag, so a task definition leads to it. Packages come from a folder of
wheels that pip of this machine filled by the service's lock: what reaches an index here may reach none from
inside a build, and a build that has no network at all cannot get anything else.
"""

import hashlib
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rehearsal import image, processes
from rehearsal.docker import Docker
from rehearsal.dockerfile import default_argument
from rehearsal.errors import Misuse, StepFailed
from rehearsal.image import Image
from rehearsal.workspace import Workspace

NAME: Final = "switchyard-rehearsal"
"""Repository of the images of versions in the engine's own store."""
WHEELS: Final = "switchyard-rehearsal-wheels"
DIGEST: Final = "switchyard.digest"
_BUILD_SECONDS: Final = 600.0
_PULL_SECONDS: Final = 600.0
_DOWNLOAD_SECONDS: Final = 600.0
_FOLDER: Final = "/opt/wheelhouse"
_WITH_WHEELS: Final = f"""\
ARG BASE_IMAGE
FROM ${{BASE_IMAGE}}
COPY . {_FOLDER}
ENV PIP_NO_INDEX=1 PIP_FIND_LINKS={_FOLDER}
"""


@dataclass(frozen=True, slots=True)
class Builder:
    """Builds images for Docker; `environment` is an isolated one."""

    docker: Docker
    root: Path
    base: str
    """The image that stands for BASE_IMAGE."""
    wheels: str
    """The same image with the wheels in it, in which the packages are installed."""
    environment: Mapping[str, str]
    log: Path

    def build(self, built: Image) -> str:
        """Build an image of the store and return its tag.

        Raises:
            StepFailed: The build failed; the end of its output is in the message.
        """
        with tempfile.TemporaryDirectory(prefix="context-", dir=self.log.parent) as folder:
            context = Path(folder)
            lay_out(built, root=self.root, context=context)
            processes.run(
                "docker build",
                build_command(self.docker, built.digest, base=self.base, wheels=self.wheels, context=context),
                environment={**self.environment, "DOCKER_BUILDKIT": "1"},
                cwd=context,
                log=self.log,
                timeout=_BUILD_SECONDS,
            )
        return tag_of(built.digest)


def begin(
    docker: Docker, space: Workspace, *, base: str, isolated: Mapping[str, str], caller: Mapping[str, str]
) -> Builder:
    """Make containers the tasks of a run: leave word of the engine in its folder, and get the packages ready.

    Args:
        docker: The engine.
        space: The run's.
        base: What stands for BASE_IMAGE; the Dockerfile's own default when empty.
        isolated: Environment of everything that is built later.
        caller: Environment that leads to registries and package indexes.

    Raises:
        Misuse: There is no such base image, or the wheels cannot be had.
    """
    docker.write(space.run)
    base = base or default_base(space.root)
    wheels = prepare(docker, root=space.root, build=space.build, base=base, environment=caller)
    return Builder(docker, space.root, base, wheels, isolated, space.log("docker-build"))


def tag_of(digest: str) -> str:
    """Return what the engine calls the image with a digest of the store."""
    return f"{NAME}:{digest.partition(':')[2]}"


def build_command(docker: Docker, digest: str, *, base: str, wheels: str, context: Path) -> tuple[str, ...]:
    """Return the command that builds a version's image; no network is there for it."""
    return docker.command(
        "build",
        *("--network", "none", "--progress", "plain"),
        *("--file", str(context / image.DOCKERFILE)),
        *("--build-arg", f"BASE_IMAGE={base}", "--build-arg", f"BUILD_IMAGE={wheels}"),
        *("--label", f"{DIGEST}={digest}", "--tag", tag_of(digest)),
        str(context),
    )


def lay_out(built: Image, *, root: Path, context: Path) -> None:
    """Write a build context: the Dockerfile and the lock of the repository, all else as the image has it."""
    shutil.copytree(built.folder, context, dirs_exist_ok=True)
    package = context / image.PACKAGE
    package.parent.mkdir(parents=True)
    (context / package.name).rename(package)
    for name in (image.DOCKERFILE, image.LOCK):
        shutil.copyfile(root / name, context / name)


def prepare(docker: Docker, *, root: Path, build: Path, base: str, environment: Mapping[str, str]) -> str:
    """See that the base image is there, give it the wheels, and return the tag of what came of it.

    Runs in the caller's environment, since only the caller's settings lead to registries and indexes.

    Raises:
        Misuse: There is no such base image, or the wheels cannot be had.
    """
    if not _is_there(docker, base) and docker.ask("pull", "--quiet", base, seconds=_PULL_SECONDS) is None:
        raise Misuse(
            f"The base image {base} is not in the Docker engine, and it cannot be pulled: "
            "name one with BASE_IMAGE=… (docs/guides/rehearsal.md says how to make one)."
        )
    lock = (root / image.LOCK).read_bytes()
    folder = build / "wheelhouse" / hashlib.sha256(lock).hexdigest()[:16]
    _download(root, folder, environment)
    return _with_wheels(docker, base, folder, environment)


def default_base(root: Path) -> str:
    """Return the base image that the Dockerfile names by itself."""
    return default_argument((root / image.DOCKERFILE).read_text(encoding="utf-8"), "BASE_IMAGE")


def _is_there(docker: Docker, reference: str) -> bool:
    return docker.ask("image", "inspect", "--format", "{{.Id}}", reference) is not None


def _download(root: Path, folder: Path, environment: Mapping[str, str]) -> None:
    """Fill a folder with the lock's wheels, unless it is there: it is renamed to its name when it is full."""
    if folder.is_dir():
        return
    folder.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=".draft-", dir=folder.parent))
    command = [
        sys.executable,
        "-m",
        "pip",
        "download",
        "--quiet",
        "--disable-pip-version-check",
        "--no-input",
    ]
    command += ["--require-hashes", "--only-binary", ":all:", "--dest", str(draft)]
    try:
        _do("pip download", [*command, "--requirement", str(root / image.LOCK)], environment)
        draft.chmod(0o755)
        draft.rename(folder)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _with_wheels(docker: Docker, base: str, folder: Path, environment: Mapping[str, str]) -> str:
    tag = f"{WHEELS}:{folder.name}"
    with tempfile.TemporaryDirectory(prefix=".dockerfile-", dir=folder.parent) as made:
        file = Path(made) / "Dockerfile"
        file.write_text(_WITH_WHEELS, encoding="utf-8")
        command = docker.command(
            "build",
            *("--network", "none", "--progress", "plain", "--file", str(file)),
            *("--build-arg", f"BASE_IMAGE={base}", "--tag", tag, str(folder)),
        )
        _do("docker build", command, {**environment, "DOCKER_BUILDKIT": "1"})
    return tag


def _do(name: str, command: Sequence[str], environment: Mapping[str, str]) -> None:
    try:
        done = subprocess.run(
            list(command),
            env=dict(environment),
            check=False,
            capture_output=True,
            text=True,
            timeout=_DOWNLOAD_SECONDS,
        )
    except subprocess.TimeoutExpired:
        raise StepFailed(f"{name} took more than {_DOWNLOAD_SECONDS:.0f} s and was ended.") from None
    if done.returncode != 0:
        raise Misuse(f"The packages of the image cannot be had: {name} failed.\n{done.stderr[-2000:]}")

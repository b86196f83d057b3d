"""What images are built from, and by which command."""

import json
from pathlib import Path

import pytest

from rehearsal import docker_images, image
from rehearsal.docker import Docker

ROOT = Path(__file__).resolve().parents[2]
DOCKER = Docker("/usr/bin/docker", "unix:///d.sock")


def test_an_image_is_built_without_a_network_and_named_by_its_digest() -> None:
    """The whole command."""
    command = docker_images.build_command(
        DOCKER, "sha256:abc", base="base:1", wheels="wheels:1", context=Path("/run/context")
    )
    assert command == (
        *("/usr/bin/docker", "--host", "unix:///d.sock", "build"),
        *("--network", "none", "--progress", "plain"),
        *("--file", "/run/context/service/Dockerfile"),
        *("--build-arg", "BASE_IMAGE=base:1", "--build-arg", "BUILD_IMAGE=wheels:1"),
        *("--label", "switchyard.digest=sha256:abc", "--tag", "switchyard-rehearsal:abc"),
        "/run/context",
    )


def test_the_context_is_what_the_digest_stands_for(tmp_path: Path) -> None:
    """A bad version's file lies over the service's own; the package stands where the Dockerfile has it."""
    package = tmp_path / "package"
    package.mkdir()
    (package / "manifest.json").write_text(json.dumps({"version": "v"}), encoding="utf-8")
    bad = {"service/__main__.py": b"raise SystemExit"}
    built = image.build(ROOT, package=package, store=tmp_path / "images", overlay=bad)
    context = tmp_path / "context"
    docker_images.lay_out(built, root=ROOT, context=context)
    found = {path.relative_to(context).as_posix() for path in context.rglob("*") if path.is_file()}
    service = {f"service/{path.name}" for path in (ROOT / "service").glob("*.py")}
    model = {f"model/{name}.py" for name in ("__init__", "clock", "features", "manifest", "served")}
    assert found == service | model | {image.DOCKERFILE, image.LOCK, "build/package/manifest.json"}
    assert (context / "service/__main__.py").read_bytes() == b"raise SystemExit"
    assert (context / image.LOCK).read_bytes() == (ROOT / image.LOCK).read_bytes()


@pytest.mark.parametrize("name", ["BASE_IMAGE", "BUILD_IMAGE"])
def test_the_dockerfile_takes_what_is_handed_to_it(name: str) -> None:
    """Both arguments exist, and by default the packages are installed in the base image itself."""
    text = (ROOT / image.DOCKERFILE).read_text(encoding="utf-8")
    assert f"\nFROM ${{{name}}}" in text
    assert docker_images.default_base(ROOT) == "python:3.11-slim"
    assert "\nARG BUILD_IMAGE=${BASE_IMAGE}\n" in text

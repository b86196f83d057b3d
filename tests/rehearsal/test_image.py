import json
from pathlib import Path

import pytest

from rehearsal import image, oci
from rehearsal.errors import StepFailed

DOCKERFILE = "FROM base\nCOPY service/__main__.py service/\nCOPY build/package package/\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A repository with a service of one file."""
    folder = tmp_path / "repository"
    (folder / "service").mkdir(parents=True)
    (folder / "service" / "Dockerfile").write_text(DOCKERFILE, encoding="utf-8")
    (folder / "service" / "requirements.txt").write_text("uvicorn==1\n", encoding="utf-8")
    (folder / "service" / "__main__.py").write_text("print('serving')\n", encoding="utf-8")
    (folder / "service" / "secret.py").write_text("not for the image\n", encoding="utf-8")
    return folder


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A model package of one file."""
    folder = tmp_path / "package"
    folder.mkdir()
    (folder / "manifest.json").write_text("{}\n", encoding="utf-8")
    return folder


def test_the_folder_holds_exactly_what_the_dockerfile_copies(
    root: Path, package: Path, tmp_path: Path
) -> None:
    """A file that the Dockerfile does not name is not in the image."""
    built = image.build(root, package=package, store=tmp_path / "images")
    files = {path.relative_to(built.folder).as_posix() for path in built.folder.rglob("*") if path.is_file()}
    assert files == {"service/__main__.py", "package/manifest.json"}


def test_the_same_content_has_the_same_digest(root: Path, package: Path, tmp_path: Path) -> None:
    """An image is addressed by its content, not by when or where it was built."""
    first = image.build(root, package=package, store=tmp_path / "one")
    second = image.build(root, package=package, store=tmp_path / "two")
    assert first.digest == second.digest


def test_another_environment_or_command_gives_another_digest(
    root: Path, package: Path, tmp_path: Path
) -> None:
    """How an image is run is part of what it is."""
    before = image.build(root, package=package, store=tmp_path / "images").digest
    with (root / "service" / "Dockerfile").open("a", encoding="utf-8") as dockerfile:
        dockerfile.write("ENV THREADS=1\n")
    assert image.build(root, package=package, store=tmp_path / "images").digest != before


def test_an_image_runs_as_it_was_built_whatever_the_dockerfile_says_by_then(
    root: Path, package: Path, tmp_path: Path
) -> None:
    """Its environment comes from the store, not from the checkout."""
    dockerfile = root / "service" / "Dockerfile"
    dockerfile.write_text(DOCKERFILE + "ENV THREADS=1\n", encoding="utf-8")
    built = image.build(root, package=package, store=tmp_path / "images")
    dockerfile.write_text(DOCKERFILE + "ENV THREADS=2\n", encoding="utf-8")
    pulled = image.pull(f"switchyard@{built.digest}", root=root, store=tmp_path / "images")
    assert pulled.stage.environment == {"THREADS": "1"}


def test_a_missing_dockerfile_is_named(root: Path, package: Path, tmp_path: Path) -> None:
    """A sentence, not a traceback."""
    (root / "service" / "Dockerfile").unlink()
    with pytest.raises(StepFailed, match="service/Dockerfile is missing"):
        image.build(root, package=package, store=tmp_path / "images")


@pytest.mark.parametrize("name", ["service/__main__.py", "service/requirements.txt"])
def test_a_changed_file_or_lock_gives_another_digest(
    root: Path, package: Path, tmp_path: Path, name: str
) -> None:
    """Code and locked packages both decide what an image is."""
    before = image.build(root, package=package, store=tmp_path / "images").digest
    (root / name).write_text("changed\n", encoding="utf-8")
    assert image.build(root, package=package, store=tmp_path / "images").digest != before


def test_an_altered_image_is_not_run(root: Path, package: Path, tmp_path: Path) -> None:
    """What a digest promised is checked before a task starts from it."""
    built = image.build(root, package=package, store=tmp_path / "images")
    (built.folder / "package" / "manifest.json").write_text("{ }\n", encoding="utf-8")
    with pytest.raises(StepFailed, match="altered"):
        image.pull(f"registry/switchyard@{built.digest}", root=root, store=tmp_path / "images")


def test_an_image_without_a_digest_is_not_run(root: Path, tmp_path: Path) -> None:
    """A tag may mean another image tomorrow."""
    with pytest.raises(StepFailed, match="without a digest"):
        image.pull("registry/switchyard:latest", root=root, store=tmp_path)


def test_an_unknown_digest_is_not_run(root: Path, tmp_path: Path) -> None:
    """The store says so when it has no such image."""
    with pytest.raises(StepFailed, match="not in the local store"):
        image.pull("registry/switchyard@sha256:00", root=root, store=tmp_path)


def test_a_missing_file_of_the_dockerfile_is_named(root: Path, package: Path, tmp_path: Path) -> None:
    """A build that cannot be complete fails and says what is missing."""
    (root / "service" / "__main__.py").unlink()
    with pytest.raises(StepFailed, match=r"service/__main__\.py"):
        image.build(root, package=package, store=tmp_path / "images")


def test_the_model_package_is_the_last_layer(root: Path, package: Path, tmp_path: Path) -> None:
    """Whoever asks what an image predicts needs to fetch one layer, as the Dockerfile's order has it."""
    built = image.build(root, package=package, store=tmp_path / "images")
    _, lower, upper = oci.blobs_of(built.manifest)
    assert oci.unpacked([built.blob(upper)]) == {"app/package/manifest.json": b"{}\n"}
    assert oci.unpacked([built.blob(lower)]) == {
        "app/service/__main__.py": b"print('serving')\n",
        "opt/venv/requirements.txt": b"uvicorn==1\n",
    }


def test_an_image_says_what_it_is(root: Path, package: Path, tmp_path: Path) -> None:
    """Processor, command, user, commit and model: what a registry and a release read of it."""
    lines = 'ENV THREADS=1\nUSER 10001:10001\nCMD ["python", "-m", "service"]\n'
    (root / "service" / "Dockerfile").write_text(DOCKERFILE + lines, encoding="utf-8")
    (package / "manifest.json").write_text('{"version": "cafe"}', encoding="utf-8")
    built = image.build(
        root, package=package, store=tmp_path / "images", architecture="arm64", revision="0123"
    )
    manifest = json.loads(built.manifest)
    configuration = json.loads(built.blob(manifest["config"]["digest"]))
    assert manifest["mediaType"] == "application/vnd.oci.image.manifest.v1+json"
    assert (configuration["os"], configuration["architecture"]) == ("linux", "arm64")
    assert configuration["config"] == {
        "User": "10001:10001",
        "Env": ["THREADS=1"],
        "Cmd": ["python", "-m", "service"],
        "WorkingDir": "/app",
        "Labels": {"org.opencontainers.image.revision": "0123", "switchyard.model.version": "cafe"},
    }


def test_another_processor_gives_another_digest(root: Path, package: Path, tmp_path: Path) -> None:
    """A release compares it with that of the task definition."""
    one, two = (
        image.build(root, package=package, store=tmp_path / "images", architecture=name)
        for name in ("amd64", "arm64")
    )
    assert one.digest != two.digest


def test_an_overlay_lies_over_the_service_and_makes_another_image(
    root: Path, package: Path, tmp_path: Path
) -> None:
    """How a version with a fault is built from the same sources."""
    sound = image.build(root, package=package, store=tmp_path / "images")
    overlay = {"service/__main__.py": b"raise SystemExit\n", "service/added.py": b""}
    broken = image.build(root, package=package, store=tmp_path / "images", overlay=overlay)
    assert broken.digest != sound.digest
    assert (sound.folder / "service" / "__main__.py").read_bytes() == b"print('serving')\n"
    assert (broken.folder / "service" / "__main__.py").read_bytes() == b"raise SystemExit\n"
    assert (broken.folder / "service" / "added.py").is_file()


def test_building_the_same_again_leaves_the_folder_that_tasks_run_from(
    root: Path, package: Path, tmp_path: Path
) -> None:
    """A task that runs from it must not lose its files."""
    before = image.build(root, package=package, store=tmp_path / "images").folder.stat().st_ino
    assert image.build(root, package=package, store=tmp_path / "images").folder.stat().st_ino == before


def test_an_altered_layer_is_not_run(root: Path, package: Path, tmp_path: Path) -> None:
    """Every blob is checked against the digest that names it."""
    built = image.build(root, package=package, store=tmp_path / "images")
    layer = oci.blobs_of(built.manifest)[1]
    (built.blobs / layer.replace(":", "-")).write_bytes(oci.Layer.of({}).blob)
    with pytest.raises(StepFailed, match=f"{layer} was altered"):
        image.pull(f"registry/switchyard@{built.digest}", root=root, store=tmp_path / "images")


def test_an_image_for_other_packages_is_not_run(root: Path, package: Path, tmp_path: Path) -> None:
    """Processes share the packages of this checkout, whose lock may have changed since."""
    built = image.build(root, package=package, store=tmp_path / "images")
    (root / "service" / "requirements.txt").write_text("uvicorn==2\n", encoding="utf-8")
    with pytest.raises(StepFailed, match="other packages"):
        image.pull(f"registry/switchyard@{built.digest}", root=root, store=tmp_path / "images")

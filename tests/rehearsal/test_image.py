from pathlib import Path

import pytest

from rehearsal import image
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

"""The repository as a newcomer meets it: its commands, its locks and its documents agree."""

import json
import re
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
LOCKS = ("requirements.txt", "service/requirements.txt", "infra/checkov/requirements.txt")
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
TARGETS = dict(re.findall(r"^([a-z-]+):.*?## (.+)$", MAKEFILE, flags=re.MULTILINE))
PHONY = set(re.findall(r"^\.PHONY:(.*)$", MAKEFILE, flags=re.MULTILINE)[0].split())


def documents() -> list[Path]:
    """Every Markdown file of the repository."""
    listed = subprocess.run(
        ["git", "ls-files", "*.md"],  # noqa: S607 - git is one of the three things that a machine has
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    return [ROOT / name for name in listed.stdout.split()]


def test_every_target_that_a_person_runs_says_what_it_does() -> None:
    """`make` alone lists them all."""
    assert set(TARGETS) == PHONY
    shown = subprocess.run(["make"], cwd=ROOT, check=True, capture_output=True, text=True).stdout  # noqa: S607
    assert all(name in shown and meaning in shown for name, meaning in TARGETS.items())


@pytest.mark.parametrize("document", documents(), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_make_command_in_the_documents_exists(document: Path) -> None:
    """Nobody copies a command that is not there."""
    text = document.read_text(encoding="utf-8")
    named = set(re.findall(r"(?:^\$ |`)make ([a-z][a-z-]*)", text, flags=re.MULTILINE))
    assert named <= set(TARGETS)


@pytest.mark.parametrize("document", documents(), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_link_between_documents_leads_somewhere(document: Path) -> None:
    """A relative link names a file of the repository."""
    links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", document.read_text(encoding="utf-8"))
    assert [link for link in links if not (document.parent / link).exists()] == []


def test_the_readme_is_short_and_begins_with_the_command() -> None:
    """One screen to the first command, one read to the end."""
    lines = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
    assert len(lines) < 200
    assert next(number for number, line in enumerate(lines, 1) if line.startswith("$ make rehearse")) < 30


@pytest.mark.parametrize("lock", LOCKS)
def test_every_locked_package_is_pinned_and_hashed(lock: str) -> None:
    """What is installed is what was resolved, byte for byte."""
    text = (ROOT / lock).read_text(encoding="utf-8").replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    assert lines
    assert [
        line for line in lines if not re.match(r"[\w.\[\],-]+==\S+.*--hash=sha256:[0-9a-f]{64}", line)
    ] == []


@pytest.mark.parametrize("lock", [*LOCKS, "package-lock.json"])
def test_no_lock_names_a_place_to_download_from(lock: str) -> None:
    """A mirror serves as well as the public registry."""
    text = (ROOT / lock).read_text(encoding="utf-8")
    assert re.findall(r"https?://(?!json-schema)\S+|file:\S+", text) == []


def test_the_service_runs_on_the_versions_that_the_toolchain_tested() -> None:
    """A package that stands in both locks has one version."""
    toolchain, service, _ = (pins(ROOT / lock) for lock in LOCKS)
    assert service.items() <= toolchain.items()


def test_checkov_stays_out_of_the_toolchain() -> None:
    """It pins a boto3 of long ago, which would hold back what the releases are made with."""
    toolchain, _, checkov = (pins(ROOT / lock) for lock in LOCKS)
    assert "checkov" in checkov
    assert "checkov" not in toolchain
    assert toolchain["boto3"] != checkov["boto3"]


@pytest.mark.parametrize("lock", LOCKS)
def test_every_lock_has_a_folder_that_is_installed_ignored_and_removed(lock: str) -> None:
    """`make` installs it, git leaves it alone and `make distclean` takes it away."""
    folder = {"requirements.txt": ".venv"}.get(lock, f".venv-{Path(lock).parent.name}")
    assert f"{folder}/.ready-$(HERE): {lock}" in MAKEFILE
    assert f"/{folder}/" in (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
    (removed,) = re.findall(r"@rm -rf (.* node_modules)$", MAKEFILE, flags=re.MULTILINE)
    assert folder in removed.split()


def test_the_cdk_cli_is_pinned_below_3() -> None:
    """Npm's 3.0.0 cannot read what the library writes (decision 5)."""
    locked = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))
    version = locked["packages"]["node_modules/aws-cdk"]["version"]
    wanted = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))["devDependencies"]["aws-cdk"]
    assert version == wanted
    assert version.startswith("2.")


def test_ci_runs_the_readmes_test_command() -> None:
    """CI has no logic of its own."""
    last = (ROOT / ".ci" / "run").read_text(encoding="utf-8").strip().splitlines()[-1]
    assert last == "exec make test"
    assert "$ make test " in (ROOT / "README.md").read_text(encoding="utf-8")


def test_every_package_of_the_project_is_type_checked_and_bound_by_the_import_rules() -> None:
    """A new package cannot be forgotten."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"benchmarks", "tests"}
    assert packages == set(settings["importlinter"]["root_packages"])
    assert packages | {"app.py", "benchmarks", "tests"} == set(settings["mypy"]["files"])


def pins(lock: Path) -> dict[str, str]:
    """Return the version of each package of a lock."""
    return dict(re.findall(r"^([\w.-]+)==([^ ;\\]+)", lock.read_text(encoding="utf-8"), flags=re.MULTILINE))

"""The repository as a newcomer meets it: its commands, its locks and its documents agree."""

import json
import os
import re
import subprocess
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest

import infra.config
from infra.checks import problems_of
from infra.config import REGISTRY, STAGES
from infra.settings import HostedZone

ROOT = Path(__file__).resolve().parents[1]
LOCKS = ("requirements.txt", "service/requirements.txt", "infra/checkov/requirements.txt")
README = (ROOT / "README.md").read_text(encoding="utf-8")
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


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("ship", ["STAGE=dev", "IMAGE=a@b"]),
        ("promote", ["FROM=dev", "TO=staging"]),
        ("rollback", ["STAGE=dev"]),
        ("stop", ["STAGE=dev"]),
        ("deploy", ["STAGE=dev", "IMAGE=a@b"]),
        ("teardown", ["STAGE=dev"]),
    ],
)
def test_what_changes_aws_takes_its_arguments_from_the_command_line_only(
    target: str, said: list[str]
) -> None:
    """A variable that was exported for something else releases and takes down nothing; none is forgotten."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    exported = clean | {"STAGE": "dev", "IMAGE": "x", "FROM": "x", "TO": "x"}
    codes = []
    for given in (said, said[:-1]):
        command = ["make", "--dry-run", target, *given]
        shown = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True, env=exported)
        (guard,) = [line for line in shown.stdout.splitlines() if "as in: make" in line]
        codes.append(subprocess.run(["sh", "-c", guard], check=False, capture_output=True).returncode)  # noqa: S607
    assert codes == [0, 2]


def test_no_quote_in_an_argument_of_make_ends_a_word() -> None:
    """Recipes name arguments as the shell's variables, and never paste them as text of its own."""
    recipes = "".join(re.findall(r"^(?:\t|REHEARSE =|    ).*\n", MAKEFILE, flags=re.MULTILINE))
    arguments = re.findall(r"^([A-Z_]+) \?=", MAKEFILE, flags=re.MULTILINE)
    assert {"STAGE", "IMAGE", "CONFIRM"} <= set(arguments)
    assert [name for name in arguments if f'"$({name})"' in recipes] == []


def test_marks_that_choose_files_are_spelt_in_one_way() -> None:
    """A run of the tests marked `alone` or `docker` reads no file that does not say so in these words."""
    marked = re.compile(r"(?<!pytest\.)mark\.(?:alone|docker)\b|add_marker|getattr\(pytest\.mark")
    own = Path(__file__)
    found = [path for path in own.parent.rglob("*.py") if marked.search(path.read_text(encoding="utf-8"))]
    assert found == [own]


def test_setting_up_leaves_out_what_only_the_whole_test_needs() -> None:
    """Who rehearses or deploys does not wait for checkov."""
    needing = re.findall(r"^([a-z-]+):.*\$\(CHECKOV\)", MAKEFILE, flags=re.MULTILINE)
    assert needing == ["test"]


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
    lines = README.splitlines()
    assert len(lines) < 200
    assert next(number for number, line in enumerate(lines, 1) if line.startswith("$ make rehearse")) < 30


def test_the_readmes_production_is_one_that_works() -> None:
    """Its example needs one more import, and is the shipped one with HTTPS and somebody who is told."""
    (example,) = re.findall(r"^```python\n(.*?)^```$", README, flags=re.MULTILINE | re.DOTALL)
    made = eval(example, vars(infra.config) | {"HostedZone": HostedZone})  # noqa: S307 - our own text
    shipped, zone = STAGES["production"], HostedZone(id="Z0123456789ABCDEFGHIJ", name="example.org")
    assert made == replace(
        shipped,
        traffic=replace(shipped.traffic, domain="yield.example.org", hosted_zone=zone),
        operations=replace(shipped.operations, notify="team@example.org"),
    )
    assert (made.traffic.https, problems_of(made)) == (True, ())


def test_what_the_readme_calls_open_is_open() -> None:
    """Each setting that it names as left to the reader is unset on the shipped production or its registry."""
    (text,) = re.findall(
        r"^\*\*What the shipped production leaves open.*?\n\n", README, re.MULTILINE | re.DOTALL
    )
    named = re.findall(r"`([a-z_.]+)`", text)
    assert len(named) == 7
    for path in named:
        owner: object = STAGES["production"]
        for part in path.removeprefix("registry.").split("."):
            owner = getattr(REGISTRY if path.startswith("registry.") else owner, part)
        assert owner is None, path


def test_the_import_rules_are_told_as_they_are_checked() -> None:
    """The table for contributors lists what the rehearsal may import, and nothing else."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    allowed = {
        rule.removeprefix("rehearsal.** -> ")
        for contract in settings["contracts"]
        for rule in contract.get("ignore_imports", ())
        if rule.startswith("rehearsal.")
    }
    text = (ROOT / "docs/CONTRIBUTING.md").read_text(encoding="utf-8")
    (row,) = [line for line in text.splitlines() if line.startswith("| `rehearsal/` |")]
    assert set(re.findall(r"`([\w.]+)`", row.split("|")[3])) == allowed


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
    assert "$ make test " in README


def test_every_package_of_the_project_is_type_checked_and_bound_by_the_import_rules() -> None:
    """A new package cannot be forgotten."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"benchmarks", "tests"}
    assert packages == set(settings["importlinter"]["root_packages"])
    assert packages | {"app.py", "benchmarks", "tests"} == set(settings["mypy"]["files"])


def pins(lock: Path) -> dict[str, str]:
    """Return the version of each package of a lock."""
    return dict(re.findall(r"^([\w.-]+)==([^ ;\\]+)", lock.read_text(encoding="utf-8"), flags=re.MULTILINE))

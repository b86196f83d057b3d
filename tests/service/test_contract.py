"""The constants that platform, documentation and service share."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from service import contract
from service.problems import KINDS

ROOT = Path(__file__).parents[2]


def test_times_agree() -> None:
    """Each wait ends before the one around it does."""
    assert contract.LOAD_BALANCER_IDLE < contract.KEEP_ALIVE
    assert contract.BODY_TIMEOUT < contract.REQUEST_TIMEOUT <= contract.DEREGISTRATION_DELAY
    assert contract.REQUEST_TIMEOUT < contract.GRACEFUL_SHUTDOWN
    assert contract.LAME_DUCK + contract.GRACEFUL_SHUTDOWN < contract.STOP_TIMEOUT <= 120


def test_the_package_lies_in_the_working_folder() -> None:
    """The default of the package's path is the image's place for it."""
    assert f"{contract.WORKDIR}/{contract.PACKAGE_FOLDER}" == contract.PACKAGE_PATH == "/app/package"


@pytest.mark.slow
def test_importing_it_needs_nothing_else() -> None:
    """The contract loads nothing of FastAPI, numpy or the model: infrastructure imports it."""
    code = (
        "import sys; import service.contract; "
        "names = {name.partition('.')[0] for name in sys.modules}; "
        "sys.exit(', '.join(names & {'fastapi', 'starlette', 'numpy', 'model'}) or 0)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT, timeout=30)


def test_the_reference_states_the_same_numbers() -> None:
    """Every limit in the documentation's table is the contract's."""
    rows = {}
    for line in (ROOT / "docs/reference/api.md").read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.split("|")]
        if len(cells) > 3 and cells[1].startswith("`") and cells[1].strip("`").isupper():
            rows[cells[1].strip("`")] = cells[2].replace(",", "").split()[0]
    documented = (
        *(
            "MAX_BODY_BYTES",
            "DISCARD_BYTES",
            "MAX_HEAD_BYTES",
            "HEAD_TIMEOUT",
            "MAX_RECORDS",
            "MAX_ERRORS",
            "BODY_TIMEOUT",
            "REQUEST_TIMEOUT",
            "KEEP_ALIVE",
        ),
        *("LINGER", "LINGER_BYTES"),
        *("LAME_DUCK", "GRACEFUL_SHUTDOWN", "STOP_TIMEOUT", "LOAD_BALANCER_IDLE", "DEREGISTRATION_DELAY"),
    )
    assert rows == {name: str(getattr(contract, name)) for name in documented}


def test_the_lock_is_the_toolchain_s() -> None:
    """The service's dependency group names no scikit-learn, pandas or joblib."""
    groups = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["dependency-groups"]
    lock = (ROOT / "service/requirements.txt").read_text(encoding="utf-8")
    assert not [one for one in groups["service"] if one.startswith(("scikit-learn", "pandas", "joblib"))]
    for name in ("scikit-learn", "pandas", "joblib", "scipy"):
        assert f"\n{name}==" not in lock


def test_the_reference_lists_every_problem_and_path() -> None:
    """Each type of problem and each path has its row, and no row is left of one that is gone."""
    text = (ROOT / "docs/reference/api.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([a-z-]+)` \| (\d{3}) \|", text, re.MULTILINE)
    assert sorted(rows) == sorted((kind.slug, str(kind.status)) for kind in KINDS)
    paths = (
        contract.PREDICT,
        contract.LIVE,
        contract.READY,
        contract.VERSION,
        contract.DOCS,
        contract.OPENAPI,
    )
    cells = re.findall(r"^\| (`/[^|]+) \| (?:GET|POST) \|", text, re.MULTILINE)
    documented = re.findall(r"`([^`]+)`", " ".join(cells))
    assert sorted(documented) == sorted(paths)


def test_the_reference_counts_the_variables() -> None:
    """Every variable that the process reads is named, and their number is right."""
    text = (ROOT / "docs/reference/api.md").read_text(encoding="utf-8")
    names = {value for name, value in vars(contract).items() if name.startswith("ENV_")}
    assert set(re.findall(r"`(SWITCHYARD_\w+)`", text)) == names
    assert f"reads {['no', 'one', 'two', 'three', 'four', 'five'][len(names)]} variables" in text

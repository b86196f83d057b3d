"""What the Dockerfile would put into the image, read without Docker; no image is built here."""

import re
from pathlib import Path

from service import contract

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "service/Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
FINAL = TEXT[TEXT.rindex("FROM ") :]


def copies() -> set[tuple[str, str]]:
    """Return source and destination folder of everything that is copied from the repository."""
    lines = [line.split()[1:] for line in FINAL.splitlines() if line.startswith("COPY ")]
    return {
        (source, destination)
        for *sources, destination in lines
        if not sources[0].startswith("--from=")
        for source in sources
    }


def test_exactly_what_runs_is_copied() -> None:
    """The service's modules, the five of the model that serve, and the package: nothing else."""
    service = {(f"service/{path.name}", "service/") for path in (ROOT / "service").glob("*.py")}
    names = ("__init__", "clock", "features", "manifest", "served")
    model = {(f"model/{name}.py", "model/") for name in names}
    assert copies() == service | model | {("build/package", "package/")}


def test_it_runs_as_the_contract_says() -> None:
    """Command, user, folder and port are those that the platform relies on."""
    command = ", ".join(f'"{word}"' for word in contract.COMMAND)
    assert FINAL.rstrip().endswith(f"\nCMD [{command}]")
    assert f"\nUSER {contract.USER}:{contract.USER}\n" in FINAL
    assert f"\nWORKDIR {contract.WORKDIR}\n" in FINAL
    assert f"\nEXPOSE {contract.PORT}\n" in FINAL
    assert f"http://127.0.0.1:{contract.PORT}{contract.LIVE}" in FINAL


def test_packages_come_from_the_hashed_lock_alone() -> None:
    """Every install names the lock and its hashes, and no registry is written down."""
    installs = re.findall(r"pip install[^\n]*", TEXT)
    assert len(installs) == 1
    assert "--require-hashes" in installs[0]
    assert installs[0].endswith("-r /tmp/requirements.txt")
    assert re.search(r"^ARG BASE_IMAGE=[a-z]+:[0-9a-z.-]+$", TEXT, re.MULTILINE)

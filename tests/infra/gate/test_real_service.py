"""The gate before the real service: what a release writes from a package is what its process answers."""

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.hooks.gate.document import parse_document
from infra.hooks.gate.gate import Deadline, find_faults
from infra.hooks.gate.node import HttpNode
from service import contract
from tests.service.conftest import write_package
from tests.service.test_process import serving

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write a package of two small trees."""
    folder = tmp_path_factory.mktemp("gate") / "package"
    write_package(folder)
    return folder


@pytest.fixture(scope="module")
def node(package: Path) -> Iterator[HttpNode]:
    """Run the service, asked at the paths that the function is told."""
    with serving(package) as running:
        endpoint = f"127.0.0.1:{running.port}"
        yield HttpNode(endpoint, contract.READY, contract.VERSION, contract.PREDICT)


def document(package: Path, **changes: object) -> bytes:
    """Return the gate document of a package, as a release writes it."""
    version = json.loads((package / "manifest.json").read_bytes())["version"]
    probes = json.loads((package / "probes.json").read_bytes())["probes"]
    return json.dumps({"version": version, "probes": probes, **changes}, ensure_ascii=False).encode()


def faults(node: HttpNode, text: bytes, seconds: float) -> tuple[str, ...]:
    """Examine the service for so many seconds."""
    return find_faults(
        [node], parse_document(text), tolerance=1e-9, deadline=Deadline(time.monotonic() + seconds)
    )


def test_the_gate_opens_for_its_own_package(node: HttpNode, package: Path) -> None:
    """Version, records and predictions come through unchanged."""
    assert faults(node, document(package), 30.0) == ()


def test_the_gate_stays_shut_for_another_package(node: HttpNode, package: Path) -> None:
    """The same answers of another version are not those that are released."""
    told = faults(node, document(package, version="00" * 32), 1.0)
    assert len(told) == 1
    assert f"instead of '{'00' * 32}'" in told[0]

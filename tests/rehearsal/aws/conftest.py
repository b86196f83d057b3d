"""A control plane of these tests' own, asked by real clients."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from rehearsal import control_plane, identity, processes
from rehearsal.addresses import free_port
from rehearsal.control_plane import ControlPlane
from tests.rehearsal import planes

from .estate import Estate
from .stacks import Stacks


def _stacks(plane: ControlPlane, name: str) -> Stacks:
    subnets = planes.subnets(plane)
    return Stacks(plane, name, subnets[0]["VpcId"], [item["SubnetId"] for item in subnets])


@pytest.fixture(scope="session")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlPlane]:
    """The mended control plane, as a rehearsal starts it."""
    with planes.started(tmp_path_factory.mktemp("control-plane"), "--speed", "60") as started:
        yield started


@pytest.fixture
def stacks(plane: ControlPlane, request: pytest.FixtureRequest) -> Stacks:
    """A way to create and update one stack of this test's own."""
    return _stacks(plane, f"stack-{abs(hash(request.node.nodeid)) % 10**8}")


@pytest.fixture
def estate(plane: ControlPlane, stacks: Stacks) -> Estate:
    """A cluster, a load balancer and a way to a service of this test's own."""
    return Estate(plane, stacks.name.replace("stack", "estate"), stacks.vpc, stacks.subnets)


@pytest.fixture
def slow_stacks(tmp_path: Path) -> Iterator[Stacks]:
    """The same, on a control plane whose updates rest for a second after each resource."""
    port = free_port()
    program = planes.run(tmp_path, "tests.rehearsal.aws.slow", "--port", str(port))
    slow = control_plane.connect(f"http://localhost:{port}", program)
    try:
        program.wait_until(
            lambda: identity.answers(program, slow.endpoint), within=30, otherwise="It did not start:"
        )
        yield _stacks(slow, "slow")
    finally:
        processes.end_marked(str(tmp_path))
        program.process.wait()

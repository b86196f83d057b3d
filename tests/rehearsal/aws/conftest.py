"""A control plane of these tests' own, asked by real clients."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest

from rehearsal import control_plane, isolation, processes
from rehearsal.control_plane import ControlPlane

from .estate import Estate
from .stacks import Stacks

ROOT = Path(__file__).resolve().parents[3]


def _started(folder: Path, *, pace: float) -> Iterator[ControlPlane]:
    environment = isolation.isolated(os.environ, marker=str(folder), temporary=folder, path=[], cache=folder)
    started = control_plane.start(
        environment=environment,
        python=Path(sys.executable),
        cwd=ROOT,
        log=folder / "log",
        more=["--pace", str(pace), "--speed", "60"],
    )
    try:
        yield started
    finally:
        processes.end_marked(str(folder))
        started.program.process.wait()


def _stacks(plane: ControlPlane, name: str) -> Stacks:
    ec2 = boto3.client(
        "ec2",
        endpoint_url=plane.endpoint,
        region_name=isolation.REGION,
        aws_access_key_id="rehearsal",
        aws_secret_access_key="rehearsal",  # noqa: S106 - invented
    )
    subnets = ec2.describe_subnets()["Subnets"]
    return Stacks(plane, name, subnets[0]["VpcId"], [item["SubnetId"] for item in subnets[:2]])


@pytest.fixture(scope="session")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlPlane]:
    """The mended control plane, as a rehearsal starts it."""
    yield from _started(tmp_path_factory.mktemp("control-plane"), pace=0.0)


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
    for plane in _started(tmp_path, pace=1.0):
        yield _stacks(plane, "slow")

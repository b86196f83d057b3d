"""A control plane of these tests' own, asked by real clients."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest

from rehearsal import control_plane, isolation, processes
from rehearsal.control_plane import ControlPlane

from .stacks import Stacks

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="session")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlPlane]:
    """The mended control plane, as a rehearsal starts it."""
    folder = tmp_path_factory.mktemp("control-plane")
    environment = isolation.isolated(os.environ, marker=str(folder), temporary=folder, path=[], cache=folder)
    started = control_plane.start(
        environment=environment, python=Path(sys.executable), cwd=ROOT, log=folder / "log"
    )
    try:
        yield started
    finally:
        processes.end_marked(str(folder))
        started.program.process.wait()


@pytest.fixture
def stacks(plane: ControlPlane, request: pytest.FixtureRequest) -> Stacks:
    """A way to create and update one stack of this test's own."""
    ec2 = boto3.client(
        "ec2",
        endpoint_url=plane.endpoint,
        region_name=isolation.REGION,
        aws_access_key_id="rehearsal",
        aws_secret_access_key="rehearsal",  # noqa: S106 - invented
    )
    subnets = ec2.describe_subnets()["Subnets"]
    name = f"stack-{abs(hash(request.node.nodeid)) % 10**8}"
    return Stacks(plane, name, subnets[0]["VpcId"], [item["SubnetId"] for item in subnets[:2]])

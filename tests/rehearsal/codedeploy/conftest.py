"""CodeDeploy's server and the control plane that it works on, as a rehearsal starts them."""

import json
import os
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.config import Config

from rehearsal import control_plane, isolation, processes
from rehearsal.control_plane import ControlPlane, free_port
from rehearsal.timeline import Timeline
from tests.rehearsal.aws.estate import Estate

from .world import SPEED, World

if TYPE_CHECKING:
    from mypy_boto3_codedeploy import CodeDeployClient

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="session")
def region(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[ControlPlane, str]]:
    """The control plane, and the URL of CodeDeploy's server."""
    folder = tmp_path_factory.mktemp("codedeploy")
    environment = isolation.isolated(os.environ, marker=str(folder), temporary=folder, path=[], cache=folder)
    url = f"http://localhost:{free_port()}"
    python = Path(sys.executable)
    plane = control_plane.start(
        environment=environment,
        python=python,
        cwd=ROOT,
        log=folder / "log",
        more=["--speed", str(SPEED), "--codedeploy", url, "--folder", str(folder)],
    )
    command = [str(python), "-m", "rehearsal.codedeploy", "--port", url.rpartition(":")[2]]
    command += ["--endpoint", plane.endpoint, "--speed", str(SPEED), "--folder", str(folder)]
    server = processes.start(
        "codedeploy", command, environment=environment, cwd=ROOT, log=folder / "codedeploy.log"
    )
    try:
        _wait_for(url, server)
        yield plane, url
    finally:
        processes.end_marked(str(folder))
        plane.program.process.wait()
        server.process.wait()


@pytest.fixture(scope="session")
def timeline(region: tuple[ControlPlane, str]) -> Timeline:
    """What the server writes of lifecycle events."""
    return Timeline.of(region[0].program.log.parent)


@pytest.fixture(scope="session")
def codedeploy(region: tuple[ControlPlane, str]) -> "CodeDeployClient":
    """A client of the server."""
    client: CodeDeployClient = _client("codedeploy", region[1])
    return client


@pytest.fixture(scope="session")
def subnets(region: tuple[ControlPlane, str]) -> list[Any]:
    """Two subnets of the account."""
    found: list[Any] = _client("ec2", region[0].endpoint).describe_subnets()["Subnets"]
    return found[:2]


@pytest.fixture
def world(
    region: tuple[ControlPlane, str],
    codedeploy: "CodeDeployClient",
    subnets: list[Any],
    request: pytest.FixtureRequest,
) -> World:
    """A service with a deployment group of this test's own."""
    name = f"world-{abs(hash(request.node.nodeid)) % 10**8}"
    estate = Estate(region[0], name, subnets[0]["VpcId"], [item["SubnetId"] for item in subnets])
    return World(estate, codedeploy)


@pytest.fixture(scope="session")
def cloudwatch(region: tuple[ControlPlane, str]) -> Any:  # noqa: ANN401 - a client
    """A client of the control plane's CloudWatch."""
    return _client("cloudwatch", region[0].endpoint)


@pytest.fixture(scope="session")
def role(region: tuple[ControlPlane, str]) -> str:
    """The ARN of a role that Lambda may assume."""
    principal = {
        "Effect": "Allow",
        "Principal": {"Service": "lambda.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }
    made = _client("iam", region[0].endpoint).create_role(
        RoleName="hook",
        AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [principal]}),
    )
    return str(made["Role"]["Arn"])


@pytest.fixture(scope="session")
def functions(region: tuple[ControlPlane, str]) -> Any:  # noqa: ANN401 - a client
    """A client of the control plane's Lambda."""
    return _client("lambda", region[0].endpoint)


def _client(service: str, url: str) -> Any:  # noqa: ANN401 - a client
    config = Config(proxies={}, retries={"max_attempts": 1})
    session: Any = boto3.Session(
        aws_access_key_id="rehearsal",
        aws_secret_access_key="rehearsal",  # noqa: S106 - invented
        region_name=isolation.REGION,
    )
    return session.client(service, endpoint_url=url, config=config)


def _wait_for(url: str, server: processes.Program) -> None:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    deadline = time.monotonic() + 20
    while True:
        try:
            opener.open(f"{url}/rehearsal/faults", timeout=1).close()
        except OSError:
            assert not server.has_ended, server.tail()
            assert time.monotonic() < deadline, "CodeDeploy's server did not start."
            time.sleep(0.05)
        else:
            return

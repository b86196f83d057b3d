"""The control plane with its ECS, as a rehearsal starts it, asked by real clients."""

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config

from rehearsal import control_plane, isolation, processes
from rehearsal.control_plane import ControlPlane
from rehearsal.timeline import Timeline
from tests.rehearsal.aws.estate import Estate

from .world import SPEED, World

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="session")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlPlane]:
    """The control plane."""
    folder = tmp_path_factory.mktemp("ecs")
    environment = isolation.isolated(os.environ, marker=str(folder), temporary=folder, path=[], cache=folder)
    started = control_plane.start(
        environment=environment,
        python=Path(sys.executable),
        cwd=ROOT,
        log=folder / "log",
        more=["--speed", str(SPEED), "--folder", str(folder)],
    )
    try:
        yield started
    finally:
        processes.end_marked(str(folder))
        started.program.process.wait()


@pytest.fixture(scope="session")
def timeline(plane: ControlPlane) -> Timeline:
    """What is written of lifecycle stages."""
    return Timeline.of(plane.program.log.parent)


@pytest.fixture(scope="session")
def subnets(plane: ControlPlane) -> list[Any]:
    """Two subnets of the account."""
    found: list[Any] = client("ec2", plane).describe_subnets()["Subnets"]
    return found[:2]


@pytest.fixture
def world(plane: ControlPlane, subnets: list[Any], request: pytest.FixtureRequest) -> World:
    """A cluster, a load balancer and a way to a service of this test's own."""
    name = f"world-{abs(hash(request.node.nodeid)) % 10**8}"
    return World(Estate(plane, name, subnets[0]["VpcId"], [item["SubnetId"] for item in subnets]))


@pytest.fixture(scope="session")
def cloudwatch(plane: ControlPlane) -> Any:  # noqa: ANN401 - a client
    """A client of the control plane's CloudWatch."""
    return client("cloudwatch", plane)


@pytest.fixture(scope="session")
def functions(plane: ControlPlane) -> Any:  # noqa: ANN401 - a client
    """A client of the control plane's Lambda."""
    return client("lambda", plane)


@pytest.fixture(scope="session")
def role(plane: ControlPlane) -> str:
    """The ARN of a role that Lambda may assume."""
    principal = {
        "Effect": "Allow",
        "Principal": {"Service": "lambda.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }
    made = client("iam", plane).create_role(
        RoleName="hook",
        AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [principal]}),
    )
    return str(made["Role"]["Arn"])


@pytest.fixture(scope="session")
def heard(plane: ControlPlane) -> tuple[Any, str]:
    """A client of the logs, and the group that holds what EventBridge is told of deployments."""
    logs, events, group = client("logs", plane), client("events", plane), "/heard"
    logs.create_log_group(logGroupName=group)
    pattern = {"source": ["aws.ecs"], "detail-type": ["ECS Deployment State Change"]}
    events.put_rule(Name="heard", EventPattern=json.dumps(pattern))
    arn = logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"][0]["arn"].removesuffix(":*")
    events.put_targets(Rule="heard", Targets=[{"Id": "log", "Arn": arn}])
    return logs, group


def client(service: str, plane: ControlPlane) -> Any:  # noqa: ANN401 - a client
    """Return a client of the control plane."""
    session: Any = boto3.Session(
        aws_access_key_id="rehearsal",
        aws_secret_access_key="rehearsal",  # noqa: S106 - invented
        region_name=isolation.REGION,
    )
    return session.client(
        service, endpoint_url=plane.endpoint, config=Config(proxies={}, retries={"max_attempts": 1})
    )

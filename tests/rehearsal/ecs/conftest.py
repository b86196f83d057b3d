"""The control plane with its ECS, as a rehearsal starts it, asked by real clients."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from rehearsal import sessions
from rehearsal.control_plane import ControlPlane
from rehearsal.timeline import Timeline
from tests.rehearsal import planes
from tests.rehearsal.aws.estate import Estate

from .world import SPEED, World


@pytest.fixture(scope="session")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlPlane]:
    """The control plane."""
    folder = tmp_path_factory.mktemp("ecs")
    with planes.started(folder, "--speed", str(SPEED), "--folder", str(folder)) as started:
        yield started


@pytest.fixture(scope="session")
def timeline(plane: ControlPlane) -> Timeline:
    """What is written of lifecycle stages."""
    return Timeline.of(plane.program.log.parent)


@pytest.fixture(scope="session")
def subnets(plane: ControlPlane) -> list[Any]:
    """Two subnets of the account."""
    return planes.subnets(plane)


@pytest.fixture
def world(plane: ControlPlane, subnets: list[Any], request: pytest.FixtureRequest) -> World:
    """A cluster, a load balancer and a way to a service of this test's own."""
    name = f"world-{abs(hash(request.node.nodeid)) % 10**8}"
    return World(Estate(plane, name, subnets[0]["VpcId"], [item["SubnetId"] for item in subnets]))


@pytest.fixture(scope="session")
def cloudwatch(plane: ControlPlane) -> Any:  # noqa: ANN401 - a client
    """A client of the control plane's CloudWatch."""
    return sessions.client("cloudwatch", plane.endpoint)


@pytest.fixture(scope="session")
def functions(plane: ControlPlane) -> Any:  # noqa: ANN401 - a client
    """A client of the control plane's Lambda."""
    return sessions.client("lambda", plane.endpoint)


@pytest.fixture(scope="session")
def role(plane: ControlPlane) -> str:
    """The ARN of a role that Lambda may assume."""
    return planes.role(plane, "hook")


@pytest.fixture(scope="session")
def heard(plane: ControlPlane) -> tuple[Any, str]:
    """A client of the logs, and the group that holds what EventBridge is told of deployments."""
    logs, events = (sessions.client(name, plane.endpoint) for name in ("logs", "events"))
    group = "/heard"
    logs.create_log_group(logGroupName=group)
    pattern = {"source": ["aws.ecs"], "detail-type": ["ECS Deployment State Change"]}
    events.put_rule(Name="heard", EventPattern=json.dumps(pattern))
    arn = logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"][0]["arn"].removesuffix(":*")
    events.put_targets(Rule="heard", Targets=[{"Id": "log", "Arn": arn}])
    return logs, group

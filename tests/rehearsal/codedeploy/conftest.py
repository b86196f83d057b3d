"""CodeDeploy's server and the control plane that it works on, as a rehearsal starts them."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from rehearsal import identity, sessions
from rehearsal.addresses import free_port
from rehearsal.control_plane import ControlPlane
from rehearsal.timeline import Timeline
from tests.rehearsal import planes
from tests.rehearsal.aws.estate import Estate

from .world import SPEED, World

if TYPE_CHECKING:
    from mypy_boto3_codedeploy import CodeDeployClient


@pytest.fixture(scope="session")
def region(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[ControlPlane, str]]:
    """The control plane, and the URL of CodeDeploy's server."""
    folder = tmp_path_factory.mktemp("codedeploy")
    port = free_port()
    url = f"http://localhost:{port}"
    both = ["--speed", str(SPEED), "--folder", str(folder)]
    with planes.started(folder, "--codedeploy", url, *both) as plane:
        own = ["--port", str(port), "--endpoint", plane.endpoint]
        server = planes.run(folder, "rehearsal.codedeploy", *own, *both)
        server.wait_until(lambda: identity.answers(server, url), within=30, otherwise="It did not start:")
        yield plane, url
    server.process.wait()


@pytest.fixture(scope="session")
def timeline(region: tuple[ControlPlane, str]) -> Timeline:
    """What the server writes of lifecycle events."""
    return Timeline.of(region[0].program.log.parent)


@pytest.fixture(scope="session")
def codedeploy(region: tuple[ControlPlane, str]) -> "CodeDeployClient":
    """A client of the server."""
    client: CodeDeployClient = sessions.client("codedeploy", region[1], retries={"max_attempts": 1})
    return client


@pytest.fixture(scope="session")
def subnets(region: tuple[ControlPlane, str]) -> list[Any]:
    """Two subnets of the account."""
    return planes.subnets(region[0])


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
    return sessions.client("cloudwatch", region[0].endpoint)


@pytest.fixture(scope="session")
def role(region: tuple[ControlPlane, str]) -> str:
    """The ARN of a role that Lambda may assume."""
    return planes.role(region[0], "hook")


@pytest.fixture(scope="session")
def functions(region: tuple[ControlPlane, str]) -> Any:  # noqa: ANN401 - a client
    """A client of the control plane's Lambda."""
    return sessions.client("lambda", region[0].endpoint)

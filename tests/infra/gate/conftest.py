"""A release in progress, and the two handlers that may be asked about it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from tests.infra.gate.release import DEPLOYMENT, EVENTS, reset, start_release, upload
from tests.infra.gate.servers import World, handler_of, serve

ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_DEFAULT_REGION": "eu-central-1",
    "CLUSTER": "switchyard-dev",
    "SERVICE": "yield",
    "CONTAINER": "service",
    "PROBES_BUCKET": "switchyard-data",
    "PROBES_PREFIX": "releases/probes/",
    "READY_PATH": "/health/ready",
    "VERSION_PATH": "/version",
    "PREDICT_PATH": "/predict",
    "TOLERANCE": "1e-09",
}


class Context:
    """Lambda's context with a given time left."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    def get_remaining_time_in_millis(self) -> int:
        """Return the time left."""
        return int(self._seconds * 1000)


@dataclass(frozen=True)
class Gate:
    """One engine's handler, called as that engine calls it."""

    engine: str
    world: World

    def lets_pass(self, seconds: float = 30.0) -> bool:
        """Return its verdict; so many seconds are left for asking, beside those that it keeps back."""
        from infra.hooks.gate import codedeploy, ecs  # noqa: PLC0415 - import boto3, which quick runs save
        from infra.hooks.gate.examine import LAST_ANSWER  # noqa: PLC0415

        if self.engine == "ecs":
            answer = ecs.handle(EVENTS["ecs"], Context(ecs.ANSWER_RESERVE + LAST_ANSWER + seconds))
            return {"SUCCEEDED": True, "FAILED": False}[answer.pop("hookStatus")] and not answer
        context = Context(codedeploy.REPORT_RESERVE + LAST_ANSWER + seconds)
        codedeploy.handle(EVENTS["codedeploy"], context)
        ((_, told),) = self.world.told
        return {"Succeeded": True, "Failed": False}[told["status"]]


@pytest.fixture(scope="session")
def moto() -> Iterator[str]:
    """Run moto in this process, on a free port."""
    from moto.server import ThreadedMotoServer  # noqa: PLC0415 - takes a second, which quick runs save

    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def world(moto: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """Return a release in progress: its tasks exist, and what the gate must know is uploaded."""
    world = World(moto)
    servers = serve(handler_of(world))
    world.endpoint = next(servers)
    here = f"http://{world.endpoint}"
    addresses = {
        "AWS_ENDPOINT_URL": moto,
        "AWS_ENDPOINT_URL_CODEDEPLOY": here,
        "AWS_ENDPOINT_URL_ECS": here,
        "TEST_ENDPOINT": world.endpoint,
    }
    for name, value in (ENVIRONMENT | addresses).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("infra.hooks.gate.gate.PAUSE", 0.01)
    monkeypatch.setattr("infra.hooks.gate.gate.RETRY", 0.05)
    start_release(world, deployment=DEPLOYMENT)
    upload()
    yield world
    reset(moto)
    next(servers, None)


@pytest.fixture(params=["codedeploy", "ecs"])
def gate(request: pytest.FixtureRequest, world: World) -> Gate:
    """Return one engine's gate after the other's."""
    return Gate(request.param, world)


@pytest.fixture
def other_s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[object], None]]:
    """Return how to put another server in the place of S3."""
    running: list[Iterator[str]] = []

    def replace(handler: object) -> None:
        running.append(serve(handler))  # type: ignore[arg-type]
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", f"http://{next(running[-1])}")

    yield replace
    for servers in running:
        next(servers, None)

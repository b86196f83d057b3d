"""A moto server in this process, and in it the region that the release keeper looks after."""

from collections.abc import Iterator

import pytest

from tests.infra.keeper.world import (
    GROUP,
    PARAMETER,
    REGION,
    RESOURCE,
    build_group,
    build_service,
    build_traffic,
    client,
    reset,
)


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
def world(moto: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    """Return the ARNs of a region in which nothing is released and blue takes all traffic, as it should."""
    environment = {
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ENDPOINT_URL": moto,
        "RESOURCE": RESOURCE,
        "ENGINE": "codedeploy",
        "APPLICATION": GROUP,
        "GROUP": GROUP,
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    build_service()
    build_group(GROUP)
    client("ssm").put_parameter(Name=PARAMETER, Value="blue", Type="String")
    traffic = build_traffic()
    for name in ("LISTENER", "BLUE", "GREEN"):
        monkeypatch.setenv(name, traffic[name])
    monkeypatch.setenv("PARAMETER", PARAMETER)
    yield traffic
    reset(moto)

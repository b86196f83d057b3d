"""Against a real Envoy and real targets on loopback."""

import os
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from rehearsal import addresses, envoy, isolation, processes
from rehearsal.addresses import Subnet, unprivileged
from rehearsal.traffic import HealthCheck, Listener, LoadBalancer, TargetGroup
from rehearsal.web import get

pytestmark = pytest.mark.slow

ENVOY = Path(sys.executable).parent / "envoy"
PORT = 80
CHECK = HealthCheck("/health/ready", 1, 1, 1, 1, ((200, 201),))


class Target:
    """An HTTP server that answers with its colour and can fall ill."""

    def __init__(self, colour: str, address: str) -> None:
        self.healthy = True
        target = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                body = colour.encode()
                self.send_response(200 if target.healthy or "health" not in self.path else 503)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer((address, 0), Handler)
        self.server.daemon_threads = True
        self.address = (address, int(self.server.server_address[1]))
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        """Close its listener."""
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def subnet() -> Subnet:
    """Addresses of this test's own."""
    return addresses.choose((unprivileged(PORT),))


@pytest.fixture
def targets(subnet: Subnet) -> Iterator[dict[str, Target]]:
    """A blue and a green target."""
    found = {colour: Target(colour, subnet.task(index)) for index, colour in enumerate(("blue", "green"))}
    yield found
    for target in found.values():
        target.stop()


@pytest.fixture
def balancer(targets: dict[str, Target]) -> LoadBalancer:
    """A load balancer that sends everything to blue."""
    groups = tuple(
        TargetGroup(f"arn:{colour}", colour, CHECK, (target.address,)) for colour, target in targets.items()
    )
    return LoadBalancer(
        "arn", "lb", 60, (Listener("arn:80", PORT, (("arn:blue", 1), ("arn:green", 0))),), groups
    )


@pytest.fixture
def playing(balancer: LoadBalancer, subnet: Subnet, tmp_path: Path) -> Iterator[envoy.Envoy]:
    """Envoy, playing it."""
    environment = isolation.isolated(
        os.environ, marker=str(tmp_path), temporary=str(tmp_path), path="/usr/bin"
    )
    played = envoy.start(
        balancer,
        address=subnet.load_balancer,
        folder=tmp_path / "envoy",
        environment=environment,
        binary=ENVOY,
        log=tmp_path / "log",
    )
    try:
        played.wait_until_healthy(url(subnet))
        yield played
    finally:
        processes.end_marked(str(tmp_path))
        played.program.process.wait()


def url(subnet: Subnet) -> str:
    """Where the production listener stands."""
    return f"http://{subnet.load_balancer}:{unprivileged(PORT)}/"


def wait_for(subnet: Subnet, colour: bytes) -> None:
    """Wait until this colour answers."""
    deadline = time.monotonic() + 10
    while get(url(subnet)).body != colour:
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_requests_reach_the_colour_that_the_listener_forwards_to(
    playing: envoy.Envoy, subnet: Subnet
) -> None:
    """All of them, and none the other colour."""
    assert {get(url(subnet)).body for _ in range(20)} == {b"blue"}
    assert not playing.program.has_ended


def test_moving_the_weights_keeps_open_connections(
    playing: envoy.Envoy, balancer: LoadBalancer, subnet: Subnet
) -> None:
    """A client with a kept connection sees the other colour and no error."""
    connection = HTTPConnection(subnet.load_balancer, unprivileged(PORT), timeout=5)
    connection.connect()
    kept = connection.sock
    moved = replace(balancer.listeners[0], weights=(("arn:blue", 0), ("arn:green", 1)))
    playing.apply(replace(balancer, listeners=(moved,)))
    wait_for(subnet, b"green")
    for _ in range(5):
        connection.request("GET", "/")
        assert connection.getresponse().read() == b"green"
    assert connection.sock is kept
    connection.close()


def test_an_unhealthy_target_takes_no_traffic(
    playing: envoy.Envoy, balancer: LoadBalancer, targets: dict[str, Target], subnet: Subnet
) -> None:
    """Within one group, requests go to the targets whose health check passes."""
    both = replace(balancer.target_groups[0], targets=tuple(target.address for target in targets.values()))
    playing.apply(replace(balancer, target_groups=(both, balancer.target_groups[1])))
    wait_for(subnet, b"green")
    targets["blue"].healthy = False
    time.sleep(2.5)
    assert {get(url(subnet)).body for _ in range(20)} == {b"green"}


def test_traffic_flows_even_when_every_target_is_unhealthy(
    playing: envoy.Envoy, targets: dict[str, Target], subnet: Subnet
) -> None:
    """An application load balancer fails open: with nobody healthy it asks everybody."""
    targets["blue"].healthy = False
    time.sleep(2.5)
    assert get(url(subnet)).body == b"blue"
    assert not playing.program.has_ended

"""Against a real Envoy and real targets on loopback."""

import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from http.client import HTTPConnection
from pathlib import Path

import psutil
import pytest

from rehearsal import addresses
from rehearsal.addresses import Subnet, unprivileged
from rehearsal.envoy import Envoy
from rehearsal.traffic import Listener, LoadBalancer, TargetGroup
from rehearsal.web import get

from . import envoys
from .targets import CHECK, Target

pytestmark = pytest.mark.slow

PORT = 80
COLOURS = ("blue", "green")


@pytest.fixture
def subnet() -> Subnet:
    """Addresses of this test's own."""
    return addresses.choose((unprivileged(PORT),))


@pytest.fixture
def targets(subnet: Subnet) -> Iterator[dict[str, Target]]:
    """A blue and a green target."""
    found = {colour: Target(colour, subnet.task(index)) for index, colour in enumerate(COLOURS)}
    yield found
    for target in found.values():
        target.stop()


@pytest.fixture
def balancer(targets: dict[str, Target]) -> LoadBalancer:
    """A load balancer that sends everything to blue."""
    groups = tuple(
        TargetGroup(f"arn:{colour}", colour, CHECK, (target.address,)) for colour, target in targets.items()
    )
    weights = (("arn:blue", 1), ("arn:green", 0))
    return LoadBalancer("arn", 60, (Listener("arn:80", PORT, weights),), groups)


@pytest.fixture
def playing(balancer: LoadBalancer, subnet: Subnet, tmp_path: Path) -> Iterator[Envoy]:
    """Envoy, playing it."""
    with envoys.playing(balancer, address=subnet.load_balancer, folder=tmp_path) as played:
        wait_for(subnet, b"blue")
        yield played


def url(subnet: Subnet) -> str:
    """Where the production listener stands."""
    return f"http://{subnet.load_balancer}:{unprivileged(PORT)}/"


def wait_for(subnet: Subnet, colour: bytes) -> None:
    """Wait until this colour answers."""
    deadline = time.monotonic() + 10
    while get(url(subnet)).body != colour:
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_requests_reach_the_colour_that_the_listener_forwards_to(playing: Envoy, subnet: Subnet) -> None:
    """All of them, and none the other colour."""
    assert {get(url(subnet)).body for _ in range(20)} == {b"blue"}
    assert not playing.program.has_ended


def test_moving_the_weights_keeps_open_connections(
    playing: Envoy, balancer: LoadBalancer, subnet: Subnet
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


def test_targets_are_taken_from_no_request_once_routes_were_waited_for(
    playing: Envoy, balancer: LoadBalancer, subnet: Subnet
) -> None:
    """Time and again all traffic goes to the other colour, and then this one loses its targets.

    Envoy is held up each time, as on a busy machine, where it finds all files changed when it comes to look.
    """
    (process,) = psutil.Process(playing.program.process.pid).children()
    done, answers = threading.Event(), Counter[int]()

    def ask() -> None:
        while not done.is_set():
            answers[get(url(subnet)).status] += 1

    with ThreadPoolExecutor(4) as clients:
        asking = [clients.submit(ask) for _ in range(4)]
        for taking, left in ((1, 0), (0, 1)) * 15:
            weights = ((f"arn:{COLOURS[taking]}", 1), (f"arn:{COLOURS[left]}", 0))
            moved = replace(balancer, listeners=(Listener("arn:80", PORT, weights),))
            process.suspend()
            threading.Timer(0.03, process.resume).start()
            playing.apply(moved)
            playing.wait_for_routes(moved)
            groups = list(balancer.target_groups)
            groups[left] = replace(groups[left], targets=())
            playing.apply(replace(moved, target_groups=tuple(groups)))
            time.sleep(0.05)
            playing.apply(moved)
            envoys.wait_until_healthy(playing, balancer.target_groups[left])
        done.set()
    assert [client.exception() for client in asking] == [None] * 4
    assert set(answers) == {200}


def test_a_target_is_out_after_as_many_failed_checks_as_the_group_says(
    playing: Envoy, balancer: LoadBalancer, targets: dict[str, Target], subnet: Subnet
) -> None:
    """Three here, a second apart: neither the first wrong answer nor the tenth decides."""
    both = replace(balancer.target_groups[0], targets=tuple(target.address for target in targets.values()))
    playing.apply(replace(balancer, target_groups=(both, balancer.target_groups[1])))
    envoys.wait_until_healthy(playing, both)
    targets["blue"].healthy = False
    fell_ill = time.monotonic()
    while envoys.healthy(playing, both) == 2:
        assert time.monotonic() < fell_ill + 10
        time.sleep(0.05)
    assert time.monotonic() - fell_ill > 1.5
    assert {get(url(subnet)).body for _ in range(20)} == {b"green"}


def test_a_deregistered_target_gets_no_new_request(
    playing: Envoy, balancer: LoadBalancer, targets: dict[str, Target], subnet: Subnet
) -> None:
    """However healthy it is."""
    swapped = replace(balancer.target_groups[0], targets=(targets["green"].address,))
    playing.apply(replace(balancer, target_groups=(swapped, balancer.target_groups[1])))
    wait_for(subnet, b"green")
    time.sleep(1)
    assert {get(url(subnet)).body for _ in range(20)} == {b"green"}


def test_traffic_flows_even_when_every_target_is_unhealthy(
    playing: Envoy, balancer: LoadBalancer, targets: dict[str, Target], subnet: Subnet
) -> None:
    """An application load balancer fails open: with nobody healthy it asks everybody."""
    targets["blue"].healthy = False
    deadline = time.monotonic() + 10
    while envoys.healthy(playing, balancer.target_groups[0]):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert get(url(subnet)).body == b"blue"
    assert not playing.program.has_ended


def test_a_client_that_speaks_http_1_0_is_answered(playing: Envoy, subnet: Subnet) -> None:
    """As an application load balancer does."""
    assert not playing.program.has_ended
    with socket.create_connection((subnet.load_balancer, unprivileged(PORT)), timeout=5) as client:
        client.sendall(b"GET / HTTP/1.0\r\nHost: x\r\n\r\n")
        assert client.recv(100).split(b"\r\n")[0].endswith(b" 200 OK")


def test_a_group_without_a_target_is_a_503(playing: Envoy, balancer: LoadBalancer, subnet: Subnet) -> None:
    """Which the load balancer says itself."""
    nobody = replace(balancer.target_groups[0], targets=())
    playing.apply(replace(balancer, target_groups=(nobody, balancer.target_groups[1])))
    deadline = time.monotonic() + 10
    while get(url(subnet)).status != 503:
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_an_answer_that_takes_longer_than_the_idle_timeout_is_a_504(
    playing: Envoy, balancer: LoadBalancer, subnet: Subnet
) -> None:
    """And one in flight survives that the weights move and its target is deregistered."""
    with ThreadPoolExecutor() as pool:
        slow = pool.submit(get, url(subnet) + "slow")
        time.sleep(0.3)
        moved = replace(balancer.listeners[0], weights=(("arn:blue", 0), ("arn:green", 1)))
        nobody = replace(balancer.target_groups[0], targets=())
        playing.apply(
            replace(balancer, listeners=(moved,), target_groups=(nobody, balancer.target_groups[1]))
        )
        wait_for(subnet, b"green")
        assert (slow.result().status, slow.result().body) == (200, b"blue")
    playing.apply(replace(balancer, idle_timeout=1))
    deadline = time.monotonic() + 10
    while get(url(subnet) + "slow").status != 504:
        assert time.monotonic() < deadline

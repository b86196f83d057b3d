"""HTTPS, against a real Envoy and a real target on loopback."""

import http.client
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from infra.settings import TlsPolicy
from rehearsal import addresses, tls
from rehearsal.addresses import unprivileged
from rehearsal.envoy import Envoy
from rehearsal.tls import Certificate
from rehearsal.traffic import Listener, LoadBalancer, Redirect, TargetGroup
from rehearsal.web import UNREACHABLE, get

from . import envoys
from .targets import CHECK, Target

pytestmark = pytest.mark.slow


@dataclass
class Played:
    """An Envoy with an HTTPS listener and one that leads to it."""

    envoy: Envoy
    balancer: LoadBalancer
    certificate: Certificate
    address: str

    def connect(self, *, newest: ssl.TLSVersion | None = None) -> http.client.HTTPSConnection:
        """Return a connection whose client speaks no newer protocol than this."""
        trust = self.certificate.trusted()
        if newest:
            trust.maximum_version = newest
        return http.client.HTTPSConnection(self.address, unprivileged(443), timeout=5, context=trust)

    def change(self, *, policy: str, idle: int) -> None:
        """Take over another policy and idle timeout."""
        production, away = self.balancer.listeners
        listeners = (replace(production, tls_policy=policy), away)
        self.balancer = replace(self.balancer, listeners=listeners, idle_timeout=idle)
        self.envoy.apply(self.balancer)


@pytest.fixture
def played(tmp_path: Path) -> Iterator[Played]:
    """Envoy, sending everything to one target."""
    subnet = addresses.choose((unprivileged(443), unprivileged(80)))
    target = Target("blue", subnet.task(0))
    certificate = tls.make_certificate(tmp_path / "tls", address=subnet.load_balancer)
    listeners = (
        Listener("arn:443", 443, (("arn:blue", 1),), tls_policy=TlsPolicy.TLS_1_2_AND_1_3),
        Listener("arn:80", 80, (), redirect=Redirect("https", 443, permanent=True)),
    )
    group = TargetGroup("arn:blue", "blue", CHECK, (target.address,))
    balancer = LoadBalancer("arn", 60, listeners, (group,))
    address = subnet.load_balancer
    try:
        with envoys.playing(balancer, address=address, folder=tmp_path, certificate=certificate) as started:
            found = Played(started, balancer, certificate, address)
            wait_until(lambda: ask(found.connect()) == b"blue")
            yield found
    finally:
        target.stop()


def wait_until(holds: Callable[[], bool]) -> None:
    """Wait for something that comes true within seconds."""
    deadline = time.monotonic() + 10
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def ask(connection: http.client.HTTPConnection) -> bytes:
    """Ask once; nothing when nobody answers."""
    try:
        connection.request("GET", "/")
        return connection.getresponse().read()
    except OSError:
        return b""
    finally:
        connection.close()


def test_the_listener_shows_the_rehearsals_own_certificate(played: Played) -> None:
    """Whoever does not trust it is not served."""
    url = f"https://{played.address}:{unprivileged(443)}/"
    assert get(url, trust=played.certificate.trusted()).body == b"blue"
    assert get(url).status == UNREACHABLE


def test_plain_http_is_sent_on_for_good(played: Played) -> None:
    """To the same path, with 301."""
    connection = http.client.HTTPConnection(played.address, unprivileged(80), timeout=5)
    connection.request("GET", "/predict?x=1")
    answer = connection.getresponse()
    assert answer.status == 301
    assert answer.headers["location"] == f"https://{played.address}:{unprivileged(443)}/predict?x=1"
    connection.close()


def test_a_policy_for_tls_1_3_refuses_older_clients(played: Played) -> None:
    """From the moment it is applied."""
    older = ssl.TLSVersion.TLSv1_2
    assert ask(played.connect(newest=older)) == b"blue"
    played.change(policy=TlsPolicy.TLS_1_3, idle=60)
    wait_until(lambda: ask(played.connect(newest=older)) == b"")
    assert ask(played.connect()) == b"blue"


def test_no_request_is_lost_while_the_listener_changes(played: Played) -> None:
    """Neither on a kept connection, which is told to end with its next answer, nor on new ones."""
    lost: list[str] = []
    asked = {"kept": 0, "new": 0}
    done = threading.Event()

    def keep_asking(kind: str) -> None:
        connection = played.connect()
        while not done.wait(0.01):
            try:
                connection.request("GET", "/")
                assert connection.getresponse().read() == b"blue"
                asked[kind] += 1
            except (OSError, http.client.HTTPException, AssertionError) as error:
                lost.append(f"{kind}: {error!r}")
                connection.close()
            if kind == "new":
                connection.close()
        connection.close()

    clients = [threading.Thread(target=keep_asking, args=(kind,)) for kind in asked]
    for client in clients:
        client.start()
    for idle, policy in ((50, TlsPolicy.TLS_1_3), (40, TlsPolicy.TLS_1_2_AND_1_3), (60, TlsPolicy.TLS_1_3)):
        time.sleep(0.5)
        played.change(policy=policy, idle=idle)
    time.sleep(0.5)
    done.set()
    for client in clients:
        client.join()
    assert lost == []
    assert min(asked.values()) > 20

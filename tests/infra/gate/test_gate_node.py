"""The gate's HTTP client, against a real server on the loopback interface."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socket import create_server
from threading import Thread

import pytest

from infra.hooks.gate.node import MAX_ANSWER, HttpNode
from infra.hooks.gate.probes import Answer, Probe
from tests.infra.gate.drip import dripping

PROBE = Probe(name="typical", record={"B1": 320.0, "样本id": "sample_1"}, prediction=0.93)


class Service(BaseHTTPRequestHandler):
    """A service that says what it was asked."""

    def do_GET(self) -> None:
        """Answer the path that was asked, and who asked."""
        self._answer(200, f"{self.path} {self.headers['user-agent']}".encode())

    def do_POST(self) -> None:
        """Answer the request itself."""
        body = self.rfile.read(int(self.headers["content-length"]))
        headers = [self.headers[name] for name in ("content-type", "user-agent")]
        self._answer(200, json.dumps([self.path, *headers, json.loads(body)]).encode())

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Say nothing."""

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture
def endpoint() -> Iterator[str]:
    """Serve on a free port for one test."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Service) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def node(endpoint: str, timeout: float = 2.0) -> HttpNode:
    """Return the client for a service at an address."""
    return HttpNode(
        endpoint,
        ready_path="/health/ready",
        version_path="/version",
        predict_path="/predict",
        timeout=timeout,
    )


def test_sends_the_record_as_json(endpoint: str) -> None:
    """A probe's record is the body of one prediction request, and the gate says who asks."""
    answer = node(endpoint).predict(PROBE)
    assert answer.status == 200
    assert json.loads(answer.body) == [
        "/predict",
        "application/json",
        "switchyard-release-gate",
        dict(PROBE.record),
    ]


def test_asks_for_readiness_and_version(endpoint: str) -> None:
    """Each is asked at the service's own path, by someone with a name: firewalls block whoever has none."""
    assert node(endpoint).ready() == Answer(200, b"/health/ready switchyard-release-gate")
    assert node(endpoint).version() == Answer(200, b"/version switchyard-release-gate")


def test_no_answer_is_an_os_error() -> None:
    """A closed port raises what the gate treats as no answer."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Service) as server:
        free = server.server_port
    with pytest.raises(OSError, match="refused"):
        node(f"127.0.0.1:{free}").ready()


@contextmanager
def saying(sent: bytes) -> Iterator[str]:
    """Answer one request with these bytes and end the connection."""
    with create_server(("127.0.0.1", 0)) as server:

        def talk() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(4096)
                with suppress(OSError):  # the other side may have had enough
                    connection.sendall(sent)

        thread = Thread(target=talk)
        thread.start()
        yield f"127.0.0.1:{server.getsockname()[1]}"
        thread.join()


@pytest.mark.parametrize(
    ("sent", "why"),
    [
        (b"nonsense\r\n\r\n", "no HTTP answer"),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nshort", "the answer ended early by 4 bytes"),
        (
            b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % (MAX_ANSWER + 7) + b" " * (MAX_ANSWER + 7),
            "the answer is too long by 7 bytes",
        ),
    ],
    ids=["nonsense", "short", "long"],
)
def test_nonsense_is_an_os_error_too(sent: bytes, why: str) -> None:
    """Bytes that are no HTTP, that end too early or that are too many count as no answer."""
    with saying(sent) as endpoint, pytest.raises(OSError, match=why):
        node(endpoint).ready()


@pytest.mark.parametrize(
    "first", [b"", b"HTTP/1.1 200 OK\r\nx: ", b"HTTP/1.1 200 OK\r\ncontent-length: 99999\r\n\r\n"]
)
def test_an_answer_that_drips_is_no_answer(first: bytes) -> None:
    """The timeout is for the whole answer, whether its status, its headers or its body is so slow."""
    with dripping(first) as endpoint:
        began = time.monotonic()
        with pytest.raises(TimeoutError):
            node(endpoint, timeout=0.3).ready()
        assert time.monotonic() - began < 1.0

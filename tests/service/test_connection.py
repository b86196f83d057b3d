"""What happens to a connection, byte by byte: a real socket, and the server in a thread of its own."""

import asyncio
import json
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from threading import Thread
from typing import Any

import pytest
import uvloop
from fastapi import FastAPI
from uvicorn.server import ServerState

from service.contract import MAX_HEAD_BYTES
from service.protocol import Protocol
from service.server import server_config
from tests.service.wire import Answer, chunked, http_answer, last_answers, post

pytestmark = pytest.mark.slow  # waits for times to run out

Record = dict[str, Any]
Connect = Callable[[], socket.socket]
Shorten = Callable[..., None]

LIVE = b"GET /health/live HTTP/1.1\r\nHost: service\r\n\r\n"
CHUNKED = "Transfer-Encoding: chunked"
GARBAGE = b"\x16\x03\x01\r\n\r\n"


@pytest.fixture
def shorten(monkeypatch: pytest.MonkeyPatch) -> Shorten:
    """Shorten what a test cannot wait for, before anything connects."""

    def shorten(*, keep_alive: float = 75, head: float = 10, linger: float = 2, spare: int = 1 << 26) -> None:
        monkeypatch.setattr("service.contract.KEEP_ALIVE", keep_alive)
        monkeypatch.setattr("service.protocol.HEAD_TIMEOUT", head)
        monkeypatch.setattr("service.protocol.LINGER", linger)
        monkeypatch.setattr("service.linger.LINGER", linger)
        monkeypatch.setattr("service.protocol.LINGER_BYTES", spare)

    return shorten


@pytest.fixture
def connect(app: FastAPI) -> Iterator[Connect]:
    """Connect to the application; the server starts with the first connection."""
    with ExitStack() as stack:
        listener = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        server = Server(app, listener)

        def connect() -> socket.socket:
            if not server.is_alive():
                server.start()
                stack.callback(server.stop)
            return stack.enter_context(socket.create_connection(listener.getsockname(), timeout=5))

        yield connect


class Server(Thread):
    """The service's protocol on a socket."""

    def __init__(self, app: FastAPI, listener: socket.socket) -> None:
        super().__init__(daemon=True)
        self._app = app
        self._listener = listener
        self._loop = uvloop.new_event_loop()
        self._stopped = asyncio.Event()

    def run(self) -> None:
        """Serve until stopped."""
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._serve())

    def stop(self) -> None:
        """Close every connection, and the server."""
        self._loop.call_soon_threadsafe(self._stopped.set)
        self.join(5)
        assert not self.is_alive()

    async def _serve(self) -> None:
        config = server_config(self._app)
        config.load()
        state = ServerState()
        server = await self._loop.create_server(lambda: Protocol(config, state, {}), sock=self._listener)
        await self._stopped.wait()
        server.close()
        for connection in list(state.connections):
            connection.transport.abort()
        await asyncio.sleep(0.01)


def statuses(answers: list[Answer]) -> list[int]:
    """Return their status codes."""
    return [status for status, _, _ in answers]


def seconds_to_close(connection: socket.socket) -> float:
    """Read until the service closes the connection."""
    started = time.monotonic()
    with suppress(ConnectionResetError):
        while connection.recv(65536):
            pass
    return time.monotonic() - started


@pytest.mark.parametrize("pieces", [1, 7])
@pytest.mark.parametrize(
    ("size", "status"), [(MAX_HEAD_BYTES, 200), (MAX_HEAD_BYTES + 1, 431), (98_000, 431), (1_000_000, 431)]
)
@pytest.mark.parametrize("many", [False, True], ids=["long", "many"])
def test_every_byte_of_a_head_counts(
    connect: Connect, size: int, status: int, pieces: int, *, many: bool
) -> None:
    """A head of the limit is read, one byte more is refused, in one packet or in several."""
    end = b"\r\n\r\n"
    start = LIVE.removesuffix(end) + (b"\r\nX: y" * ((size - 200) // 6) if many else b"") + b"\r\nX: "
    head = start + b"x" * (size - len(start) - len(end)) + end
    with connect() as connection:
        step = -(-size // pieces)
        for at in range(0, size, step):
            connection.sendall(head[at : at + step])
            time.sleep(0.001)
        assert http_answer(connection)[0] == status


@pytest.mark.parametrize(
    "rest",
    [b"0\r\n" + b"X: a\r\n" * 100_000, b"0\r\nX: " + b"x" * 600_000, b"1;" + b"x" * 600_000],
    ids=["trailers", "trailer", "extension"],
)
@pytest.mark.parametrize("path", ["/predict", "/nope", "/health/live"])
def test_what_comes_within_a_body_but_is_none_is_limited(connect: Connect, path: str, rest: bytes) -> None:
    """Trailers and chunk extensions are counted, and refused if no answer was sent already."""
    with connect() as connection:
        connection.sendall(post(b"1\r\n1\r\n" + rest, CHUNKED, path=path))
        [(status, headers, _)] = last_answers(connection)
    assert status in ((431,) if path == "/predict" else (404, 405, 431))
    assert (headers["connection"] == "close") if status == 431 else "connection" not in headers


def test_trailers_are_dropped(connect: Connect, example: Record) -> None:
    """A body with trailers is read, and the connection stays."""
    body = chunked(json.dumps(example).encode()).removesuffix(b"\r\n") + b"X-Sum: 1\r\n\r\n"
    with connect() as connection:
        for _ in range(2):
            connection.sendall(post(body, CHUNKED))
            assert http_answer(connection)[0] == 200


@pytest.mark.parametrize("first", [b"", b"\r\n", LIVE, LIVE + b"\r\n"], ids=repr)
def test_an_idle_connection_is_closed(connect: Connect, shorten: Shorten, first: bytes) -> None:
    """Whatever came on it before: nothing, an empty line, or requests."""
    shorten(keep_alive=0.2)
    with connect() as connection:
        connection.sendall(first)
        time.sleep(0.05)
        connection.sendall(b"\r\n")
        assert 0.1 < seconds_to_close(connection) < 1


@pytest.mark.parametrize("used", [False, True])
def test_headers_that_do_not_end_are_given_up(connect: Connect, shorten: Shorten, *, used: bool) -> None:
    """Half a head gets 408 in the end, also on a connection that was used before."""
    shorten(head=0.1)
    with connect() as connection:
        if used:
            connection.sendall(LIVE)
            assert http_answer(connection)[0] == 200
        connection.sendall(LIVE[:-1])
        assert http_answer(connection)[0] == 408
        assert connection.recv(1) == b""


UNREAD = [
    post(b"", "Content-Length: 9999", path="/nope"),
    post(b"", "Content-Length: 9999", path="/health/live"),
    post(b"", "Content-Length: 9999", path="/predict").replace(b"application/json", b"text/csv"),
    post(b"", "Content-Length: 9999", path="/version").replace(b"POST", b"GET"),
]


@pytest.mark.parametrize("request_head", UNREAD, ids=["404", "405", "415", "200"])
@pytest.mark.parametrize("drip", [0, 1, 1000])
def test_a_body_that_nobody_reads_is_not_waited_for(
    connect: Connect, shorten: Shorten, request_head: bytes, drip: int
) -> None:
    """Its request is answered; however slowly the rest comes, the connection ends soon."""
    shorten(linger=0.06)
    with connect() as connection:
        connection.sendall(request_head)
        assert http_answer(connection)[0] in (200, 404, 405, 415)
        started = time.monotonic()
        with suppress(ConnectionError):
            for _ in range(drip):
                connection.sendall(b"x")
                time.sleep(0.01)
        seconds_to_close(connection)
        assert 0.03 < time.monotonic() - started < 1


def test_a_body_that_nobody_reads_is_limited(connect: Connect, shorten: Shorten) -> None:
    """In bytes as well: much more than the limit is not taken even if it comes fast."""
    shorten(linger=60, spare=1_000_000)
    with connect() as connection:
        connection.sendall(post(b"", "Content-Length: 999999999", path="/nope"))
        assert http_answer(connection)[0] == 404
        with pytest.raises(ConnectionError):
            connection.sendall(b"x" * 100_000_000)


@pytest.mark.parametrize("size", [100, 3_000_000])
def test_a_body_that_comes_behind_its_answer_is_no_harm(connect: Connect, size: int) -> None:
    """Clients send head and body apart; the connection can be used again."""
    with connect() as connection:
        for _ in range(2):
            connection.sendall(post(b"", f"Content-Length: {size}", path="/nope"))
            assert http_answer(connection)[0] == 404
            connection.sendall(b"x" * size)
            connection.sendall(LIVE)
            assert http_answer(connection)[0] == 200


@pytest.mark.parametrize("closing", [(), ("Connection: close",)], ids=["kept", "closed"])
@pytest.mark.parametrize(
    ("path", "kind", "size", "status"),
    [
        ("/nope", b"application/json", 30_000_000, 404),
        ("/health/live", b"application/json", 30_000_000, 405),
        ("/predict", b"text/csv", 5_000_000, 415),
        ("/predict", b"application/json", 30_000_000, 413),
    ],
)
def test_an_early_answer_is_seen(
    connect: Connect, path: str, kind: bytes, size: int, status: int, closing: tuple[str, ...]
) -> None:
    """A client that sends everything before it reads gets its answer, not a reset."""
    with connect() as connection:
        connection.sendall(post(b"x" * size, *closing, path=path).replace(b"application/json", kind))
        assert http_answer(connection)[0] == status
        if closing:
            assert connection.recv(1) == b""


CUT = '{"样本id": "一号"}'
MALFORMED = {
    "chunk size": post(b"zz\r\n", CHUNKED),
    "later chunk size": post(b"2\r\n{}\r\nzz\r\n", CHUNKED),
    "trailer": post(b"2\r\n{}\r\n0\r\n\x01: \x02\r\n\r\n", CHUNKED),
    "length in characters": post(CUT.encode(), f"Content-Length: {len(CUT)}"),
    "unknown path": post(b"zz\r\n", CHUNKED, path="/nope"),
}


@pytest.mark.parametrize("pause", [0, 0.05])
@pytest.mark.parametrize("name", MALFORMED)
def test_a_request_that_goes_wrong_in_its_body_is_answered(connect: Connect, name: str, pause: float) -> None:
    """Bytes that cannot be read get one problem document, and the connection ends."""
    head, _, body = MALFORMED[name].partition(b"\r\n\r\n")
    with connect() as connection:
        connection.sendall(head + b"\r\n\r\n" + (b"" if pause else body))
        time.sleep(pause)
        connection.sendall(body if pause else b"")
        [(status, headers, document)] = last_answers(connection)
    assert status == (404 if pause and name == "unknown path" else 400)
    assert headers["content-type"] == "application/problem+json"
    assert json.loads(document)["status"] == status


@pytest.mark.parametrize("count", [1, 3])
def test_garbage_behind_a_request_does_not_cost_its_answer(
    connect: Connect, example: Record, count: int
) -> None:
    """Whatever was complete is answered, in order; then the connection ends."""
    with connect() as connection:
        connection.sendall(post(json.dumps(example).encode()) * count + GARBAGE)
        answers = last_answers(connection)
    assert statuses(answers) == [200] * count
    assert answers[-1][1]["connection"] == "close"


def test_a_bad_request_waits_for_the_answer_before_it(connect: Connect) -> None:
    """Answers keep the order of their requests, whatever is wrong with the last."""
    with connect() as connection:
        connection.sendall(LIVE + post(b"[1]") + post(b"zz\r\n", CHUNKED))
        answers = last_answers(connection)
    assert statuses(answers) == [200, 422, 400]
    assert json.loads(answers[-1][2])["type"] == "urn:switchyard:problem:malformed-http"


def test_what_is_not_http_is_answered_once(connect: Connect) -> None:
    """Garbage on an idle connection gets 400 and the end, with more garbage thrown away."""
    with connect() as connection:
        connection.sendall(LIVE)
        assert http_answer(connection)[0] == 200
        connection.sendall(GARBAGE * 100_000)
        assert statuses(last_answers(connection)) == [400]

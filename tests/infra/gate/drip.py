"""A server that keeps whoever asks it waiting, one byte at a time."""

from collections.abc import Iterator
from contextlib import contextmanager
from socket import create_server, socket
from threading import Event, Thread

INTERVAL = 0.05
"""Seconds between two bytes: always sooner than a timeout for one read."""


@contextmanager
def dripping(first: bytes = b"") -> Iterator[str]:
    """Serve on a free port: answer each request with some bytes at once, then with zeros for ever."""
    over = Event()
    with create_server(("127.0.0.1", 0)) as server:
        server.settimeout(INTERVAL)
        thread = Thread(target=_serve, args=(server, first, over))
        thread.start()
        host, port = server.getsockname()
        try:
            yield f"{host}:{port}"
        finally:
            over.set()
            thread.join()


def _serve(server: socket, first: bytes, over: Event) -> None:
    threads = []
    while not over.is_set():
        try:
            connection, _ = server.accept()
        except TimeoutError:
            continue
        threads.append(Thread(target=_drip, args=(connection, first, over)))
        threads[-1].start()
    for thread in threads:
        thread.join()


def _drip(connection: socket, first: bytes, over: Event) -> None:
    with connection:
        try:
            connection.recv(65536)
            connection.sendall(first)
            while not over.wait(INTERVAL):
                connection.sendall(b"0")
        except OSError:
            pass  # the other side has had enough

"""HTTP as bytes on a socket, for what a client library would never send."""

import socket
from typing import BinaryIO

Answer = tuple[int, dict[str, str], bytes]


def post(body: bytes, *headers: str, path: str = "/predict") -> bytes:
    """Return the bytes of a request; its length is stated unless a header is about that."""
    lines = [f"POST {path} HTTP/1.1", "Host: service", "Content-Type: application/json", *headers]
    if not any(header.startswith(("Transfer-Encoding", "Content-Length")) for header in headers):
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def chunked(*pieces: bytes) -> bytes:
    """Return pieces in chunked encoding."""
    return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in (*pieces, b""))


def http_answer(connection: socket.socket) -> Answer:
    """Read one answer from a connection on which no other follows at once."""
    with connection.makefile("rb") as stream:
        answer = _next(stream)
    assert answer, "the connection was closed without an answer"
    return answer


def last_answers(connection: socket.socket) -> list[Answer]:
    """Read every answer until the service closes the connection."""
    found = []
    with connection.makefile("rb") as stream:
        while answer := _next(stream):
            found.append(answer)
    return found


def _next(stream: BinaryIO) -> Answer | None:
    first = stream.readline()
    if not first:
        return None
    headers = {}
    while (line := stream.readline().strip()) != b"":
        name, _, value = line.decode().partition(": ")
        headers[name.lower()] = value
    return int(first.split()[1]), headers, stream.read(int(headers["content-length"]))

"""Reading a request's body within its limits of type, size and time."""

import asyncio
from collections.abc import Sequence
from email.message import Message
from typing import Final

from starlette.types import Receive

from service.contract import BODY_TIMEOUT, DISCARD_BYTES, MAX_BODY_BYTES
from service.problems import LARGE_BODY, MALFORMED, MEDIA, SLOW_BODY, Problem

_PLAIN: Final = b"application/json"
_CHARSETS: Final = ("utf-8", "utf8", "us-ascii")


async def read_body(headers: Sequence[tuple[bytes, bytes]], receive: Receive) -> bytes:
    """Return the whole body of a request that says it is JSON.

    What the headers already rule out is refused before a byte is read; a body without a length is
    counted as it comes. Nothing above `MAX_BODY_BYTES` is ever held; up to `DISCARD_BYTES` the rest is
    read and thrown away before the refusal, unless the client waits to be told to go on.

    Args:
        headers: names in lower case and values, as ASGI has them.
        receive: ASGI's source of the body.

    Raises:
        Problem: of kind `MEDIA`, `LARGE_BODY`, `SLOW_BODY`, or `MALFORMED` when the client left.
    """
    _check_headers(headers)
    try:
        async with asyncio.timeout(BODY_TIMEOUT):
            return await _collect(receive)
    except TimeoutError:
        detail = f"The body did not arrive within {BODY_TIMEOUT} seconds."
        raise Problem(SLOW_BODY, detail, headers={"connection": "close"}) from None


def _check_headers(headers: Sequence[tuple[bytes, bytes]]) -> None:
    for name, value in headers:
        if name == b"content-type" and value != _PLAIN:
            _check_type(value)
        elif name == b"content-length":
            _check_length(value, headers)
        elif name == b"content-encoding" and value.strip().lower() not in (b"", b"identity"):
            raise Problem(MEDIA, "Send the body as it is; compressed bodies are not read.")


def _check_type(value: bytes) -> None:
    header = Message()
    header["content-type"] = value.decode("latin-1")
    charset = header.get_param("charset", "utf-8")
    if not value.strip():
        return
    if header.get_content_type() != "application/json" or str(charset).lower() not in _CHARSETS:
        raise Problem(
            MEDIA,
            "Send JSON in UTF-8, with the header Content-Type: application/json.",
            headers={"accept": "application/json"},
        )


def _check_length(value: bytes, headers: Sequence[tuple[bytes, bytes]]) -> None:
    if not value.isdigit():
        raise Problem(MALFORMED, "The header Content-Length is not a number.")
    digits = value.lstrip(b"0")
    length = int(digits or b"0") if len(digits) <= len(str(DISCARD_BYTES)) else DISCARD_BYTES + 1
    if length > MAX_BODY_BYTES and (length > DISCARD_BYTES or any(name == b"expect" for name, _ in headers)):
        raise _too_large()


async def _collect(receive: Receive) -> bytes:
    chunks: list[bytes] = []
    size = 0
    while (message := await receive())["type"] == "http.request":
        piece, more = message.get("body", b""), message.get("more_body", False)
        size += len(piece)
        if size <= MAX_BODY_BYTES:
            chunks.append(piece)
            if not more:
                return b"".join(chunks)
        elif more and size <= DISCARD_BYTES:
            chunks.clear()
        else:
            raise _too_large()
    raise Problem(MALFORMED, "The client left before the body had arrived.")


def _too_large() -> Problem:
    detail = f"A body may have {MAX_BODY_BYTES} bytes; send fewer records at a time."
    return Problem(LARGE_BODY, detail, headers={"connection": "close"})

"""HTTP on a connection: uvicorn's, with limits on the head of a request and problems for errors.

uvicorn waits for ever for the rest of a half-sent head, reads heads of any size, and keeps a
connection on which nothing ever came.
"""

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from service.contract import HEAD_TIMEOUT, MAX_HEAD_BYTES
from service.problems import BAD_HTTP, LARGE_HEAD, MEDIA_TYPE, SLOW_HEAD, Problem


class Protocol(HttpToolsProtocol):
    """One connection."""

    def __init__(self, *arguments: Any, **options: Any) -> None:  # noqa: ANN401 - uvicorn's signature
        super().__init__(*arguments, **options)
        self._in_head = False
        self._head_bytes = 0
        self._head_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's
        """Close the connection in the end if nothing ever comes."""
        super().connection_made(transport)
        self.timeout_keep_alive_task = self.loop.call_later(
            self.timeout_keep_alive, self.timeout_keep_alive_handler
        )

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the timer."""
        self._end_head()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on; a head that is still open afterwards is counted and timed."""
        was_in_head = self._in_head
        super().data_received(data)
        if self._in_head and not self.transport.is_closing():
            self._wait_for_head(len(data) if was_in_head else 0)

    def on_message_begin(self) -> None:
        """Note that a head has begun."""
        self._in_head = True
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Note that it has ended."""
        self._end_head()
        super().on_headers_complete()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - ours says it for everyone
        """Answer what the parser cannot read."""
        self._refuse(Problem(BAD_HTTP, "What was sent is not an HTTP/1.1 request."))

    def _wait_for_head(self, size: int) -> None:
        self._head_bytes += size
        if self._head_bytes > MAX_HEAD_BYTES:
            self._refuse(Problem(LARGE_HEAD, f"Request line and headers may have {MAX_HEAD_BYTES} bytes."))
        elif self._head_timer is None:
            problem = Problem(SLOW_HEAD, f"The headers did not arrive within {HEAD_TIMEOUT} seconds.")
            self._head_timer = self.loop.call_later(HEAD_TIMEOUT, self._refuse, problem)

    def _end_head(self) -> None:
        self._in_head, self._head_bytes = False, 0
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _refuse(self, problem: Problem) -> None:
        """Send a problem document outside of any request, unless an answer is under way, and close."""
        if self.cycle is None or self.cycle.response_complete:  # type: ignore[redundant-expr]  # None at first
            body = problem.render()
            head = f"content-type: {MEDIA_TYPE}\r\ncontent-length: {len(body)}\r\n"
            end = b"cache-control: no-store\r\nconnection: close\r\n\r\n"
            self.transport.write(STATUS_LINE[problem.kind.status] + head.encode() + end + body)
        self.transport.close()

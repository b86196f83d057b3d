"""HTTP on a connection: uvicorn's, with limits on what it holds and waits for, and problems for errors.

uvicorn waits for ever for the rest of a half-sent head, reads heads and trailers of any size, forgets
to time a connection on which anything came while it was idle, and drops the answer to a request
when what follows it cannot be read.
"""

import asyncio
from typing import Any, Final

from uvicorn.protocols.http.httptools_impl import STATUS_LINE

from service.contract import HEAD_TIMEOUT, LINGER, LINGER_BYTES, MAX_HEAD_BYTES
from service.framing import Framing
from service.linger import LingeringTransport
from service.problems import BAD_HTTP, LARGE_HEAD, MEDIA_TYPE, SLOW_HEAD, Problem
from service.responses import problem_response
from service.timer import Timer

_PIECE: Final = 16 * 1024
"""Bytes that are parsed at a time: by so much the count of a head can be short that begins behind
another request in one packet."""


class Protocol(Framing):
    """One connection."""

    transport: LingeringTransport

    def __init__(self, *arguments: Any, **options: Any) -> None:  # noqa: ANN401 - uvicorn's signature
        super().__init__(*arguments, **options)
        self._refused = False
        self._unwanted = 0  # bytes that nobody reads
        self._head_timer = Timer()
        self._rest_timer = Timer()

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's
        """Close the connection in the end if nothing ever comes."""
        super().connection_made(transport)
        self.transport = LingeringTransport(transport, self.flow, lambda: self._refused or self.in_body)
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop every clock."""
        self._head_timer.stop()
        self._rest_timer.stop()
        self.transport.forget()
        super().connection_lost(exc)
        self._unset_keepalive_if_required()

    def data_received(self, data: bytes) -> None:
        """Read on, no further than the limits; then make sure that something ends the wait."""
        if self._rest_timer.running or self._deaf:
            self._throw_away(len(data))
        while data and not self._deaf:
            room = min(_PIECE, MAX_HEAD_BYTES - self.silent)
            if room <= 0:
                self._refuse(Problem(LARGE_HEAD, f"Headers and trailers may have {MAX_HEAD_BYTES} bytes."))
                return
            piece, data = data[:room], data[room:]
            self.silent += len(piece)
            super().data_received(piece)
        self._watch()

    def on_headers_complete(self) -> None:
        """Stop the head's clock."""
        self._head_timer.stop()
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """Stop the clock of a body that nobody reads."""
        self._rest_timer.stop()
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """Give the rest of a body that nobody reads a little time; it may be on its way."""
        super().on_response_complete()
        if self.in_body and self.answered and not self._deaf:
            self._unwanted = 0
            self._rest_timer.start(LINGER, self.transport.close)

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - ours says it for everyone
        """Answer what the parser cannot read."""
        self._refuse(Problem(BAD_HTTP, "What was sent is not HTTP/1.1, or not as long as it says."))

    @property
    def _deaf(self) -> bool:
        """Whether what arrives is not looked at any more."""
        return self._refused or self.transport.closing

    def _throw_away(self, size: int) -> None:
        self._unwanted += size
        if self._unwanted > LINGER_BYTES:
            self.transport.abort()

    def _watch(self) -> None:
        """See to it that a timer runs, unless the application is at work and has its own."""
        if self.in_head and not self._deaf:
            self._head_timer.start(HEAD_TIMEOUT, self._give_up_head)
        elif self.answered and self.timeout_keep_alive_task is None and not self._deaf:
            self.timeout_keep_alive_task = self.loop.call_later(
                self.timeout_keep_alive, self.timeout_keep_alive_handler
            )

    def _give_up_head(self) -> None:
        self._refuse(Problem(SLOW_HEAD, f"The headers did not arrive within {HEAD_TIMEOUT} seconds."))

    def _refuse(self, problem: Problem) -> None:
        """Read no more; answer with a problem where an answer is due, after those that are under way."""
        if self._deaf:
            return
        self._refused = True
        if self.answered:
            if not self.in_body:
                self._write(problem)
            self.transport.close()
        elif self.cycle.response_started or not self.cycle.more_body:
            self.cycle.keep_alive = False
        else:
            self._refuse_request(problem)

    def _refuse_request(self, problem: Problem) -> None:
        """Answer a request that has arrived in part, in its turn."""
        if self.pipeline and self.pipeline[0][0] is self.cycle:
            problem.headers |= {"cache-control": "no-store", "connection": "close"}
            self.pipeline[0] = self.cycle, problem_response(problem)  # type: ignore[assignment]  # an application
            return
        self._write(problem)
        self.cycle.disconnected = True
        self.cycle.message_event.set()
        self.transport.close()

    def _write(self, problem: Problem) -> None:
        """Send a problem document outside of the application."""
        body = problem.render()
        head = f"content-type: {MEDIA_TYPE}\r\ncontent-length: {len(body)}\r\n"
        end = b"cache-control: no-store\r\nconnection: close\r\n\r\n"
        self.transport.write(STATUS_LINE[problem.kind.status] + head.encode() + end + body)

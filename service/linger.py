"""Closing a connection so that its client still reads the last answer."""

import asyncio
from collections.abc import Callable

from uvicorn.protocols.http.flow_control import FlowControl

from service.contract import LINGER, REQUEST_TIMEOUT
from service.timer import Timer


class LingeringTransport(asyncio.Transport):
    """A transport that closes in two steps when its client may still be sending.

    A socket that is closed with bytes unread resets the connection, and a reset can destroy the
    answer before the client has seen it. So first only the sending side is closed, and what still
    comes is read and thrown away, until the client closes too or `LINGER` has passed.
    """

    def __init__(self, transport: asyncio.Transport, flow: FlowControl, sending: Callable[[], bool]) -> None:
        """Stand in for a transport.

        Args:
            transport: the real one.
            flow: uvicorn's; it may have stopped reading.
            sending: tells whether the client has not sent all that it announced.
        """
        super().__init__()
        self._transport = transport
        self._flow = flow
        self._sending = sending
        self._timer = Timer()
        self.closing = False
        """Whether `close` or `abort` was called."""
        # Called for every answer, so without a method of ours in between.
        self.write = transport.write  # type: ignore[method-assign]

    def is_closing(self) -> bool:
        """Tell whether no further answer can be sent."""
        return self.closing or self._transport.is_closing()

    def close(self) -> None:
        """Close once the queue is sent, and in any case before long."""
        if self.is_closing():
            return
        self.closing = True
        lingers = self._sending()
        self._timer.start(LINGER if lingers else REQUEST_TIMEOUT, self.abort)
        if not lingers:
            self._transport.close()
            return
        self._flow.resume_reading()
        self._transport.write_eof()

    def abort(self) -> None:
        """Close at once."""
        self.closing = True
        self._transport.abort()

    def forget(self) -> None:
        """Stop the clock: the connection is closed."""
        self._timer.stop()

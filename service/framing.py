"""Where in the stream of requests a connection stands."""

from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol


class Framing(HttpToolsProtocol):
    """uvicorn's parsing of HTTP/1.1, with a memory of how far it has come, and without trailers."""

    def __init__(self, *arguments: Any, **options: Any) -> None:  # noqa: ANN401 - uvicorn's signature
        super().__init__(*arguments, **options)
        self.in_head = False
        """Whether a request's line and headers have begun and not ended."""
        self.in_body = False
        """Whether the headers have ended, and the request has not."""
        self.silent = 0
        """Bytes since something ended or a byte of a body came; whoever feeds the parser adds to it."""

    @property
    def answered(self) -> bool:
        """Whether the last request that was read has its answer, or there was none."""
        return self.cycle is None or self.cycle.response_complete  # type: ignore[redundant-expr]  # None at first

    def on_message_begin(self) -> None:
        """Note that a head has begun."""
        self.in_head = True
        super().on_message_begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header; a trailer is dropped, since nobody reads it."""
        if self.in_head:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Note that the head has ended and the body begins."""
        self.in_head, self.in_body, self.silent = False, True, 0
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Take a part of the body."""
        self.silent = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        """Note that the request has ended."""
        self.in_body, self.silent = False, 0
        super().on_message_complete()

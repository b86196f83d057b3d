"""Answers as they go over the wire."""

import asyncio
from contextlib import suppress
from typing import Final

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from service.contract import LINGER
from service.problems import LARGE_BODY, MEDIA_TYPE, Problem

JSON: Final = "application/json"


class LingeringResponse(Response):
    """An answer to a body that was not read to its end.

    The whole answer is sent at once. Then the rest of the body is read and thrown away for a while
    before the connection closes: closing it with bytes unread would reset it, and a reset can
    destroy the answer before the client has seen it.
    """

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - ASGI
        """Send the answer, linger, and close."""
        headers = [*self.raw_headers, (b"connection", b"close")]
        await send({"type": "http.response.start", "status": self.status_code, "headers": headers})
        await send({"type": "http.response.body", "body": self.body, "more_body": True})
        with suppress(TimeoutError):
            async with asyncio.timeout(LINGER):
                await _discard(receive)
        await send({"type": "http.response.body", "body": b""})


async def _discard(receive: Receive) -> None:
    more = True
    while more:
        message = await receive()
        more = message["type"] == "http.request" and message.get("more_body", False)


def problem_response(problem: Problem) -> Response:
    """Return the response that carries a problem document."""
    response = LingeringResponse if problem.kind is LARGE_BODY else Response
    return response(problem.render(), problem.kind.status, headers=problem.headers, media_type=MEDIA_TYPE)

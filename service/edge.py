"""What every answer has in common: an id, no caching, and never a stack trace.

Pure ASGI, because middleware that wraps the request costs more than the prediction.
"""

import itertools
import json
import re
import sys
import traceback
import uuid
from collections.abc import Iterable
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.lifecycle import Lifecycle, Phase
from service.problems import INTERNAL, Problem
from service.responses import problem_response

_WELL_FORMED: Final = re.compile(rb"[A-Za-z0-9._:/+=@-]{1,128}")


class Edge:
    """The outermost layer that is ours."""

    def __init__(self, app: ASGIApp, *, lifecycle: Lifecycle) -> None:
        self._app = app
        self._lifecycle = lifecycle
        self._prefix = uuid.uuid4().hex[:16]
        self._count = itertools.count(1)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; an exception that nobody expected becomes a problem document."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = _given_id(scope["headers"]) or self._new_id()
        started = False

        async def stamp(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                self._stamp(message, request_id)
            await send(message)

        try:
            await self._app(scope, receive, stamp)
        except Exception as error:
            _log(scope, request_id, error)
            if started:
                raise  # the server closes the connection: half an answer is worse than none
            detail = f"The service failed; its log has the reason under the id {request_id.decode()}."
            await problem_response(Problem(INTERNAL, detail))(scope, receive, stamp)

    def _new_id(self) -> bytes:
        return f"{self._prefix}-{next(self._count):x}".encode()

    def _stamp(self, message: Message, request_id: bytes) -> None:
        headers = [*message["headers"], (b"x-request-id", request_id), (b"cache-control", b"no-store")]
        if self._lifecycle.phase is Phase.DRAINING:
            headers.append((b"connection", b"close"))
        message["headers"] = headers


def _given_id(headers: Iterable[tuple[bytes, bytes]]) -> bytes | None:
    """Return the client's own id when it can be echoed and logged without harm."""
    for name, value in headers:
        if name == b"x-request-id":
            return value if _WELL_FORMED.fullmatch(value) else None
    return None


def _log(scope: Scope, request_id: bytes, error: Exception) -> None:
    """Write one line of JSON to standard error."""
    line = {
        "level": "error",
        "message": "a request failed unexpectedly",
        "request_id": request_id.decode(),
        "method": scope["method"],
        "path": scope["path"],
        "exception": "".join(traceback.format_exception(error)),
    }
    sys.stderr.write(json.dumps(line) + "\n")

"""A version that answers the release gate at once, and clients after three seconds.

It tells them apart by the port that the load balancer says a request came to.
"""

import asyncio
import sys
from typing import Any

from starlette.types import ASGIApp, Receive, Scope, Send

from service import server
from service.app import build_app as quick
from service.contract import PREDICT

GATE = b"9000"
SECONDS = 3.0


def build_app(*arguments: Any) -> ASGIApp:  # noqa: ANN401 - whatever the right one takes
    """Return the service behind something that waits for clients only."""
    app = quick(*arguments)

    async def call(scope: Scope, receive: Receive, send: Send) -> None:
        port = dict(scope.get("headers", [])).get(b"x-forwarded-port", GATE)
        if scope["type"] == "http" and scope["path"] == PREDICT and port != GATE:
            await asyncio.sleep(SECONDS)
        await app(scope, receive, send)

    return call


vars(server).update(build_app=build_app)
sys.exit(server.main())

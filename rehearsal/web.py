"""Small requests to programs on loopback, never through a proxy."""

import http.client
import json
import ssl
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Any, TypeAlias

Trust: TypeAlias = ssl.SSLContext | None
UNREACHABLE = 0


@dataclass(frozen=True, slots=True)
class Answer:
    """A status and a body; the status is 0 when nobody answered."""

    status: int
    body: bytes

    def json(self) -> Any:  # noqa: ANN401 - whatever was sent
        """Return the body as JSON."""
        return json.loads(self.body)


def get(url: str, *, timeout: float = 5.0, trust: Trust = None) -> Answer:
    """Send a GET; over HTTPS to whoever `trust` vouches for."""
    return _send(urllib.request.Request(url), timeout, trust)  # noqa: S310 - the addresses are our own


def post(url: str, document: object, *, timeout: float = 10.0, trust: Trust = None) -> Answer:
    """Send a document as JSON."""
    return send(url, json.dumps(document, ensure_ascii=False).encode(), timeout=timeout, trust=trust)


def send(url: str, body: bytes, *, timeout: float = 10.0, trust: Trust = None) -> Answer:
    """Send bytes that claim to be JSON."""
    headers = {"Content-Type": "application/json"}
    return _send(urllib.request.Request(url, data=body, headers=headers), timeout, trust)  # noqa: S310 - as above


def _send(request: urllib.request.Request, timeout: float, trust: Trust) -> Answer:
    handlers = [urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=trust)]
    try:
        with urllib.request.build_opener(*handlers).open(request, timeout=timeout) as response:
            return Answer(response.status, response.read())
    except urllib.error.HTTPError as error:
        return Answer(error.code, error.read())
    except (OSError, http.client.HTTPException):
        return Answer(UNREACHABLE, b"")

"""One address of the test listener, asked over plain HTTP inside the VPC."""

import json
import time
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPResponse
from io import BufferedReader, RawIOBase
from socket import socket
from typing import TYPE_CHECKING, Final, cast

from .probes import Answer, Probe

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

MAX_ANSWER: Final = 1024 * 1024
"""Bytes of an answer that are read; an answer to one record is far shorter."""
USER_AGENT: Final = "switchyard-release-gate"
"""Who asks. Managed rules of web application firewalls block whoever does not say."""


@dataclass(frozen=True, slots=True)
class HttpNode:
    """A node of the load balancer, or a name behind which there are several."""

    endpoint: str
    """`host:port` of the test listener."""
    ready_path: str
    """Path that answers 200 when the service takes traffic."""
    version_path: str
    """Path that answers which model package it is."""
    predict_path: str
    """Path that takes one record and answers its prediction."""
    timeout: float = 5.0
    """Seconds for connecting to an address, for sending, and for the whole answer."""

    def ready(self) -> Answer:
        """Ask whether the new version takes traffic; raises OSError when there is no answer."""
        return self._request("GET", self.ready_path)

    def version(self) -> Answer:
        """Ask which version it is; raises OSError when there is no answer."""
        return self._request("GET", self.version_path)

    def predict(self, probe: Probe) -> Answer:
        """Ask for the prediction of a probe's record; raises OSError when there is no answer."""
        return self._request("POST", self.predict_path, json.dumps(probe.record).encode())

    def _request(self, method: str, path: str, body: bytes | None = None) -> Answer:
        connection = HTTPConnection(self.endpoint, timeout=self.timeout)
        headers = {"user-agent": USER_AGENT, **({"content-type": "application/json"} if body else {})}
        try:
            connection.request(method, path, body, headers)
            return _read(_Patience(connection.sock, time.monotonic() + self.timeout), method)
        except HTTPException as error:
            raise OSError(f"no HTTP answer ({error!r})") from error
        finally:
            connection.close()


class _Patience(RawIOBase):
    """The bytes that arrive on a connection up to a moment, however slowly they drip."""

    def __init__(self, connection: socket, until: float) -> None:
        self._connection = connection
        self._until = until

    def makefile(self, _mode: str) -> BufferedReader:
        """Return the stream from which `http.client` reads; it asks a socket for it."""
        return BufferedReader(self)

    def readable(self) -> bool:
        """Return that there is something to read."""
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        """Wait for some bytes for the time that is left; raises TimeoutError when it is over."""
        left = self._until - time.monotonic()
        if left <= 0:
            raise TimeoutError("timed out")
        self._connection.settimeout(left)
        return self._connection.recv_into(buffer)


def _read(stream: _Patience, method: str) -> Answer:
    response = HTTPResponse(cast("socket", stream), method=method)
    response.begin()
    body = response.read(MAX_ANSWER)
    if response.length:
        trouble = "is too long by" if len(body) == MAX_ANSWER else "ended early by"
        raise OSError(f"the answer {trouble} {response.length} bytes")
    return Answer(response.status, body)

"""The test listener, asked over plain HTTP inside the VPC."""

import json
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from typing import Final

from .probes import Answer, Probe

MAX_ANSWER: Final = 1024 * 1024
"""Bytes of an answer that are read; an answer to one record is far shorter."""


@dataclass(frozen=True, slots=True)
class TestListener:
    """The new version's address before it takes production traffic."""

    __test__ = False  # not a test case, whatever pytest thinks of the name

    endpoint: str
    """`host:port` of the test listener."""
    ready_path: str
    """Path that answers 200 when the service takes traffic."""
    predict_path: str
    """Path that takes one record and answers its prediction."""
    timeout: float = 5.0
    """Seconds for connecting, and for each read."""

    def ready(self) -> Answer:
        """Ask whether the new version takes traffic; raises OSError when there is no answer."""
        return self._request("GET", self.ready_path)

    def predict(self, probe: Probe) -> Answer:
        """Ask for the prediction of a probe's record; raises OSError when there is no answer."""
        return self._request("POST", self.predict_path, json.dumps(probe.record).encode())

    def _request(self, method: str, path: str, body: bytes | None = None) -> Answer:
        connection = HTTPConnection(self.endpoint, timeout=self.timeout)
        try:
            connection.request(method, path, body, {"content-type": "application/json"} if body else {})
            response = connection.getresponse()
            return Answer(response.status, response.read(MAX_ANSWER))
        except HTTPException as error:
            raise OSError(f"no HTTP answer ({error!r})") from error
        finally:
            connection.close()

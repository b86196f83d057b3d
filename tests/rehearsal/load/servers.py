"""Servers that a load is sent to, and that tests hold in their hands."""

import json
import ssl
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from rehearsal.tls import Certificate

VERSION = "v1"


class _Server(ThreadingHTTPServer):
    request_queue_size = 1024
    daemon_threads = True


class Served:
    """Doubles the `x` of each record; stalls, fails and lies when told to."""

    def __init__(self, certificate: Certificate | None = None) -> None:
        self.connections = 0
        self.gate = threading.Event()
        self.gate.set()
        self.status = 200
        self.version = VERSION
        self.shift = 0.0
        served = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def setup(self) -> None:
                served.connections += 1
                super().setup()

            def do_POST(self) -> None:
                asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                served.gate.wait(10)
                answer = json.dumps(served.answer(asked)).encode()
                self.send_response(served.status)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = _Server(("127.0.0.1", 0), Handler)
        if certificate is not None:
            context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            context.set_alpn_protocols(["h2", "http/1.1"])
            context.load_cert_chain(certificate.chain, certificate.key)
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        scheme = "http" if certificate is None else "https"
        self.url = f"{scheme}://127.0.0.1:{self._server.server_address[1]}/predict"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def answer(self, asked: dict[str, Any]) -> dict[str, Any]:
        """Return what it says to a body."""
        many = asked.get("records")
        values = [record["x"] * 2 + self.shift for record in many or [asked]]
        model = {"name": "double", "version": self.version}
        return {"predictions": values, "model": model} if many else {"prediction": values[0], "model": model}

    def stall(self, seconds: float) -> tuple[float, float]:
        """Answer nobody for so long; return from when until when, in Unix time."""
        start = time.time()
        self.gate.clear()
        time.sleep(seconds)
        self.gate.set()
        return start, time.time()

    def stop(self) -> None:
        """Close its listener."""
        self._server.shutdown()
        self._server.server_close()


def lines_of(path: Path) -> list[dict[str, Any]]:
    """Return the lines of a load, as JSON."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]

"""Targets of a load balancer that these tests hold in their hands."""

import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from rehearsal.traffic import HealthCheck

SLOW = 1.5
"""Seconds that the path /slow takes."""
CHECK = HealthCheck("/health/ready", 1, 1, 1, 3, ((200, 201),))


class Target:
    """An HTTP server that answers with its colour and can fall ill."""

    def __init__(self, colour: str, address: str) -> None:
        self.healthy = True
        target = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                if self.path == "/slow":
                    time.sleep(SLOW)
                body = colour.encode()
                self.send_response(200 if target.healthy or "health" not in self.path else 503)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer((address, 0), Handler)
        self.server.daemon_threads = True
        self.address = (address, int(self.server.server_address[1]))
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        """Close its listener."""
        self.server.shutdown()
        self.server.server_close()

"""A service that starts in no time and does what it is asked: what the tests' images run instead of ours.

Standard library only; it is put over `service/__main__.py` of an image. On SIGTERM it ends like ours: it
stops listening and finishes what is in flight.
"""

import json
import os
import signal
import socket
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

COLOUR = os.environ.get("COLOUR", "grey")
hoard: list[bytes] = []
under_way = 0
counting = threading.Lock()
ready = os.environ.get("READY", "yes") == "yes"


class Handler(BaseHTTPRequestHandler):
    """Answers with the colour, or with what the path asks for."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        """Answer, and be counted while doing so."""
        global under_way  # noqa: PLW0603 - the only state there is
        with counting:
            under_way += 1
        try:
            self._answer()
        finally:
            with counting:
                under_way -= 1

    def _answer(self) -> None:
        path = urlsplit(self.path)
        asked = {name: values[0] for name, values in parse_qs(path.query).items()}
        body = COLOUR
        match path.path:
            case "/slow":
                time.sleep(float(asked["seconds"]))
            case "/headers":
                body = json.dumps(dict(self.headers.items()))
            case "/grow":
                hoard.append(b"x" * int(asked["mib"]) * 1024 * 1024)
            case "/reset":
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
                self.connection.close()
                self.close_connection = True
                return
            case "/exit":
                os._exit(int(asked["code"]))
        self.send_response(200 if ready or path.path != "/health/ready" else 503)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class Server(ThreadingHTTPServer):
    """Takes as many connections at once as come."""

    daemon_threads = True
    request_queue_size = 128


def drain() -> None:
    """Stop listening, finish what is in flight, and end."""
    server.server_close()
    while under_way:
        time.sleep(0.01)
    os._exit(0)


if os.environ.get("EXIT"):
    sys.exit(int(os.environ["EXIT"]))
server = Server((os.environ["SWITCHYARD_HOST"], 8080), Handler)
signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=drain).start())
server.serve_forever()

"""What the handlers talk to that moto does not play: the test listener, and two AWS APIs."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import httpx

VERSION = "4e" * 32
"""The version that is being released."""
REVISIONS = "AmazonEC2ContainerServiceV20141113.DescribeServiceRevisions"
"""The one question to ECS that moto does not know."""


@dataclass
class World:
    """Everything that a handler talks to; whatever it asked is kept."""

    moto: str
    """Where moto is."""
    endpoint: str = ""
    """Where the test listener and the APIs are."""
    version: str = VERSION
    """What the test listener serves."""
    prediction: float = 0.93
    """What it predicts."""
    revisions: dict[str, str] = field(default_factory=dict)
    """Task definitions of the service revisions that ECS knows."""
    told: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    """What CodeDeploy was told."""
    agents: set[str | None] = field(default_factory=set)
    """Who said to be asking the test listener."""


class Quiet(BaseHTTPRequestHandler):
    """A server that answers whole documents and writes no log."""

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Say nothing."""

    def answer(self, body: bytes, status: int = 200) -> None:
        """Send a whole answer."""
        self.send_response(status)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def serve(handler: type[BaseHTTPRequestHandler], host: str = "127.0.0.1") -> Iterator[str]:
    """Run a server on a free port until the next turn of the iterator."""
    with ThreadingHTTPServer((host, 0), handler) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"{host}:{server.server_port}"
        server.shutdown()
        thread.join()


def handler_of(world: World) -> type[BaseHTTPRequestHandler]:
    """Return the service on the test listener, the CodeDeploy API and the ECS API, in one server."""

    class Handler(Quiet):
        def do_GET(self) -> None:
            world.agents.add(self.headers["user-agent"])
            self._document({"/health/ready": {}, "/version": {"version": world.version}}[self.path])

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            target = self.headers.get("x-amz-target", "")
            if target.startswith("CodeDeploy"):
                world.told.append((target, json.loads(body)))
                self._document({"lifecycleEventHookExecutionId": "execution-1"})
            elif target == REVISIONS:
                (arn,) = json.loads(body)["serviceRevisionArns"]
                self._document(described(world, arn))
            elif target:
                self._pass_on(body)
            else:
                world.agents.add(self.headers["user-agent"])
                self._document({"prediction": world.prediction})

        def _document(self, document: object) -> None:
            self.answer(json.dumps(document).encode())

        def _pass_on(self, body: bytes) -> None:
            names = ("x-amz-target", "content-type", "authorization", "x-amz-date")
            headers = {name: self.headers[name] for name in names}
            answer = httpx.post(world.moto, content=body, headers=headers)
            self.answer(answer.content, answer.status_code)

    return Handler


def described(world: World, arn: str) -> dict[str, Any]:
    """Return what ECS says of a service revision, as in the example of its command line's documentation."""
    if arn not in world.revisions:
        return {"serviceRevisions": [], "failures": [{"arn": arn, "reason": "MISSING"}]}
    revision = {
        "serviceRevisionArn": arn,
        "taskDefinition": world.revisions[arn],
        "containerImages": [{"containerName": "service", "imageDigest": f"sha256:{'00' * 32}"}],
    }
    return {"serviceRevisions": [revision], "failures": []}


def refuse(status: int, code: str) -> type[BaseHTTPRequestHandler]:
    """Return an S3 that answers every request with an error."""

    class Handler(Quiet):
        def do_GET(self) -> None:
            self.answer(f"<Error><Code>{code}</Code><Message>No</Message></Error>".encode(), status)

    return Handler


def flood(total: int, sent: list[int]) -> type[BaseHTTPRequestHandler]:
    """Return an S3 whose only object has so many bytes; it counts those that it could send."""

    class Handler(Quiet):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("content-length", str(total))
            self.end_headers()
            chunk = b" " * 65536
            try:
                while sum(sent) < total:
                    self.wfile.write(chunk)
                    sent.append(len(chunk))
            except OSError:
                pass  # the other side has had enough

    return Handler

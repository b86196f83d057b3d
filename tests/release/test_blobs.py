"""Blobs from a registry that does not behave, over real HTTP."""

import hashlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import pytest

from release import blobs
from release.errors import LostSight, Refused
from release.image_facts import Reference
from release.patience import Pace, Patient
from tests.release.facts import ACCOUNT, NEW

if TYPE_CHECKING:
    from release.clients import Clients

pytestmark = pytest.mark.slow

CONTENT = b"layer" * 1000
DIGEST = f"sha256:{hashlib.sha256(CONTENT).hexdigest()}"
WHERE = Reference(text="reference", account=ACCOUNT, repository="switchyard", digest=NEW)


@dataclass
class Registry:
    """A server that answers with these bodies, one after the other, and the last one from then on."""

    answers: list[tuple[int, dict[str, str], bytes]] = field(default_factory=list)
    asked: int = 0

    def next(self) -> tuple[int, dict[str, str], bytes]:
        """Return the next answer."""
        self.asked += 1
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@pytest.fixture
def registry() -> Iterator[tuple[Registry, Patient]]:
    """The server, and somebody whom ECR sends to it."""
    kept = Registry()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, headers, body = kept.next()
            self.send_response(status)
            for name, value in ({"Content-Length": str(len(body))} | headers).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    url = f"http://127.0.0.1:{server.server_port}/blob"
    ecr = SimpleNamespace(get_download_url_for_layer=lambda **_: {"downloadUrl": url})
    clients = cast("Clients", SimpleNamespace(ecr=ecr, answered=True))
    try:
        yield kept, Patient(clients, Pace(poll=0.01, patience=1))
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def fetch(ask: Patient, *, largest: int = 10_000) -> bytes:
    """Fetch the one blob."""
    return blobs.fetch(ask, WHERE, DIGEST, largest=largest)


@pytest.mark.parametrize(
    "first",
    [
        (503, {}, b"busy"),
        (200, {"Content-Length": "5000"}, CONTENT[:2000]),
        (200, {}, CONTENT[:-1]),
        (302, {"Location": "file:///etc/hostname"}, b""),
    ],
)
def test_a_bad_answer_is_asked_for_again(
    registry: tuple[Registry, Patient], first: tuple[int, dict[str, str], bytes]
) -> None:
    """Errors, cut-off bodies, wrong bytes and redirects to files: none of them is taken for the blob."""
    server, ask = registry
    server.answers = [first, (200, {}, CONTENT)]
    assert fetch(ask) == CONTENT
    assert server.asked == 2


def test_wrong_bytes_are_refused_when_they_come_again(registry: tuple[Registry, Patient]) -> None:
    """The digest is believed, not the registry."""
    server, ask = registry
    server.answers = [(200, {}, CONTENT[::-1])]
    with pytest.raises(Refused, match="is not what its digest says: push the image again"):
        fetch(ask)
    assert server.asked == 2


def test_more_than_its_bound_is_refused_at_once(registry: tuple[Registry, Patient]) -> None:
    """Nobody reads on to see how much more there is."""
    server, ask = registry
    server.answers = [(200, {}, CONTENT)]
    with pytest.raises(Refused, match="is larger than any of ours"):
        fetch(ask, largest=len(CONTENT) - 1)
    assert server.asked == 1


def test_a_registry_that_does_not_answer_is_told(registry: tuple[Registry, Patient]) -> None:
    """After five attempts."""
    server, ask = registry
    server.answers = [(500, {}, b"")]
    with pytest.raises(LostSight, match="could not be read from the registry"):
        fetch(ask)
    assert server.asked == 5

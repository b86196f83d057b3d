"""Objects in the data bucket, against a small server that answers as S3 does now and then."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from botocore.exceptions import ClientError

from rehearsal import isolation
from release import objects
from release.clients import Clients
from release.patience import Pace, Patient
from release.records import Records
from tests.release.memory import record

pytestmark = pytest.mark.slow

KEY = "releases/records/r.json"


@dataclass
class S3:
    """What is there, and which errors come before an answer does."""

    there: dict[str, bytes] = field(default_factory=dict)
    errors: list[tuple[int, str]] = field(default_factory=list)
    """Statuses and codes of the next answers."""
    forbidden: bool = False
    """Whether objects are forbidden where there are none, and a listing tells."""
    asked: list[str] = field(default_factory=list)
    together: threading.Barrier | None = None
    """How many reads must have come before the first is answered."""

    def answer(self, method: str, path: str, body: bytes) -> tuple[int, bytes]:
        """Return status and body."""
        self.asked.append(method)
        if self.errors:
            status, code = self.errors.pop(0)
            return status, f"<Error><Code>{code}</Code></Error>".encode()
        key, _, query = path.removeprefix("/bucket").removeprefix("/").partition("?")
        if "list-type=2" in query:
            keys = "".join(f"<Contents><Key>{name}</Key></Contents>" for name in self.there)
            return 200, f"<ListBucketResult>{keys}</ListBucketResult>".encode()
        if method == "PUT":
            if key in self.there:
                return 412, b"<Error><Code>PreconditionFailed</Code></Error>"
            self.there[key] = body
            return 200, b""
        if self.together is not None:
            self.together.wait(timeout=10)
        if key not in self.there:
            code = "AccessDenied" if self.forbidden else "NoSuchKey"
            return 403 if self.forbidden else 404, f"<Error><Code>{code}</Code></Error>".encode()
        return 200, self.there[key]


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[S3]:
    """The server, where this process finds S3."""
    kept = S3()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            status, text = kept.answer(self.command, self.path, body)
            self.send_response(status)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def do_PUT(self) -> None:
            self.do_GET()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        for name, value in isolation.with_local_aws({}, f"http://127.0.0.1:{server.server_port}").items():
            monkeypatch.setenv(name, value)
        yield kept
        server.shutdown()
        thread.join()


@pytest.fixture
def ask() -> Patient:
    """Somebody who is in no hurry."""
    return Patient(Clients(isolation.REGION), Pace(poll=0.05, patience=20))


def test_a_write_that_met_another_one_is_tried_again(s3: S3, ask: Patient) -> None:
    """S3 answers 409 and does not say what came of the other; the next answer does."""
    s3.errors = [(409, "ConditionalRequestConflict")]
    assert objects.write_once(ask, "bucket", KEY, b"mine") is True
    assert objects.write_once(ask, "bucket", KEY, b"other") is False
    assert s3.there == {KEY: b"mine"}


def test_a_write_is_not_tried_for_ever(s3: S3) -> None:
    """What AWS says is told when patience ends."""
    s3.errors = [(409, "ConditionalRequestConflict")] * 1000
    hasty = Patient(Clients(isolation.REGION), Pace(poll=0.05, patience=0.2))
    with pytest.raises(ClientError, match="ConditionalRequestConflict"):
        objects.write_once(hasty, "bucket", KEY, b"mine")
    assert len(s3.asked) < 10


@pytest.mark.parametrize("forbidden", [False, True])
def test_what_is_not_there_is_nothing_also_to_whom_it_is_forbidden(
    s3: S3,
    ask: Patient,
    forbidden: bool,  # noqa: FBT001
) -> None:
    """The release role may list some prefixes only, so S3 does not tell it what is missing."""
    s3.forbidden = forbidden
    assert objects.read(ask.clients, "bucket", KEY) is None
    assert Records(ask, "bucket").get("r-20261120T160000Z-000000") is None
    one = record()
    assert Records(ask, "bucket").write(one) == one
    assert Records(ask, "bucket").get(one.id) == one


def test_what_is_there_and_forbidden_is_an_error(s3: S3, ask: Patient) -> None:
    """It is no record that is missing."""
    s3.there[KEY] = b"{}"
    s3.errors = [(403, "AccessDenied")]
    with pytest.raises(ClientError, match="AccessDenied"):
        objects.read(ask.clients, "bucket", KEY)


def test_records_are_read_several_at_once(s3: S3, ask: Patient) -> None:
    """Hundreds one after the other would take as long as somebody who was paged does not have."""
    written = [record(id=f"r-2026112{day}T160000Z-000000") for day in range(8)]
    for one in written:
        Records(ask, "bucket").write(one)
    s3.together = threading.Barrier(4)
    assert Records(ask, "bucket").newest().records == tuple(reversed(written))

"""The real process on loopback: what only bytes on a socket and signals can show."""

import csv
import json
import math
import os
import re
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from model import schema
from service.contract import MAX_BODY_BYTES
from tests.service.wire import Answer, chunked, http_answer, post

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]
Record = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Running:
    """A service that is up."""

    process: subprocess.Popen[str]
    port: int

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"

    def connect(self) -> socket.socket:
        """Open a connection to it."""
        return socket.create_connection(("127.0.0.1", self.port), timeout=10)


@contextmanager
def serving(
    package: Path, *, python: str = sys.executable, lame_duck: int = 1, preset: str = ""
) -> Iterator[Running]:
    """Start the service on a free port, and end it; `preset` shortens a time that a test cannot wait for."""
    start = ["-m", "service"]
    if preset:
        start = ["-c", f"import sys, service.server, service.body; {preset}; sys.exit(service.server.main())"]
    environment = {
        "PATH": os.environ["PATH"],
        "SWITCHYARD_HOST": "127.0.0.1",
        "SWITCHYARD_PORT": "0",
        "SWITCHYARD_PACKAGE": str(package),
        "SWITCHYARD_LAME_DUCK": str(lame_duck),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    with subprocess.Popen(
        [python, *start],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            assert select.select([process.stdout], [], [], 30)[0], "the service did not start"
            line = process.stdout.readline()
            found = re.search(r":(\d+)$", line.strip())
            assert found, process.stderr.read() if process.stderr else line
            yield Running(process, int(found[1]))
        finally:
            process.kill()


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Record]]:
    """A package that was really trained, on a few made-up records, and those records as JSON has them."""
    folder = tmp_path_factory.mktemp("trained")
    for arguments in (
        ["example", "--rows", "120", "--seed", "5", "--out", "plant.csv"],
        ["train", "--data", "plant.csv", "--out", "package"],
    ):
        command = [sys.executable, "-m", "model", *arguments]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True, timeout=300)
    with (folder / "plant.csv").open(encoding="utf-8-sig", newline="") as file:
        return folder / "package", [_as_json(row) for row in csv.DictReader(file)]


def _as_json(row: dict[str, str]) -> Record:
    """Write numbers as numbers, leave out what is missing, and keep all else as it stands."""
    record: Record = {}
    for field in schema.FIELDS:
        text = row[field.name]
        plain = field.kind == "number" and re.fullmatch(r"-?\d+(\.\d+)?", text)
        if text:
            record[field.name] = float(text) if plain else text
    return record


@pytest.fixture(scope="module")
def service(trained: tuple[Path, list[Record]]) -> Iterator[Running]:
    """A running service that the tests of this module share."""
    with serving(trained[0]) as running:
        yield running


def exchange(service: Running, request: bytes) -> Answer:
    """Send raw bytes, and return status, headers and body of the answer."""
    with service.connect() as connection:
        connection.sendall(request)
        return http_answer(connection)


def test_plant_records_are_predicted_alone_and_together(
    service: Running, trained: tuple[Path, list[Record]]
) -> None:
    """Every record that trained the model gets a prediction, the same alone and in a batch."""
    records = trained[1]
    with httpx.Client(base_url=service.url) as client:
        batch = client.post("/predict", json=records).raise_for_status().json()["predictions"]
        single = [
            client.post("/predict", json=record).raise_for_status().json()["prediction"] for record in records
        ]
    assert len(batch) == len(records) == 120
    assert batch == single
    assert all(math.isfinite(number) for number in batch)
    assert len(set(batch)) > 50


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b'{"A1": NaN}', 400),
        (b'{"A1": Infinity}', 400),
        (b'{"A1": -Infinity}', 400),
        (b'{"A1": 1e999}', 400),
        (b"[" * 1_000_000, 400),
        (b"[" * 5_000_000, 413),
        (b"[" + b"{}," * 9_999 + b"{}]", 413),
        (b"[]", 422),
        (b"null", 422),
        (b'{"A1": "300"}', 422),
    ],
    ids=lambda value: repr(value[:20]) if isinstance(value, bytes) else str(value),
)
def test_bad_bytes_get_a_problem_document(service: Running, body: bytes, status: int) -> None:
    """Over a real connection each bad body gets its 4xx, and the answer is strict JSON."""
    got, headers, answer = exchange(service, post(body))
    assert (got, headers["content-type"]) == (status, "application/problem+json")
    assert json.loads(answer, parse_constant=pytest.fail)["status"] == status


def test_a_large_body_is_refused_before_it_is_sent(service: Running) -> None:
    """A client that asks first is told at once, and is not asked to go on."""
    head = post(b"", "Expect: 100-continue").replace(b"Content-Length: 0", b"Content-Length: 999999999")
    status, headers, _ = exchange(service, head)
    assert (status, headers["connection"]) == (413, "close")


def test_a_large_chunked_body_is_refused(service: Running) -> None:
    """A body without a length is refused once it passes the limit, and the client still reads why."""
    pieces = [b" " * 65536] * (MAX_BODY_BYTES // 65536 + 20)
    status, headers, _ = exchange(service, post(chunked(*pieces), "Transfer-Encoding: chunked"))
    assert (status, headers["connection"]) == (413, "close")


def test_a_chunked_record_is_predicted(service: Running, example: Record) -> None:
    """Chunks alone are no reason to refuse."""
    body = json.dumps(example).encode()
    assert exchange(service, post(chunked(body[:100], body[100:]), "Transfer-Encoding: chunked"))[0] == 200


def test_what_is_not_http_does_not_hurt(service: Running) -> None:
    """Garbage gets 400 and the service goes on."""
    with service.connect() as connection:
        connection.sendall(b"\x16\x03\x01 hello\r\n\r\n")
        status, headers, body = http_answer(connection)
    assert (status, headers["content-type"]) == (400, "application/problem+json")
    assert json.loads(body)["type"] == "urn:switchyard:problem:malformed-http"
    assert httpx.get(service.url + "/health/ready").status_code == 200


@pytest.mark.parametrize("piece", [b"X: a\r\n", b"x"], ids=["many", "long"])
def test_trailers_are_not_kept(service: Running, piece: bytes) -> None:
    """Twenty megabytes of trailers are refused without being held."""
    before = _resident(service)
    with service.connect() as connection:
        connection.sendall(post(b"1\r\n1\r\n0\r\nX: ", "Transfer-Encoding: chunked"))
        with suppress(ConnectionError):
            connection.sendall(piece * (20_000_000 // len(piece)))
        assert http_answer(connection)[0] == 431
    assert _resident(service) - before < 10_000_000


def _resident(service: Running) -> int:
    pages = Path(f"/proc/{service.process.pid}/statm").read_text(encoding="ascii").split()[1]
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


def test_a_body_that_does_not_end_is_given_up(trained: tuple[Path, list[Record]]) -> None:
    """Half a body gets 408 in the end, and its connection is closed."""
    with serving(trained[0], preset="service.body.BODY_TIMEOUT = 0.3") as service:
        status, headers, _ = exchange(service, post(b'{"A1": 1}')[:-1])
        assert (status, headers["connection"]) == (408, "close")


def test_headers_tell_nothing_of_the_server(service: Running) -> None:
    """No header names the software that answers."""
    assert "server" not in httpx.get(service.url + "/health/live").headers


def test_an_idle_connection_is_kept(service: Running, example: Record) -> None:
    """Two requests go over one connection."""
    request = post(json.dumps(example).encode())
    with service.connect() as connection:
        for _ in range(2):
            connection.sendall(request)
            assert http_answer(connection)[0] == 200


def test_sigterm_loses_nothing(trained: tuple[Path, list[Record]], example: Record) -> None:
    """Readiness turns red first, the listener closes later, and what is in flight is answered."""
    body = json.dumps(example).encode()
    with serving(trained[0], lame_duck=1) as service, service.connect() as slow:
        slow.sendall(post(body)[:-10])
        service.process.send_signal(signal.SIGTERM)
        started = time.monotonic()
        while httpx.get(service.url + "/health/ready").status_code == 200:
            assert time.monotonic() - started < 1
        assert httpx.post(service.url + "/predict", json=example).status_code == 200
        while _listens(service):
            assert time.monotonic() - started < 5
            time.sleep(0.02)
        assert time.monotonic() - started > 0.9
        slow.sendall(body[-10:])
        assert http_answer(slow)[0] == 200
        assert service.process.wait(timeout=5) == 0
        assert service.process.stderr is not None
        assert service.process.stderr.read() == ""


def _listens(service: Running) -> bool:
    try:
        service.connect().close()
    except ConnectionRefusedError:
        return False
    return True


def test_ctrl_c_stops_at_once(trained: tuple[Path, list[Record]]) -> None:
    """Ctrl-C does not wait for a load balancer that is not there."""
    with serving(trained[0], lame_duck=30) as service:
        service.process.send_signal(signal.SIGINT)
        assert service.process.wait(timeout=5) == 0


def test_a_second_ctrl_c_does_not_wait_for_anyone(trained: tuple[Path, list[Record]]) -> None:
    """A request that never ends does not keep the terminal."""
    with serving(trained[0]) as service, service.connect() as stuck:
        stuck.sendall(post(b"{}")[:-1])
        time.sleep(0.1)
        service.process.send_signal(signal.SIGINT)
        time.sleep(0.5)
        assert service.process.poll() is None
        service.process.send_signal(signal.SIGINT)
        service.process.wait(timeout=5)


def test_it_runs_on_its_own_lock(trained: tuple[Path, list[Record]], example: Record) -> None:
    """The packages of `service/requirements.txt` are all that it needs."""
    python = ROOT / ".venv-service/bin/python"
    with serving(trained[0], python=str(python)) as service:
        assert httpx.post(service.url + "/predict", json=example).status_code == 200
        assert httpx.get(service.url + "/docs").status_code == 200


def test_no_training_library_is_loaded(trained: tuple[Path, list[Record]]) -> None:
    """After a prediction neither pandas, scikit-learn nor a pickle loader is in the process."""
    code = (
        "import sys; from pathlib import Path; "
        "from service.server import load; from service.app import build_app; "
        "from service.lifecycle import Lifecycle; from service.settings import Settings; "
        f"build_app(load(Settings(package=Path({str(trained[0])!r}))), Lifecycle()); "
        "names = {name.partition('.')[0] for name in sys.modules}; "
        "sys.exit(', '.join(names & {'pandas', 'sklearn', 'joblib', 'scipy', 'cloudpickle', 'boto3'}) or 0)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT, timeout=60)

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from rehearsal import probes
from rehearsal.errors import StepFailed
from rehearsal.probes import Probe

PROBE = Probe("01", {"A1": 300}, 0.93)


class Service:
    """Answers every request in one way, and keeps what it was asked."""

    def __init__(self, status: int, document: object) -> None:
        service = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                service.asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                self.send_response(status)
                self.end_headers()
                self.wfile.write(json.dumps(document).encode())

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self.asked: object = None
        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/predict"
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()


@pytest.fixture
def service(request: pytest.FixtureRequest) -> Iterator[Service]:
    """A service that answers with the status and document of the parameter."""
    started = Service(*request.param)
    yield started
    started.server.shutdown()
    started.server.server_close()


@pytest.mark.parametrize("service", [(200, {"prediction": 0.93})], indirect=True)
def test_the_right_answer_is_returned_as_it_came(service: Service) -> None:
    """The record goes out as the package has it."""
    assert probes.ask(service.url, PROBE) == {"prediction": 0.93}
    assert service.asked == {"A1": 300}


@pytest.mark.parametrize(
    ("service", "sentence"),
    [
        ((200, {"prediction": 0.93 + 1e-6}), "the probe '01' expects 0.93"),
        ((500, {"title": "no"}), 'answered 500: {"title": "no"}'),
    ],
    indirect=["service"],
)
def test_any_other_answer_fails_the_rehearsal(service: Service, sentence: str) -> None:
    """A prediction that is off by a millionth is a wrong one."""
    with pytest.raises(StepFailed, match=sentence):
        probes.ask(service.url, PROBE)


def test_no_answer_is_told_as_such() -> None:
    """Not as a status of 0."""
    with pytest.raises(StepFailed, match="Nobody answered"):
        probes.ask("http://127.0.0.1:9/predict", PROBE)


def test_the_first_probe_of_a_package_is_asked(tmp_path: Path) -> None:
    """With the record and the prediction that the package holds."""
    document = {"probes": [{"name": "01", "record": {"A1": 300}, "prediction": 0.93}, {"name": "02"}]}
    (tmp_path / "probes.json").write_text(json.dumps(document), encoding="utf-8")
    assert probes.first_of(tmp_path) == PROBE

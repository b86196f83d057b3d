"""What the region does to real programs."""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from rehearsal.private import Private, Unanswered
from rehearsal.region import health_check, memory, priorities

pytestmark = pytest.mark.slow


@pytest.fixture
def sleeper() -> Iterator[subprocess.Popen[bytes]]:
    """A program that leads a session and does nothing."""
    with subprocess.Popen(["/bin/sleep", "30"], start_new_session=True) as process:
        yield process
        process.kill()


def test_what_starts_stands_back_until_it_is_let_go(sleeper: subprocess.Popen[bytes]) -> None:
    """As far as this machine allows that to be undone."""
    priorities.hold_back(sleeper.pid)
    if priorities.can_undo():
        assert os.getpriority(os.PRIO_PROCESS, sleeper.pid) == priorities.NICE_TO_START
    priorities.let_go(sleeper.pid)
    assert os.getpriority(os.PRIO_PROCESS, sleeper.pid) == 0


def test_standing_back_concerns_the_calling_thread_alone() -> None:
    """What it starts from other threads is not concerned."""
    found: list[int] = []

    def stand_back() -> None:
        priorities.stand_back()
        found.append(os.getpriority(os.PRIO_PROCESS, threading.get_native_id()))

    before = os.getpriority(os.PRIO_PROCESS, threading.get_native_id())
    thread = threading.Thread(target=stand_back)
    thread.start()
    thread.join()
    assert found == [max(before, priorities.NICE)]
    assert os.getpriority(os.PRIO_PROCESS, threading.get_native_id()) == before


def test_a_tasks_memory_is_that_of_all_its_processes(sleeper: subprocess.Popen[bytes]) -> None:
    """And none once it has ended."""
    assert memory.used(os.getpid()) > memory.used(sleeper.pid) > 0
    sleeper.kill()
    sleeper.wait()
    assert memory.used(sleeper.pid) == 0


@pytest.mark.parametrize(("code", "passed"), [("pass", True), ("raise SystemExit(1)", False)])
def test_a_check_passes_when_its_command_exits_with_0(code: str, *, passed: bool, tmp_path: Path) -> None:
    """And not otherwise."""
    command = [sys.executable, "-c", code]
    checking = health_check.begin(command, environment={}, folder=tmp_path, deadline=time.monotonic() + 10)
    checking.process.wait()
    assert checking.passed(time.monotonic()) is passed


def test_a_check_that_takes_too_long_is_ended_and_has_failed(tmp_path: Path) -> None:
    """Until then nobody knows."""
    checking = health_check.begin(["/bin/sleep", "30"], environment={}, folder=tmp_path, deadline=5.0)
    assert checking.passed(4.9) is None
    assert checking.passed(5.0) is False
    assert checking.process.returncode == -9


def test_a_control_plane_that_refuses_is_told_from_one_that_answers() -> None:
    """With what it said; asking again may help."""

    class Handler(BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            known = self.path == "/rehearsal/tasks"
            body = json.dumps({"taskArn": "arn"} if known else {"error": "no such route"}).encode()
            self.send_response(200 if known else 404)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        private = Private(f"http://127.0.0.1:{server.server_address[1]}")
        try:
            assert private.create_task("ecs-svc/1", address="127.0.0.10") == "arn"
            with pytest.raises(Unanswered, match=r"target-health was answered 404: .*no such route"):
                private.tell_target_health({})
        finally:
            server.shutdown()
            thread.join()
    with pytest.raises(Unanswered, match="was not answered"):
        private.fleets()

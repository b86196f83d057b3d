"""One whole rehearsal with real credentials in the shell, kept running, asked, and ended."""

import ipaddress
import json
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from rehearsal import processes, web

from .conftest import ROOT, Running, Stage, connections
from .records import plant_records

pytestmark = pytest.mark.slow

CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    "AWS_SESSION_TOKEN": "a-session",
    "AWS_PROFILE": "production",
    "AWS_REGION": "us-east-1",
    "AWS_DEFAULT_REGION": "us-east-1",
}


def hostile_home(folder: Path) -> dict[str, str]:
    """Return the environment of a caller whose home folder leads every tool elsewhere.

    Whoever follows it runs a program that leaves a file named `followed`, or calls a proxy of the network.
    """
    plug_in, helper, followed = folder / "plug-in.js", folder / "helper.sh", folder / "followed"
    plug_in.write_text(
        f"require('fs').writeFileSync({json.dumps(str(followed))}, 'plug-in')", encoding="utf-8"
    )
    helper.write_text(f"#!/bin/sh\ntouch '{followed}'\n", encoding="utf-8")
    helper.chmod(0o755)
    settings = {"plugin": [str(plug_in)], "proxy": "http://10.255.255.4:3128"}
    (folder / ".cdk.json").write_text(json.dumps(settings), encoding="utf-8")
    (folder / ".aws").mkdir()
    profile = f"[profile production]\ncredential_process = {helper}\nendpoint_url = http://10.255.255.4\n"
    (folder / ".aws" / "config").write_text(profile, encoding="utf-8")
    return {**CREDENTIALS, "HOME": str(folder), "HTTPS_PROXY": "http://10.255.255.4:3128"}


@dataclass
class Played:
    """A rehearsal that was left running, its report, and everything it was ever connected to."""

    stage: Stage
    running: Running
    report: dict[str, Any]
    peers: set[str]
    home: Path
    secrets_seen: list[str]

    @property
    def endpoint(self) -> str:
        """The production listener."""
        endpoint: str = self.report["endpoint"]
        return endpoint


@pytest.fixture(scope="module")
def played(stage: Stage, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    """Play it once; every test here looks at the same run."""
    home = tmp_path_factory.mktemp("home")
    running = stage.start("--keep", "--json", environment=hostile_home(home))
    peers: set[str] = set()
    secrets: list[str] = []
    done = threading.Event()

    def look() -> None:
        while not done.wait(0.05):
            peers.update(connections(stage.marker))
            for process in processes.of_marker(stage.marker):
                try:
                    values = process.environ().values()
                except Exception:  # noqa: BLE001, S112 - it ended while we looked
                    continue
                secrets.extend(value for value in CREDENTIALS.values() if value in values)

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        code = running.finish()
    finally:
        done.set()
        watcher.join()
    assert code == 0, running.said()
    yield Played(stage, running, json.loads(running.stdout), peers, home, secrets)
    processes.end_marked(stage.marker)


def test_the_report_says_what_was_played(played: Played) -> None:
    """Every step has its time, and the file holds what was printed."""
    names = [step["name"] for step in played.report["steps"]]
    assert names == [
        "train",
        "image",
        "control plane",
        "synth",
        "bootstrap",
        "deploy",
        "tasks",
        "load balancer",
        "predict",
    ]
    assert all(step["seconds"] >= 0 for step in played.report["steps"])
    written = json.loads((played.stage.home / "report.json").read_text(encoding="utf-8"))
    assert written == played.report


def test_every_resource_of_the_templates_is_accounted_for(played: Played) -> None:
    """Deployed, rehearsed and not rehearsed add up to what was synthesised, and none is empty by accident."""
    counts = played.report["resources"]
    assert counts["deployed"] + counts["rehearsed"] + counts["not rehearsed"] == counts["total"]
    assert counts["types"]["rehearsed"] == {
        "AWS::ECS::Service": 1,
        "AWS::ECS::TaskDefinition": 1,
        "AWS::ElasticLoadBalancingV2::Listener": 2,
        "AWS::ElasticLoadBalancingV2::LoadBalancer": 1,
        "AWS::ElasticLoadBalancingV2::TargetGroup": 2,
    }


def test_nothing_but_loopback_was_ever_connected_to(played: Played) -> None:
    """Real credentials in the caller's shell change nothing: no program of the run leaves this machine."""
    assert played.peers, "the watcher saw no connection at all"
    assert {address for address in played.peers if not ipaddress.ip_address(address).is_loopback} == set()


def test_nothing_in_the_callers_home_was_followed(played: Played) -> None:
    """Neither a plug-in that `~/.cdk.json` names nor a program that a profile of AWS names has run."""
    assert sorted(path.name for path in played.home.iterdir()) == [
        ".aws",
        ".cdk.json",
        "helper.sh",
        "plug-in.js",
    ]


def test_the_callers_credentials_reach_no_program(played: Played) -> None:
    """Not one process of the run has them in its environment."""
    assert played.secrets_seen == []


def test_the_service_behind_the_load_balancer_knows_its_version(played: Played) -> None:
    """The version that answers is the version that was trained."""
    answer = web.get(played.endpoint + "/version")
    assert answer.status == 200
    assert played.report["model"]["version"] in answer.body.decode()


def test_records_get_the_same_predictions_alone_and_together(played: Played, records: Path) -> None:
    """As the plant writes them, through the load balancer, one by one and as one batch."""
    sent = plant_records(records)
    single = [web.post(played.endpoint + "/predict", record) for record in sent]
    assert {answer.status for answer in single} == {200}
    batch = web.post(played.endpoint + "/predict", {"records": sent})
    assert batch.status == 200
    assert [answer.json()["prediction"] for answer in single] == batch.json()["predictions"]


def test_a_bad_record_gets_a_problem_document_through_the_load_balancer(played: Played) -> None:
    """The load balancer hands the service's problem document on as it is."""
    answer = web.post(played.endpoint + "/predict", {"ZZ": 1})
    assert answer.status == 422
    assert answer.json()["status"] == 422


@pytest.mark.parametrize("size", [3_000_000, 5_000_000, 10_000_000])
def test_a_body_that_is_too_large_gets_its_answer_through_the_load_balancer(
    played: Played, size: int
) -> None:
    """Every time: the load balancer has passed all of it on before the answer comes."""
    body = b"[" * (size // 2) + b"]" * (size // 2)
    assert {web.send(played.endpoint + "/predict", body).status for _ in range(10)} == {413}


def test_the_test_listener_does_not_answer_with_the_live_version(played: Played) -> None:
    """It belongs to the colour that is not live; before a release that colour has no target."""
    assert web.get(played.report["test_endpoint"] + "/health/ready").status == 503


def test_a_rehearsal_that_was_kept_ends_when_told(played: Played) -> None:
    """`make rehearse-stop` leaves no process, no port and no folder."""
    command = [sys.executable, "-m", "rehearsal", "--build", str(played.stage.build), "--stop"]
    subprocess.run(command, cwd=ROOT, check=True, timeout=60)
    played.stage.assert_nothing_remains()
    for url in (played.endpoint, *played.report["tasks"]):
        parts = urlsplit(url)
        with socket.socket() as probe:
            assert probe.connect_ex((str(parts.hostname), parts.port)) != 0

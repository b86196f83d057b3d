"""One whole rehearsal with real credentials in the shell, kept running, asked, and ended."""

import ipaddress
import json
import os
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

pytestmark = [pytest.mark.slow, pytest.mark.alone]

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
        endpoint: str = self.report["facts"]["endpoint"]
        return endpoint.removesuffix("/predict")


@pytest.fixture(scope="module")
def played(stage: Stage, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    """Play it once; every test here looks at the same run."""
    home = tmp_path_factory.mktemp("home")
    running = stage.start("--keep", "--json", environment=hostile_home(home))
    peers: set[str] = set()
    secrets: list[str] = []
    done = threading.Event()

    def look() -> None:
        while not done.wait(0.5):
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
        code = running.finish(timeout=400)
    finally:
        done.set()
        watcher.join()
    assert code in {0, 1}, running.said()
    assert running.stdout.startswith(b"{"), running.said()
    yield Played(stage, running, json.loads(running.stdout), peers, home, secrets)
    processes.end_marked(stage.marker)


@pytest.mark.parametrize(
    "name", ["nothing lost", "nothing wrong", "gate", "outcomes", "live version", "draining"]
)
def test_the_promise_is_kept(played: Played, name: str) -> None:
    """Under 200 requests a second; how quick they are answered is measured on a quiet machine instead."""
    (promise,) = [promise for promise in played.report["promises"] if promise["name"] == name]
    assert promise["verdict"] == "pass", promise["evidence"]


def test_three_releases_were_played_and_the_bad_one_came_back(played: Played) -> None:
    """All by canary; what it cost is no more than the bad version's share."""
    found = [(item["kind"], item["strategy"], item["outcome"]) for item in played.report["releases"]]
    assert found == [("ship", "canary", outcome) for outcome in ("shipped", "shipped", "rolled-back")]
    assert [item["lost"] > 0 for item in played.report["releases"]] == [False, False, True]
    assert played.report["requests"]["outside_bad_share"] == 0


def test_the_load_was_constant_and_of_every_kind(played: Played) -> None:
    """As many requests as the schedule had, new and reused connections, single records and batches."""
    sent, seconds = played.report["requests"], played.report["load_s"]
    assert sent["sent"] == pytest.approx(200 * seconds, rel=0.02)
    assert sent["connections"]["new"] == pytest.approx(sent["connections"]["reused"], abs=2)
    assert min(sent["kinds"].values()) > sent["sent"] / 5


def test_the_report_is_kept_as_data_and_as_a_page(played: Played) -> None:
    """The file holds what was printed; the page says the verdict and is small enough to be sent."""
    written = json.loads((played.stage.home / "report.json").read_text(encoding="utf-8"))
    assert written == played.report
    page = (played.stage.home / "report.html").read_text(encoding="utf-8")
    assert played.report["verdict"] in page
    assert len(page.encode()) < 1_000_000


def test_every_resource_of_the_templates_is_accounted_for(played: Played) -> None:
    """Deployed, rehearsed and not rehearsed add up to what was synthesised, and none is empty by accident."""
    counts = played.report["resources"]
    assert counts["deployed"] + counts["rehearsed"] + counts["not rehearsed"] == counts["total"]
    rehearsed = {row["type"]: row["count"] for row in counts["rows"] if row["fate"] == "rehearsed"}
    assert {name: rehearsed[name] for name in sorted(rehearsed) if "Alarm" not in name} == {
        "AWS::CodeDeploy::Application": 1,
        "AWS::CodeDeploy::DeploymentConfig": 1,
        "AWS::CodeDeploy::DeploymentGroup": 1,
        "AWS::ECS::Service": 1,
        "AWS::ECS::TaskDefinition": 1,
        "AWS::ElasticLoadBalancingV2::Listener": 2,
        "AWS::ElasticLoadBalancingV2::LoadBalancer": 1,
        "AWS::ElasticLoadBalancingV2::TargetGroup": 2,
        "AWS::Lambda::Function": 2,
    }
    assert rehearsed["AWS::CloudWatch::Alarm"] >= 7


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


def test_the_version_that_came_back_is_the_one_that_answers(played: Played) -> None:
    """After the last release was turned back, the second is live."""
    answer = web.get(played.endpoint + "/version")
    assert answer.status == 200
    assert played.report["releases"][1]["version"] in answer.body.decode()


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


def test_a_rehearsal_that_was_kept_can_be_looked_at_as_on_aws(played: Played) -> None:
    """The lines that it prints are all that `python -m release` needs."""
    lines = [line for line in played.running.said().splitlines() if line.startswith("export AWS_")]
    own = dict(line.removeprefix("export ").split("=", 1) for line in lines)
    found = subprocess.run(
        [sys.executable, "-m", "release", "status", "--stage", "staging", "--json"],
        cwd=ROOT,
        env={**{name: value for name, value in os.environ.items() if not name.startswith("AWS_")}, **own},
        check=True,
        capture_output=True,
        timeout=60,
    )
    assert played.report["releases"][2]["id"] in found.stdout.decode()


def test_a_rehearsal_that_was_kept_ends_when_told(played: Played) -> None:
    """`make rehearse-stop` leaves no process, no port and no folder."""
    command = [sys.executable, "-m", "rehearsal", "--build", str(played.stage.build), "--stop"]
    subprocess.run(command, cwd=ROOT, check=True, timeout=60)
    played.stage.assert_nothing_remains()
    parts = urlsplit(played.endpoint)
    with socket.socket() as probe:
        assert probe.connect_ex((str(parts.hostname), parts.port)) != 0

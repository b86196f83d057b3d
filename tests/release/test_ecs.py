"""Amazon ECS as a release drives it, against a small server with the five calls that it takes."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from infra.settings import Engine, Strategy
from rehearsal import isolation
from release.clients import Clients
from release.deployment import State
from release.ecs import EcsEngine
from release.errors import Refused
from release.patience import Pace, Patient
from tests.release.facts import FAMILY, RELEASE, settings_with, stage

pytestmark = pytest.mark.slow

Answer = dict[str, Any]


@dataclass
class Ecs:
    """One service: its deployments, oldest first, one to a page, shown some looks after they were begun."""

    late: int = 0
    lose: int = 0
    """How many answers to UpdateService get lost."""
    deployments: list[Answer] = field(default_factory=list)
    updates: int = 0
    listed: list[list[str]] = field(default_factory=list)
    """By what each listing was narrowed."""

    def answer(self, action: str, asked: Answer) -> Answer:
        """Answer a call."""
        calls: dict[str, Callable[[Answer], Answer]] = {
            "UpdateService": self._update,
            "ListServiceDeployments": self._list,
            "DescribeServiceDeployments": self._describe,
            "DescribeServiceRevisions": self._revisions,
            "StopServiceDeployment": self._stop,
        }
        return calls[action](asked)

    def _update(self, asked: Answer) -> Answer:
        self.updates += 1
        revision = asked["taskDefinition"]
        if not any(item["targetServiceRevision"]["arn"] == f"of {revision}" for item in self.deployments):
            made = {
                "serviceDeploymentArn": f"sd-{len(self.deployments)}",
                "createdAt": time.time(),
                "status": "IN_PROGRESS",
                "lifecycleStage": "SCALE_UP",
                "targetServiceRevision": {"arn": f"of {revision}"},
            }
            self.deployments.append(made)
        if self.lose:
            self.lose -= 1
            raise ConnectionError
        return {"service": {}}

    def _list(self, asked: Answer) -> Answer:
        if self.late and self.deployments:
            self.late -= 1
            return {"serviceDeployments": []}
        wanted = asked.get("status") or [item["status"] for item in self.deployments]
        self.listed.append(sorted(set(asked) - {"cluster", "service", "maxResults"}))
        found = [item for item in self.deployments if item["status"] in wanted]
        at = int(asked.get("nextToken", 0))
        page = [
            {**item, "targetServiceRevisionArn": item["targetServiceRevision"]["arn"]}
            for item in found[at : at + 1]
        ]
        more = {"nextToken": str(at + 1)} if at + 1 < len(found) else {}
        return {"serviceDeployments": page, **more}

    def _describe(self, asked: Answer) -> Answer:
        wanted = asked["serviceDeploymentArns"]
        return {
            "serviceDeployments": [
                item for item in self.deployments if item["serviceDeploymentArn"] in wanted
            ]
        }

    def _revisions(self, asked: Answer) -> Answer:
        return {
            "serviceRevisions": [
                {"serviceRevisionArn": arn, "taskDefinition": arn.removeprefix("of ")}
                for arn in asked["serviceRevisionArns"]
            ]
        }

    def _stop(self, asked: Answer) -> Answer:
        assert asked["stopType"] == "ROLLBACK"
        self.deployments[-1]["status"] = "ROLLBACK_REQUESTED"
        return {"serviceDeploymentArn": asked["serviceDeploymentArn"]}


@pytest.fixture
def ecs(monkeypatch: pytest.MonkeyPatch) -> Iterator[Ecs]:
    """The server, where this process finds ECS."""
    kept = Ecs()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            action = self.headers["X-Amz-Target"].rpartition(".")[2]
            try:
                body = json.dumps(kept.answer(action, asked)).encode()
            except ConnectionError:
                self.close_connection = True
                return
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    url = f"http://127.0.0.1:{server.server_port}"
    for name, value in isolation.with_local_aws({}, url).items():
        monkeypatch.setenv(name, value)
    try:
        yield kept
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def engine(ecs: Ecs) -> EcsEngine:
    """The engine of a canary release by ECS."""
    del ecs
    ask = Patient(Clients(isolation.REGION), Pace(poll=0.02, patience=10))
    return EcsEngine(ask, stage(Engine.ECS, settings=settings_with(Engine.ECS, strategy=Strategy.CANARY)))


def test_a_deployment_is_begun_once_and_found_again(ecs: Ecs, engine: EcsEngine) -> None:
    """Though the answer gets lost, and ECS shows the deployment later than it begins it."""
    ecs.lose, ecs.late = 1, 2
    begun = engine.begin(task_definition=f"{FAMILY}:8", release=RELEASE)
    assert engine.begin(task_definition=f"{FAMILY}:8", release=RELEASE) == begun == "sd-0"
    assert engine.find(task_definition=f"{FAMILY}:8", release=RELEASE) == begun
    assert engine.find(task_definition=f"{FAMILY}:9", release=RELEASE) is None
    assert ecs.listed[0] == ["createdAt"]
    assert (ecs.updates, len(ecs.deployments)) == (2, 1)
    assert engine.look(begun).task_definition == f"{FAMILY}:8"


def test_a_second_deployment_is_refused(ecs: Ecs, engine: EcsEngine) -> None:
    """ECS itself would begin it, and turn the first one around."""
    engine.begin(task_definition=f"{FAMILY}:8", release=RELEASE)
    with pytest.raises(Refused, match=r"ECS already deploys to stage dev: sd-0 \(IN_PROGRESS\)"):
        engine.begin(task_definition=f"{FAMILY}:9", release=RELEASE)
    assert ecs.updates == 1


def test_a_stopped_deployment_is_followed_on_its_way_back(ecs: Ecs, engine: EcsEngine) -> None:
    """It has not settled until ECS has rolled it back; how far it came is remembered."""
    begun = engine.begin(task_definition=f"{FAMILY}:8", release=RELEASE)
    ecs.deployments[0]["lifecycleStage"] = "PRODUCTION_TRAFFIC_SHIFT"
    assert engine.look(begun).state is State.RUNNING
    engine.stop(begun)
    back = engine.look(begun)
    assert (back.state, back.settled) == (State.STOPPED, False)
    ecs.deployments[0] |= {"status": "ROLLBACK_SUCCESSFUL", "rollback": {"reason": "asked"}}
    done = engine.look(begun)
    assert (done.state, done.settled, done.reason) == (State.STOPPED, True, "asked")
    assert {event.name: event.status for event in done.events}["PRODUCTION_TRAFFIC_SHIFT"] == "failed"
    assert list(engine.running()) == []
    assert ecs.listed[-1] == ["status"]


def test_an_earlier_deployment_of_the_service_is_not_taken_for_the_release(
    ecs: Ecs, engine: EcsEngine
) -> None:
    """Not even one of the same revision, which a deployment of the stack began before the release."""
    old = {"serviceDeploymentArn": "old", "createdAt": 1_000_000_000, "status": "SUCCESSFUL"}
    ecs.deployments.append({**old, "targetServiceRevision": {"arn": f"of {FAMILY}:8"}})
    assert engine.find(task_definition=f"{FAMILY}:8", release=RELEASE) is None

"""CodeDeploy as a release drives it, against the rehearsal's server of its API."""

import json
import os
import sys
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import boto3
import pytest

from rehearsal import isolation, processes
from rehearsal.addresses import free_port
from rehearsal.control_plane import ControlPlane
from release.clients import Clients
from release.codedeploy import CodeDeployEngine
from release.deployment import State
from release.errors import Refused
from release.patience import Pace, Patient
from release.stage_facts import Stage, Way
from tests.rehearsal.aws.estate import Estate
from tests.rehearsal.codedeploy.world import World
from tests.rehearsal.planes import until
from tests.release.facts import settings_with, stage
from tests.release.test_stage import alarm

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
RELEASE = "r-20261120T160000Z-00000{}"


@pytest.fixture(scope="module")
def server(
    plane: ControlPlane, local: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The URL of CodeDeploy's server, where this process finds CodeDeploy."""
    del local
    folder = tmp_path_factory.mktemp("codedeploy")
    url = f"http://localhost:{free_port()}"
    command = [sys.executable, "-m", "rehearsal.codedeploy", "--port", url.rpartition(":")[2]]
    command += ["--endpoint", plane.endpoint, "--speed", "300", "--folder", str(folder)]
    environment = isolation.isolated(os.environ, marker=str(folder), temporary=folder, path=[], cache=folder)
    started = processes.start("codedeploy", command, environment=environment, cwd=ROOT, log=folder / "log")
    patched = pytest.MonkeyPatch()
    patched.setenv("AWS_ENDPOINT_URL_CODEDEPLOY", url)
    try:
        until(lambda: _answers(url), within=20.0)
        yield url
    finally:
        patched.undo()
        processes.end_marked(str(folder))
        started.process.wait()


@pytest.fixture(scope="module")
def world(server: str, plane: ControlPlane) -> World:
    """One service with its deployment group; no task starts unless a test says so."""
    del server
    subnets = boto3.client("ec2").describe_subnets()["Subnets"]
    places = [subnet["SubnetId"] for subnet in subnets[:2]]
    estate = Estate(plane, "switchyard-engine", subnets[0]["VpcId"], places)
    return World(estate, boto3.client("codedeploy"))


@pytest.fixture
def engine(world: World) -> CodeDeployEngine:
    """The engine of a release to that service."""
    ask = Patient(Clients(isolation.REGION), Pace(poll=0.2, patience=20))
    return CodeDeployEngine(ask, opened(world))


def opened(world: World) -> Stage:
    """Return the stage that the world is."""
    settings = replace(settings_with(), name="engine")
    return stage(
        settings=settings,
        service="service",
        groups=world.estate.groups,
        production=Way(arn=world.estate.listener, is_rule=False),
        test=Way(arn=world.test_listener, is_rule=False),
    )


def go_wrong(server: str, *rules: dict[str, Any]) -> None:
    """Have calls of the server go wrong."""
    request = urllib.request.Request(  # noqa: S310 - our own
        f"{server}/rehearsal/faults", data=json.dumps({"rules": rules}).encode(), method="PUT"
    )
    urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=10).close()


def _answers(url: str) -> bool:
    try:
        urllib.request.build_opener(urllib.request.ProxyHandler({})).open(
            f"{url}/rehearsal/faults", timeout=2
        ).close()
    except OSError:
        return False
    return True


@pytest.mark.parametrize("kind", ["drop-answer", "error", "throttle"])
def test_a_deployment_is_begun_once_whatever_becomes_of_the_answer(
    engine: CodeDeployEngine, world: World, server: str, kind: str
) -> None:
    """Asked twice, with answers that are lost: one deployment, found again, stopped and rolled back."""
    number = ["drop-answer", "error", "throttle"].index(kind)
    release, revision = RELEASE.format(number), world.estate.register()
    assert engine.find(task_definition=revision, release=release) is None
    go_wrong(server, {"service": "codedeploy", "action": "CreateDeployment", "kind": kind, "times": 1})
    begun = engine.begin(task_definition=revision, release=release)
    assert engine.begin(task_definition=revision, release=release) == begun
    assert engine.find(task_definition=revision, release=release) == begun
    assert [item.id for item in engine.running()] == [begun]

    with pytest.raises(Refused, match=f"CodeDeploy already deploys to stage engine: {begun}"):
        engine.begin(task_definition=revision, release=RELEASE.format(number + 5))

    engine.stop(begun)
    until(lambda: engine.look(begun).settled, within=15.0)
    engine.stop(begun)
    found = engine.look(begun)
    assert (found.state, found.status) == (State.STOPPED, "Stopped")
    assert found.way_back is None or found.way_back.state is State.SUCCEEDED
    assert list(engine.running()) == []
    assert engine.begin(task_definition=revision, release=release) == begun


def test_a_gate_that_is_not_there_turns_the_release_back(engine: CodeDeployEngine, world: World) -> None:
    """The events say at which step, and production traffic goes where it went."""
    before = {colour for colour, weight in world.weights().items() if weight}
    release, revision = RELEASE.format(9), world.estate.register()
    begun = engine.begin(task_definition=revision, release=release)
    with world.tasks():
        until(lambda: engine.look(begun).settled, within=20.0)
    found = engine.look(begun)
    assert found.state is State.FAILED
    assert {event.name: event.status for event in found.events}["AfterAllowTestTraffic"] == "failed"
    assert found.reason.endswith("AfterAllowTestTraffic failed")
    assert {colour for colour, weight in world.weights().items() if weight} == before


def test_a_red_alarm_turns_back_a_release_that_is_not_told_to_get_past_it(
    engine: CodeDeployEngine, world: World
) -> None:
    """The version that runs made it red: the one before comes as far as the gate, which is not there here."""
    cloudwatch = boto3.client("cloudwatch")
    alarm("engine-red")
    cloudwatch.set_alarm_state(AlarmName="engine-red", StateValue="ALARM", StateReason="3 > 1")
    world.change_group(alarmConfiguration={"enabled": True, "alarms": [{"name": "engine-red"}]})

    def turned_back(number: int, *, past_alarms: bool) -> str:
        release, revision = RELEASE.format(number), world.estate.register()
        begun = engine.begin(task_definition=revision, release=release, past_alarms=past_alarms)
        until(lambda: engine.look(begun).settled, within=30.0)
        return engine.look(begun).reason

    with world.tasks():
        assert turned_back(7, past_alarms=False).startswith("ALARM_ACTIVE: ")
        assert turned_back(8, past_alarms=True).endswith("AfterAllowTestTraffic failed")
    world.change_group(alarmConfiguration={"enabled": False, "alarms": []})

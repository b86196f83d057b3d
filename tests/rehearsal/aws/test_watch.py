"""Alarms turn red and green by what really happened, from the log of requests to the state."""

import itertools
import json
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from infra.config import REGISTRY, STAGES
from rehearsal.alarms.cloudwatch import CloudWatch
from rehearsal.alarms.rounds import Rounds
from rehearsal.clock import Clock
from rehearsal.control_plane import ControlPlane
from rehearsal.metrics.access_log import NAME, Tail
from rehearsal.metrics.balancer import Names
from rehearsal.timeline import Timeline
from tests.infra.assembly import synthesised

pytestmark = pytest.mark.slow

SPEED = 60
_NUMBERS = itertools.count()
KINDS = ("AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm", "AWS::SNS::Topic")
UNWATCHED = {"too-few-tasks"}
"""Red here: there is no service, and its silence is a breach."""

FINE, ERRORS, SLOW, NOBODY = ("200", 4_000), ("500", 4_000), ("200", 2_500_000), ("503", None)


@pytest.fixture(scope="module", params=STAGES)
def stage(
    request: pytest.FixtureRequest, plane: ControlPlane, tmp_path_factory: pytest.TempPathFactory
) -> str:
    """A stage whose alarms are deployed, from the very templates that it is deployed by."""
    name: str = request.param
    assembly = synthesised(STAGES[name], tmp_path_factory.mktemp(name), registry=REGISTRY)
    for part in ("Service", "Operations"):
        raw = json.loads((assembly.folder / f"Switchyard-{name}-{part}.template.json").read_text())
        resources = {key: item for key, item in raw["Resources"].items() if item["Type"] in KINDS}
        text = json.dumps(resources)
        parameters = {key: item for key, item in raw["Parameters"].items() if key in text}
        for item in parameters.values():
            entry = item["Default"]
            plane.ssm.put_parameter(Name=entry, Value=arn(name, entry), Type="String", Overwrite=True)
        plane.cloudformation.create_stack(
            StackName=f"alarms-{name}-{part}",
            TemplateBody=json.dumps({"Parameters": parameters, "Resources": resources}),
        )
    return name


def arn(stage: str, entry: str) -> str:
    """Return what stands behind an entry of Parameter Store."""
    what = entry.rpartition("/")[2]
    kind = {"load-balancer": f"loadbalancer/app/{stage}/1", "name": "service"}
    return f"arn:aws:elasticloadbalancing:eu-central-1:123456789012:{kind.get(what, f'targetgroup/{what}/2')}"


class World:
    """What happens to a stage, minute by minute of the played clock."""

    def __init__(self, stage: str, plane: ControlPlane, folder: Path) -> None:
        self.stage, self.folder = stage, folder
        # An hour later than the world before, whose metrics the control plane still has.
        self.clock = Clock(SPEED, started=time.time() // 60 * 60 + 3600 * next(_NUMBERS))
        self.minute = 0
        self.client = CloudWatch(plane.endpoint)
        self.groups = {colour: arn(stage, f"traffic/{colour}") for colour in ("blue", "green")}
        self.health = dict.fromkeys(self.groups, "healthy")
        self.rounds = Rounds(
            self.client,
            Tail(folder / NAME),
            lambda: Names(arn(stage, "load-balancer"), self.groups),
            lambda: {
                group: {"127.0.0.1:8080": {"state": self.health[colour]}}
                for colour, group in self.groups.items()
            },
            Timeline.of(folder),
        )

    def pass_minute(self, **answers: tuple[tuple[str, int | None], int]) -> set[str]:
        """Let a minute pass in which each colour gave so many answers; return which alarms are red then."""
        with (self.folder / NAME).open("a") as log:
            for colour, ((status, microseconds), count) in answers.items():
                group = f"{colour}\t127.0.0.1:8080" if microseconds else "-\t-"
                for number in range(count):
                    at = self.clock.started + self.minute + number / count
                    log.write(f"{at:.6f}\t0\t{status}\t{group}\t{microseconds or '-'}\n")
        for share in (0.5, 1.0):
            self.rounds.play(self.clock, self.clock.started + self.minute + share)
        self.minute += 1
        return self.red()

    def red(self) -> set[str]:
        """Return the alarms of this stage that are red, without its name."""
        prefix = f"switchyard-{self.stage}-"
        found = [alarm for alarms in self.client.alarms() for alarm in alarms]
        states: Mapping[str, Any] = {alarm["AlarmName"]: alarm["StateValue"] for alarm in found}
        ours = {name.removeprefix(prefix): state for name, state in states.items() if name.startswith(prefix)}
        assert set(ours.values()) <= {"OK", "ALARM"}
        return {name for name, state in ours.items() if state == "ALARM"} - UNWATCHED


@pytest.fixture
def world(stage: str, plane: ControlPlane, tmp_path: Path) -> Iterator[World]:
    """A stage to which things happen."""
    world = World(stage, plane, tmp_path)
    yield world
    complaints = [event["text"] for event in Timeline.of(tmp_path).read() if event["kind"] == "note"]
    assert complaints == []


def test_the_alarms_of_every_stage_see_what_they_were_made_for(world: World) -> None:
    """Red at the end of the minute in which it happened, and green again after one that was fine."""
    fine = (FINE, 100)
    assert world.pass_minute(blue=fine) == set()
    assert world.pass_minute(blue=fine, green=(ERRORS, 12)) == {"green-errors", "unwell"}
    assert world.pass_minute(blue=fine, green=(FINE, 12)) == set()
    # Silence is no error; and so few errors are none, whatever their share.
    assert world.pass_minute(green=(ERRORS, 9)) == set()
    assert world.pass_minute() == set()
    assert world.pass_minute(nobody=(NOBODY, 11)) == {"load-balancer-errors", "unwell"}


@pytest.mark.parametrize("stage", ["dev"], indirect=True)
def test_what_needs_three_minutes_turns_red_after_three(world: World) -> None:
    """Slow answers and unhealthy tasks; a topic would be told."""
    world.health["blue"] = "unhealthy"
    slow = (SLOW, 20)
    assert world.pass_minute(green=slow) == set()
    assert world.pass_minute(green=slow) == set()
    assert world.pass_minute(green=slow) == {"green-latency", "blue-unhealthy", "unwell"}
    world.health["blue"] = "healthy"
    assert world.pass_minute(green=(FINE, 20)) == set()
    told = [event for event in Timeline.of(world.folder).read() if event["kind"] == "alarm"]
    ours = [event for event in told if event["alarm"].endswith(f"{world.stage}-unwell")]
    assert [event["state"] for event in ours][-2:] == ["ALARM", "OK"]


@pytest.mark.parametrize("stage", ["dev"], indirect=True)
def test_a_metric_that_is_absent_when_all_is_well_keeps_its_alarm_red_for_its_evaluation_range(
    world: World,
) -> None:
    """As CloudWatch documents it: the last real data point is evaluated until it is too old to be seen."""
    assert world.pass_minute(nobody=(NOBODY, 11)) == {"load-balancer-errors", "unwell"}
    assert world.pass_minute() == {"load-balancer-errors", "unwell"}
    assert world.pass_minute() == {"load-balancer-errors", "unwell"}
    assert world.pass_minute() == set()

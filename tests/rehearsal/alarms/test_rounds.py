"""Rounds whose control plane fails, or that meet an alarm that cannot be played."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError

from rehearsal.alarms.cloudwatch import CloudWatch
from rehearsal.alarms.rounds import Rounds
from rehearsal.clock import Clock
from rehearsal.metrics.access_log import NAME, Tail
from rehearsal.metrics.balancer import Names
from rehearsal.metrics.point import Point
from rehearsal.timeline import Timeline

from .made import described


class Flaky(CloudWatch):
    """A CloudWatch without a server, that answers when it is let."""

    def __init__(self, *alarms: dict[str, Any]) -> None:
        self.answers = True
        self.told: list[Point] = []
        self._alarms = list(alarms)

    def put(self, namespace: str, points: Iterable[Point]) -> None:
        """Keep them."""
        if not self.answers:
            raise EndpointConnectionError(endpoint_url="http://localhost:1")
        if namespace == "AWS/ApplicationELB":
            self.told += points

    def services(self) -> list[Mapping[str, Any]]:
        """Know none."""
        return []

    def alarms(self) -> tuple[list[Mapping[str, Any]], list[Mapping[str, Any]]]:
        """Return the given ones."""
        return list(self._alarms), []


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """A log with one request."""
    path = tmp_path / NAME
    path.write_text("60.000000\t1\t503\t-\t-\t-\n")
    return path


def play(cloudwatch: Flaky, log: Path, times: int) -> list[str]:
    """Play rounds, of which the first fails; return what was complained about."""
    timeline = Timeline.of(log.parent)
    rounds = Rounds(cloudwatch, Tail(log), lambda: Names("a:loadbalancer/app/a/1"), dict, timeline)
    for number in range(times):
        cloudwatch.answers = number > 1
        rounds.play(Clock(1, started=0), 120.0 + number)
    return [event["text"] for event in timeline.read()]


def test_nothing_is_lost_while_the_control_plane_does_not_answer(log: Path) -> None:
    """It is told with the next round that is answered, once; and complained about once."""
    cloudwatch = Flaky()
    (complaint,) = play(cloudwatch, log, times=4)
    assert complaint.startswith("Metrics and alarms wait for the control plane: Could not connect")
    assert cloudwatch.told == [Point("HTTPCode_ELB_5XX_Count", (("LoadBalancer", "app/a/1"),), 60, {1.0: 1})]


def test_an_alarm_that_cannot_be_played_keeps_its_state_and_is_told(log: Path) -> None:
    """It must not be judged by anything else than its definition."""
    alarm = described()
    del alarm["Threshold"]
    complaints = play(Flaky(alarm), log, times=4)
    assert complaints[1:] == ["The alarm errors has no threshold or no metric, which is not played here."]


def test_a_round_that_fails_is_told_and_does_not_end_the_rest(log: Path) -> None:
    """A line that nobody can read is told; later ones are read."""
    log.write_text("nonsense\n")
    cloudwatch = Flaky()
    rounds = Rounds(
        cloudwatch, Tail(log), lambda: Names("a:loadbalancer/app/a/1"), dict, Timeline.of(log.parent)
    )
    rounds.play(Clock(1, started=0), 120.0)
    with log.open("a") as file:
        file.write("120.000000\t1\t503\t-\t-\t-\n")
    rounds.play(Clock(1, started=0), 121.0)
    assert [point.minute for point in cloudwatch.told] == [120]
    (complaint,) = (event["text"] for event in Timeline.of(log.parent).read())
    assert complaint.startswith("A round of metrics and alarms failed: ValueError(")

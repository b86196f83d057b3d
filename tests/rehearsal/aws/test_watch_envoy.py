"""The watch as a region runs it: a real Envoy, real targets, the real clock."""

import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from rehearsal import addresses
from rehearsal.addresses import Subnet, unprivileged
from rehearsal.alarms.cloudwatch import CloudWatch
from rehearsal.alarms.definition import MetricStat
from rehearsal.alarms.watch import Watch
from rehearsal.clock import Clock
from rehearsal.control_plane import ControlPlane
from rehearsal.metrics.balancer import NAMESPACE, Names
from rehearsal.metrics.point import minute_of
from rehearsal.timeline import Timeline
from rehearsal.traffic import HealthCheck, Listener, LoadBalancer, TargetGroup
from rehearsal.web import get
from tests.rehearsal import envoys

pytestmark = pytest.mark.slow

SPEED = 60
ACCOUNT = "arn:aws:elasticloadbalancing:eu-central-1:123456789012"
BLUE, NONE = f"{ACCOUNT}:targetgroup/blue/1", f"{ACCOUNT}:targetgroup/none/2"
BALANCER = (("LoadBalancer", "app/watched/1"),)
OF_BLUE = (*BALANCER, ("TargetGroup", "targetgroup/blue/1"))
SENT = {"/fine": 20, "/wrong": 12, "/hang-up": 7}
"""Besides, one request that is fine shows that Envoy has its routes."""


class _Answers(BaseHTTPRequestHandler):
    """Answers with the status that the path asks for, or not at all."""

    def do_GET(self) -> None:
        if self.path == "/hang-up":
            self.close_connection = True
            return
        self.send_response({"/wrong": 500}.get(self.path, 200))
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def subnet() -> Subnet:
    """Addresses of this test's own."""
    return addresses.choose((unprivileged(80), unprivileged(9000)))


@pytest.fixture
def balancer(subnet: Subnet) -> Iterator[LoadBalancer]:
    """A load balancer with one target, and a listener that leads to none."""
    server = ThreadingHTTPServer((subnet.task(0), 0), _Answers)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    check = HealthCheck("/fine", 1, 1, 1, 3, ((200, 201),))
    yield LoadBalancer(
        f"{ACCOUNT}:loadbalancer/app/watched/1",
        60,
        (Listener("arn:80", 80, ((BLUE, 1),)), Listener("arn:9000", 9000, ((NONE, 1),))),
        (
            TargetGroup(BLUE, "blue", check, ((subnet.task(0), int(server.server_address[1])),)),
            TargetGroup(NONE, "none", check, ()),
        ),
    )
    server.shutdown()
    server.server_close()


@pytest.fixture
def folder(balancer: LoadBalancer, subnet: Subnet, tmp_path: Path) -> Iterator[Path]:
    """The folder of an Envoy that plays it."""
    with envoys.playing(balancer, address=subnet.load_balancer, folder=tmp_path) as played:
        while get(f"{subnet.url(80)}/fine").status != 200:
            time.sleep(0.05)
        yield played.folder


def total(client: CloudWatch, metric: str, dimensions: tuple[tuple[str, str], ...], clock: Clock) -> float:
    """Return the sum of a metric over all that was told of it."""
    stat = MetricStat(NAMESPACE, metric, dimensions, "Sum", 60)
    until = minute_of(clock.played()) + 60
    (series,) = client.series([stat], periods=60, until=until).values()
    return sum(value or 0.0 for value in series)


def turned_red(timeline: Timeline) -> set[str]:
    """Return which of this test's alarms have turned red."""
    events = [event for event in timeline.read() if event["kind"] == "alarm" and event["state"] == "ALARM"]
    return {event["alarm"] for event in events if event["alarm"].startswith("watched-")}


def alarm(client: CloudWatch, name: str, metric: str, dimensions: tuple[tuple[str, str], ...]) -> None:
    """Make an alarm that is red when there are any in a minute."""
    pairs: Any = [{"Name": key, "Value": value} for key, value in dimensions]
    client._client.put_metric_alarm(
        AlarmName=name,
        Namespace=NAMESPACE,
        MetricName=metric,
        Dimensions=pairs,
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=0,
        ComparisonOperator="GreaterThanThreshold",
        TreatMissingData="notBreaching",
    )


def test_what_envoy_answered_is_counted_once_and_turns_alarms_red(
    folder: Path, subnet: Subnet, plane: ControlPlane, balancer: LoadBalancer, tmp_path: Path
) -> None:
    """The target's errors apart from the load balancer's own."""
    client, clock = CloudWatch(plane.endpoint), Clock(SPEED)
    timeline = Timeline.of(tmp_path)
    names = Names(balancer.arn, {group.name: group.arn for group in balancer.target_groups})
    health = {BLUE: {"target": {"state": "healthy"}}}
    watch = Watch(
        plane.endpoint, clock, folder=folder, names=lambda: names, health=lambda: health, timeline=timeline
    )
    alarm(client, "watched-target", "HTTPCode_Target_5XX_Count", OF_BLUE)
    alarm(client, "watched-balancer", "HTTPCode_ELB_5XX_Count", BALANCER)
    watch.start()
    try:
        statuses = [
            get(f"{subnet.url(80)}{path}").status for path, count in SENT.items() for _ in range(count)
        ]
        statuses += [get(f"{subnet.url(9000)}/fine").status for _ in range(5)]
        deadline = time.monotonic() + 30
        while len(turned_red(timeline)) < 2 or total(client, "RequestCount", OF_BLUE, clock) < 40:
            assert time.monotonic() < deadline, timeline.read()
            time.sleep(0.05)
    finally:
        watch.stop()
    assert {status // 100 for status in statuses[32:]} == {5}
    assert turned_red(timeline) == {"watched-target", "watched-balancer"}
    assert {
        metric: (total(client, metric, OF_BLUE, clock), total(client, metric, BALANCER, clock))
        for metric in ("HTTPCode_Target_5XX_Count", "HTTPCode_ELB_5XX_Count", "HTTPCode_Target_2XX_Count")
    } == {
        "HTTPCode_Target_5XX_Count": (12, 12),
        "HTTPCode_ELB_5XX_Count": (0, 12),
        "HTTPCode_Target_2XX_Count": (21, 21),
    }

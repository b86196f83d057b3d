import threading
import time
from dataclasses import replace
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest

from rehearsal import described, follow
from rehearsal.errors import StepFailed
from rehearsal.follow import Follower
from rehearsal.traffic import HealthCheck, Listener, LoadBalancer, TargetGroup

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rehearsal.envoy import Envoy

FIRST = LoadBalancer("arn", 60, (), ())


CLIENT = SimpleNamespace(meta=SimpleNamespace(endpoint_url="http://127.0.0.1:9"))
"""Stands where ELBv2's client stands; nobody answers at its endpoint."""


class Recorder:
    """Stands where Envoy stands, and keeps what it was told."""

    def __init__(self) -> None:
        self.applied: list[LoadBalancer] = []
        self.waited: list[LoadBalancer] = []
        self.told = threading.Event()

    def apply(self, balancer: LoadBalancer) -> None:
        """Keep a description."""
        self.applied.append(balancer)
        self.told.set()

    def wait_for_routes(self, balancer: LoadBalancer) -> None:
        """Keep for what it was waited."""
        self.waited.append(balancer)


@pytest.fixture(autouse=True)
def _fast(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(follow, "INTERVAL", 0.001)


def test_every_change_is_applied_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """And a look that fails, as while the control plane is half way through a change, is repeated."""
    changed = replace(FIRST, idle_timeout=30)
    looks: Iterator[LoadBalancer | StepFailed] = iter([FIRST, StepFailed("half way"), changed])

    def look(*_: object) -> LoadBalancer:
        found = next(looks, changed)
        if isinstance(found, Exception):
            raise found
        return found

    monkeypatch.setattr(described, "describe", look)
    recorder = Recorder()
    with Follower(cast("Any", CLIENT), cast("Envoy", recorder), FIRST) as follower:
        assert recorder.told.wait(5)
        follower.check()
    assert recorder.applied == [changed]
    assert follower.seen == changed


def test_a_load_balancer_that_can_no_longer_be_followed_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Otherwise a rehearsal would go on with what it saw last."""

    def fail(*_: object) -> LoadBalancer:
        raise StepFailed("gone")

    monkeypatch.setattr(described, "describe", fail)
    monkeypatch.setattr(follow, "_PATIENCE", 3)
    told = pytest.raises(StepFailed, match="no longer follows the control plane: gone")
    with Follower(cast("Any", CLIENT), cast("Envoy", Recorder()), FIRST) as follower, told:
        for _ in range(500):
            follower.check()
            time.sleep(0.01)


def test_traffic_is_moved_before_targets_are_taken_away(monkeypatch: pytest.MonkeyPatch) -> None:
    """When one look sees both, in between nobody is sent to a group without targets."""
    check = HealthCheck("/", 10, 5, 2, 3, ((200, 201),))
    blue = TargetGroup("arn:blue", "blue", check, (("127.0.0.10", 80), ("127.0.0.11", 80)))
    before = LoadBalancer("arn", 60, (Listener("arn:80", 80, (("arn:blue", 1),)),), (blue,))
    moved = replace(before, listeners=(Listener("arn:80", 80, ()),))
    after = replace(moved, target_groups=(replace(blue, targets=()),))
    monkeypatch.setattr(described, "describe", lambda *_: after)
    recorder = Recorder()
    with Follower(cast("Any", CLIENT), cast("Envoy", recorder), before) as follower:
        deadline = time.monotonic() + 5
        while follower.seen != after:
            assert time.monotonic() < deadline
            time.sleep(0.001)
    assert recorder.applied == [moved, after]
    assert recorder.waited == [moved]

"""When the release gate opens, against a fake listener and a clock that never waits."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from infra.hooks.gate.gate import Deadline, find_faults
from infra.hooks.gate.probes import Answer, Probe

PROBES = tuple(Probe(name=f"probe-{i}", record={"A1": i}, prediction=i / 10) for i in range(3))
NOT_READY = "The new version did not become ready on the test listener."


@dataclass
class Clock:
    """Time that passes only when someone sleeps."""

    now: float = 0.0

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.now += seconds

    def deadline(self, seconds: float = 30.0) -> Deadline:
        """Return a moment to give up at."""
        return Deadline(seconds, clock=lambda: self.now, sleep=self.sleep)


@dataclass
class FakeListener:
    """A new version that answers as told; each answer takes its time on the clock."""

    clock: Clock
    readiness: Sequence[int | None] = (200,)
    offset: float = 0.0
    silent: str = ""
    takes: float = 0.0
    looks: int = 0
    asked: list[str] = field(default_factory=list)

    def ready(self) -> Answer:
        """Answer the next of the planned statuses, the last one for ever."""
        status = self.readiness[min(self.looks, len(self.readiness) - 1)]
        self.looks += 1
        if status is None:
            raise ConnectionRefusedError("refused")
        return Answer(status, b"")

    def predict(self, probe: Probe) -> Answer:
        """Answer what the probe expects, plus the offset."""
        self.clock.sleep(self.takes)
        self.asked.append(probe.name)
        if probe.name == self.silent:
            raise TimeoutError("timed out")
        return Answer(200, json.dumps({"prediction": probe.prediction + self.offset}).encode())


def faults(listener: FakeListener) -> tuple[str, ...]:
    """Run the gate with half a minute to spend."""
    return find_faults(listener, PROBES, tolerance=1e-9, deadline=listener.clock.deadline())


@pytest.mark.parametrize("readiness", [(200,), (503, 503, 200), (None, 502, 200)])
def test_opens_when_every_probe_is_right(readiness: Sequence[int | None]) -> None:
    """A version that becomes ready and answers every probe rightly passes."""
    listener = FakeListener(Clock(), readiness=readiness)
    assert faults(listener) == ()
    assert listener.asked == ["probe-0", "probe-1", "probe-2"]


@pytest.mark.parametrize("status", [503, 404, None])
def test_stays_shut_when_never_ready(status: int | None) -> None:
    """A version that does not become ready in time is not asked anything."""
    listener = FakeListener(Clock(), readiness=(status,))
    assert faults(listener) == (NOT_READY,)
    assert listener.asked == []
    assert listener.clock.now == pytest.approx(30.0)


def test_names_every_wrong_answer() -> None:
    """All probes are asked, so that the log shows the whole extent of the damage."""
    assert len(faults(FakeListener(Clock(), offset=0.5))) == 3


def test_one_silent_probe_is_enough_to_stay_shut() -> None:
    """A probe without an answer is a fault; the others are still asked."""
    listener = FakeListener(Clock(), silent="probe-1")
    assert faults(listener) == ("Probe 'probe-1' got no answer: timed out.",)
    assert listener.asked == ["probe-0", "probe-1", "probe-2"]


def test_a_slow_version_runs_out_of_time() -> None:
    """Probes that the time does not suffice for are faults, and the gate returns in time to report."""
    listener = FakeListener(Clock(), takes=20.0)
    assert faults(listener) == ("Probe 'probe-2' was not asked: the time is up.",)
    assert listener.clock.now == pytest.approx(40.0)

"""When the release gate opens, against a fake nodes and a clock that never waits."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from infra.hooks.gate.gate import ROUNDS, Deadline, find_faults
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
class FakeNode:
    """A new version that answers as told; each answer takes its time on the clock."""

    clock: Clock
    readiness: Sequence[int | None] = (200,)
    """Status of each look in turn, the last one for ever; None is no answer."""
    answers: Sequence[int | None] = (200,)
    """The same for the probes."""
    offset: float = 0.0
    takes: float = 0.0
    looks: int = 0
    asked: list[str] = field(default_factory=list)

    def ready(self) -> Answer:
        """Answer the next look."""
        self.looks += 1
        return Answer(planned(self.readiness, self.looks), b"")

    def predict(self, probe: Probe) -> Answer:
        """Answer what the probe expects, plus the offset."""
        self.clock.sleep(self.takes)
        self.asked.append(probe.name)
        body = json.dumps({"prediction": probe.prediction + self.offset}).encode()
        return Answer(planned(self.answers, len(self.asked)), body)


def planned(statuses: Sequence[int | None], turn: int) -> int:
    """Return the status that is planned for a turn, counted from 1."""
    status = statuses[min(turn, len(statuses)) - 1]
    if status is None:
        raise TimeoutError("timed out")
    return status


def faults(*nodes: FakeNode) -> tuple[str, ...]:
    """Run the gate with half a minute to spend."""
    return find_faults(nodes, PROBES, tolerance=1e-9, deadline=nodes[0].clock.deadline())


@pytest.mark.parametrize("readiness", [(200,), (503, 503, 200), (None, 502, 200)])
def test_opens_when_every_probe_is_right(readiness: Sequence[int | None]) -> None:
    """A version that becomes ready and answers every probe rightly passes."""
    node = FakeNode(Clock(), readiness=readiness)
    assert faults(node) == ()
    assert node.asked == ["probe-0", "probe-1", "probe-2"]


def test_one_ready_answer_is_not_enough() -> None:
    """Nodes follow a change of their listener each at its own time, so readiness must last."""
    node = FakeNode(Clock(), readiness=(200, 200, 503, 200, None, 200))
    assert faults(node) == ()
    assert node.looks == 5 + ROUNDS


def test_every_node_must_be_ready() -> None:
    """One node that has not followed keeps the gate waiting, and for ever keeps it shut."""
    clock = Clock()
    late, never = FakeNode(clock, readiness=(503, 503, 200)), FakeNode(clock, readiness=(503,))
    assert faults(FakeNode(clock), late) == ()
    assert late.looks == 2 + ROUNDS
    assert faults(FakeNode(clock), never) == (NOT_READY,)


def test_nodes_take_turns() -> None:
    """The probes go to every node that clients would meet."""
    clock = Clock()
    nodes = FakeNode(clock), FakeNode(clock)
    assert faults(*nodes) == ()
    assert [node.asked for node in nodes] == [["probe-0", "probe-2"], ["probe-1"]]


@pytest.mark.parametrize("status", [503, 404, None])
def test_stays_shut_when_never_ready(status: int | None) -> None:
    """A version that does not become ready in time is not asked anything."""
    node = FakeNode(Clock(), readiness=(status,))
    assert faults(node) == (NOT_READY,)
    assert node.asked == []
    assert node.clock.now == pytest.approx(30.0)


def test_names_every_wrong_answer() -> None:
    """All probes are asked, so that the log shows the whole extent of the damage."""
    assert len(faults(FakeNode(Clock(), offset=0.5))) == 3


@pytest.mark.parametrize("passing", [None, 502, 503, 504])
def test_a_probe_that_no_task_answered_is_asked_again(passing: int | None) -> None:
    """What a load balancer says that is still following a change is no fault of the new version."""
    node = FakeNode(Clock(), answers=(passing, passing, 200))
    assert faults(node) == ()
    assert node.asked == ["probe-0", "probe-0", "probe-0", "probe-1", "probe-2"]


@pytest.mark.parametrize("status", [500, 404, 422, 302])
def test_a_task_s_own_answer_is_final(status: int) -> None:
    """Any other status is a fault at once, even if the next answer would be right."""
    node = FakeNode(Clock(), answers=(status, 200))
    assert faults(node) == (f"Probe 'probe-0' was answered with status {status}.",)
    assert node.asked == ["probe-0", "probe-1", "probe-2"]


def test_a_wrong_prediction_is_final() -> None:
    """A wrong answer is not asked for again."""
    node = FakeNode(Clock(), offset=0.5)
    assert len(faults(node)) == 3
    assert node.asked == ["probe-0", "probe-1", "probe-2"]


@pytest.mark.parametrize(
    ("status", "fault"),
    [(None, "got no answer: timed out."), (503, "was answered with status 503 to the end.")],
)
def test_a_probe_is_asked_again_until_the_deadline(status: int | None, fault: str) -> None:
    """A probe that is never answered is a fault, and so are those that it leaves no time for."""
    node = FakeNode(Clock(), answers=(200, status))
    assert faults(node) == (f"Probe 'probe-1' {fault}", "Probe 'probe-2' was not asked: the time is up.")
    assert node.clock.now == pytest.approx(30.0)


def test_a_slow_version_runs_out_of_time() -> None:
    """Probes that the time does not suffice for are faults, and the gate returns in time to report."""
    node = FakeNode(Clock(), takes=20.0)
    assert faults(node) == ("Probe 'probe-2' was not asked: the time is up.",)
    assert node.clock.now == pytest.approx(40.0 + ROUNDS - 1)

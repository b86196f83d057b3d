"""When the release gate opens, against fake nodes and a clock that never waits."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from infra.hooks.gate.document import GateDocument
from infra.hooks.gate.gate import PAUSE, RETRY, ROUNDS, Deadline, find_faults
from infra.hooks.gate.probes import Answer, Probe
from infra.settings import AlarmSettings

PROBES = tuple(Probe(name=f"probe-{i}", record={"A1": i}, prediction=i / 10) for i in range(3))
VERSION, OLD = "4e" * 32, "0d" * 32
LATE = "The new version was not ready for long enough to be asked anything."


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
    endpoint: str = "10.20.0.7:9000"
    readiness: Sequence[int | None] = (200,)
    """Status of each look in turn, the last one for ever; None is no answer."""
    versions: Sequence[str] = (VERSION,)
    """Version told at each look at a ready one, the last one for ever."""
    answers: Sequence[int | None] = (200,)
    """Like `readiness`, for the probes."""
    offset: float = 0.0
    takes: float = 0.0
    looks: int = 0
    told: int = 0
    asked: list[str] = field(default_factory=list)

    def ready(self) -> Answer:
        """Answer the next look."""
        self.clock.sleep(self.takes)
        self.looks += 1
        return Answer(planned(self.readiness, self.looks), b"")

    def version(self) -> Answer:
        """Tell the next version, or a body of another form when it is empty."""
        self.told += 1
        version = self.versions[min(self.told, len(self.versions)) - 1]
        return Answer(200, json.dumps({"version": version} if version else {}).encode())

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
    document = GateDocument(VERSION, PROBES)
    return find_faults(nodes, document, tolerance=1e-9, deadline=nodes[0].clock.deadline())


def not_ready(why: str) -> str:
    """Return what is said of a node that never became ready."""
    return f"The new version did not become ready at 10.20.0.7:9000: {why}."


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
    assert faults(FakeNode(clock), never) == (not_ready("status 503"),)


@pytest.mark.parametrize("before", [(OLD,), (OLD, OLD, VERSION, OLD), ("", "")])
def test_the_old_version_is_waited_for(before: Sequence[str]) -> None:
    """Nodes that still follow the listener's change answer with the old version, which is no fault yet."""
    node = FakeNode(Clock(), versions=(*before, VERSION))
    assert faults(node) == ()
    assert node.told == len(before) + ROUNDS


@pytest.mark.parametrize(
    ("version", "fault"),
    [
        (OLD, f"10.20.1.8:9000 still serves version '{OLD}' instead of '{VERSION}'."),
        ("x" * 1000, f"10.20.1.8:9000 still serves version '{'x' * 80}' instead of '{VERSION}'."),
        ("", "10.20.1.8:9000 did not say which version it serves: status 200."),
    ],
)
def test_another_version_keeps_the_gate_shut(version: str, fault: str) -> None:
    """A node that serves another version to the end is named, and nothing else is asked."""
    clock = Clock()
    nodes = FakeNode(clock), FakeNode(clock, "10.20.1.8:9000", versions=(version,))
    assert faults(*nodes) == (fault,)
    assert [node.asked for node in nodes] == [[], []]
    assert clock.now == pytest.approx(30.0)


def test_the_gates_own_questions_turn_no_alarm_red() -> None:
    """While nobody answers it asks ten times a minute, of which the load balancer's alarm takes ten."""
    node = FakeNode(Clock(), readiness=(503,))
    document = GateDocument(VERSION, PROBES)
    find_faults([node], document, tolerance=1e-9, deadline=node.clock.deadline(60.0))
    assert node.looks == 10 == AlarmSettings().max_balancer_errors


def test_a_version_that_is_ready_too_late_is_not_asked() -> None:
    """Fewer rounds than it takes are no proof, and the sentence does not blame an earlier look."""
    node = FakeNode(Clock(), readiness=(503, 503, 503, 503, 503, 200))
    deadline = node.clock.deadline(5 * RETRY + PAUSE / 2)
    assert find_faults([node], GateDocument(VERSION, PROBES), tolerance=1e-9, deadline=deadline) == (LATE,)
    assert node.asked == []


def test_nothing_more_is_looked_at_when_time_is_up() -> None:
    """A round over many slow nodes ends with the time, so that the answer is not late."""
    clock = Clock()
    slow = [FakeNode(clock, f"10.20.{i}.7:9000", takes=20.0) for i in range(4)]
    assert faults(*slow) == (LATE,)
    assert [node.looks for node in slow] == [1, 1, 0, 0]


def test_nodes_take_turns() -> None:
    """The probes go to every node that clients would meet."""
    clock = Clock()
    nodes = FakeNode(clock), FakeNode(clock)
    assert faults(*nodes) == ()
    assert [node.asked for node in nodes] == [["probe-0", "probe-2"], ["probe-1"]]


@pytest.mark.parametrize(("status", "why"), [(503, "status 503"), (404, "status 404"), (None, "timed out")])
def test_stays_shut_when_never_ready(status: int | None, why: str) -> None:
    """A version that does not become ready in time is not asked anything."""
    node = FakeNode(Clock(), readiness=(status,))
    assert faults(node) == (not_ready(why),)
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
    node = FakeNode(Clock(), takes=7.0)
    assert faults(node) == (
        "Probe 'probe-1' was not asked: the time is up.",
        "Probe 'probe-2' was not asked: the time is up.",
    )
    assert node.clock.now == pytest.approx((ROUNDS + 1) * 7.0 + (ROUNDS - 1) * PAUSE)

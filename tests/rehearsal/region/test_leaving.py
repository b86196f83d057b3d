"""How tasks are ended, as the judge of a run sees it: with the load balancer and the clock of the test."""

import contextlib
import signal
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rehearsal import tasks
from rehearsal.clock import Clock
from rehearsal.judge import draining
from rehearsal.judge.facts import Facts, Found
from rehearsal.judge.losses import Loss
from rehearsal.judge.played import Event, Played
from rehearsal.judge.requests import Requests
from rehearsal.judge.weights import Shares
from rehearsal.private import Unanswered
from rehearsal.region.ending import Pretend
from rehearsal.region.leaving import Leaving
from rehearsal.region.scheduler import Fleet, Target
from rehearsal.region.task import Stage, Task
from rehearsal.region.watching import Watching
from rehearsal.tasks import Container

TICK = 0.05
FLEET = Fleet("ecs-svc/1", "cluster", "service", "family:1", 1, (Target("arn:blue", "service", 8080),))


@dataclass
class World:
    """Stands for everything around a task that ends; each call takes its time, and so does the task's end."""

    delay: float = 30.0
    """Of its target group, in seconds on AWS."""
    later: float | None = None
    """The same from when the ending has begun; None when nothing changes."""
    call: float = 0.0
    """Seconds that the control plane takes for a call."""
    envoy: float = 0.2
    """Seconds after which the load balancer knows that a target has gone."""
    shutdown: float = 0.2
    """Seconds that the process takes to end once it is told to."""
    refused: int = 0
    """Calls that the control plane does not take."""
    exit_code: None = None
    now: float = 1000.0
    events: list[Event] = field(default_factory=list)
    dies: float = float("inf")
    gone: float = float("inf")

    def status(self, _task: Task, _status: str) -> None:
        """Take a status, or do not."""
        self.now += self.call
        if self.refused:
            self.refused -= 1
            raise Unanswered("not now")

    def register(self, _task: Task) -> None:
        """Take a target in, and give no answer."""
        raise Unanswered("not now")

    def deregister(self, _task: Task) -> None:
        """Let a target go."""
        self.now += self.call
        self.gone = self.now + self.envoy

    def send(self, number: signal.Signals) -> None:
        """Send the process a signal."""
        self.dies = min(self.dies, self.now + (0.0 if number == signal.SIGKILL else self.shutdown))

    @property
    def has_ended(self) -> bool:
        """Whether the process has."""
        return self.now >= self.dies

    def sends_to(self, _group: str, _place: str) -> bool:
        """Whether the load balancer does."""
        return self.now < self.gone

    def happened(self, task: Task, what: str, text: str, /, **details: object) -> None:
        """Write it down as the timeline does."""
        event = {"at": self.now, "kind": "task", "text": text, "task": task.arn, "what": what, **details}
        self.events.append(event)

    def end(
        self,
        *,
        speed: float = 30.0,
        stop: int = 60,
        target: bool = True,
        pretend: Pretend | None = None,
        task: Task | None = None,
    ) -> list[str]:
        """End a task and return what was done to it."""
        leaving = Leaving(cast("Any", self), self.balancing, Clock(speed), self.happened, pretend)
        if task is None:
            task = self.task(stop=stop)
            task.may_be_target = task.registered = target
        leaving.begin(task, "Scaling activity")
        self.delay = self.delay if self.later is None else self.later
        while task.stage is not Stage.STOPPED:
            with contextlib.suppress(Unanswered):
                leaving.go_on(task, self.now)
            self.now += TICK
        return [event["what"] for event in self.events]

    @property
    def balancing(self) -> Any:  # noqa: ANN401 - as much of it as is asked
        """What is asked of the load balancer's side."""
        return SimpleNamespace(delay=lambda _group: self.delay, sends_to=self.sends_to)

    def task(self, *, stop: int = 60) -> Task:
        """Return a task that runs."""
        container = Container("family", 1, "image@sha256:1", (), {}, port=8080, name="s", stop_timeout=stop)
        running = tasks.Task("127.0.0.1", 8080, cast("Any", self))
        return Task("arn/a1", FLEET, "127.0.0.1", 0.0, Stage.RUNNING, container=container, running=running)

    def judged(self) -> Found:
        """What the judge says of it."""
        played = Played(start=0.0, end=self.now, first="", releases=(), faults=(), events=self.events)
        return draining.judge(Facts(played, Requests.of([]), Shares.of([]), Loss([], []), {}, {}, None))


ANY = {
    "world": st.builds(
        World,
        delay=st.integers(1, 300),
        later=st.none() | st.integers(0, 300),
        call=st.floats(0.0, 1.0),
        envoy=st.floats(0.0, 2.0),
        shutdown=st.floats(0.0, 20.0),
        refused=st.integers(0, 3),
    ),
    "speed": st.floats(20.0, 1000.0),
    "stop": st.integers(2, 120),
    "target": st.booleans(),
}


@given(**ANY)
def test_the_right_order_is_judged_right(world: World, speed: float, stop: int, target: bool) -> None:  # noqa: FBT001
    """However slow control plane, load balancer and task are, no wait is shorter than it should be."""
    world.end(speed=speed, stop=stop, target=target)
    assert world.judged()[0] == ("pass" if target else "not played")


@given(pretend=st.sampled_from(Pretend), **ANY)
def test_a_wrong_order_is_judged_wrong(
    pretend: Pretend,
    world: World,
    speed: float,
    stop: int,
    target: bool,  # noqa: FBT001
) -> None:
    """Also where no request is lost by it; what the waits should have been is told, not what they were."""
    world.end(speed=speed, stop=stop, target=target, pretend=pretend)
    assert world.judged()[0] == "fail"


def test_draining_that_a_target_group_switches_off_is_judged_wrong() -> None:
    """A deregistration delay of 0 is what its templates say, and no less wrong."""
    world = World(delay=0)
    assert world.end() == ["draining", "stopping", "stopped"]
    assert world.judged()[0] == "fail"


@pytest.mark.parametrize("after", [0.0, 0.3])
def test_a_task_that_dies_meanwhile_was_not_told_to_end(after: float) -> None:
    """Killed by somebody while it leaves: it died of itself, and nothing was done in a wrong order."""
    world = World(call=0.2, dies=1000.1 + after)
    assert "stopping" not in world.end()
    assert world.judged()[0] == "not played"


def test_a_call_that_is_not_taken_changes_nothing_of_what_is_due() -> None:
    """The step is done again, and tells the delay of the target group that the task was in."""
    world = World(refused=1)
    assert world.end() == ["draining", "stopping", "stopped"]
    assert [event["least_s"] for event in world.events[:2]] == [1.0, 10.0]


def test_a_target_whose_registering_was_not_answered_drains_before_it_ends() -> None:
    """It may take requests all the same: nobody knows better until it is asked for again."""
    world = World()
    task = world.task()
    watching = Watching(cast("Any", world), cast("Any", None), world.balancing, Clock(30), world.happened)
    with pytest.raises(Unanswered):
        watching.watch(task, now=20.0)
    world.end(task=task)
    assert [event["least_s"] for event in world.events[:2]] == [1.0, 10.0]
    assert world.judged()[0] == "pass"

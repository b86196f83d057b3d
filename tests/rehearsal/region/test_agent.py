"""The agent's decisions over time, with tasks and a control plane that do what the test says."""

import signal
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, cast

import pytest

from rehearsal import tasks
from rehearsal.clock import Clock
from rehearsal.private import Unanswered
from rehearsal.region.agent import Agent
from rehearsal.region.leaving import Leaving
from rehearsal.region.scheduler import Fleet, Target
from rehearsal.region.starter import CannotStart
from rehearsal.region.task import Task
from rehearsal.region.watching import Watching
from rehearsal.tasks import Container

FLEET = Fleet("ecs-svc/1", "cluster", "service", "family:1", 2, (Target("arn:blue", "service", 8080),))


@dataclass
class World:
    """Stands for everything around the agent: it keeps what is told, and says what it is told to say."""

    told: list[str] = field(default_factory=list)
    refuses: bool = False
    missing: bool = False
    sent_to: bool = False
    signals: list[int] = field(default_factory=list)
    code: int | None = None
    made: int = 0

    def created(self, _fleet: Fleet, _address: str) -> str:
        """Make a task known."""
        self._tell("created")
        self.made += 1
        return f"arn/{self.made}"

    def status(self, _task: Task, status: str) -> None:
        """Take a status."""
        self._tell(status)

    def register(self, _task: Task) -> None:
        """Take a target."""
        self._tell("registered")

    def deregister(self, _task: Task) -> None:
        """Let a target go."""
        self._tell("deregistered")

    def _tell(self, what: str) -> None:
        if self.refuses:
            raise Unanswered("not now")
        self.told.append(what)

    def container(self, _definition: str) -> Container:
        """What every definition describes."""
        return Container("family", 1, "image@sha256:1", (), {}, port=8080, name="service", stop_timeout=60)

    def digest(self, _container: Container) -> str:
        """The image's."""
        return "sha256:1"

    def settled(self, _running: tasks.Task) -> None:
        """Nothing is held back."""

    def start(self, task: Task, _container: Container) -> tasks.Task:
        """Start nothing that is real."""
        if self.missing:
            raise CannotStart("CannotPullContainerError: gone")
        program: Any = SimpleNamespace(
            process=SimpleNamespace(pid=1), exit_code=self.code, send=self.signals.append, has_ended=False
        )
        return tasks.Task(task.address, 8080, program)

    def forget(self, _running: tasks.Task) -> None:
        """Nothing is left."""

    def delay(self, _group: str) -> float:
        """As the templates have it."""
        return 30.0

    def sends_to(self, _group: str, _place: str) -> bool:
        """As the test says."""
        return self.sent_to

    def state(self, _group: str, _place: str) -> str:
        """Always well."""
        return "healthy"


@pytest.fixture
def world() -> World:
    """Around the agent."""
    return World()


@pytest.fixture
def agent(world: World) -> Agent:
    """An agent in it, at ten times the speed."""
    anything = cast("Any", world)
    happened = cast("Any", lambda *_, **__: None)
    return Agent(
        watching=Watching(anything, anything, anything, Clock(10), happened),
        leaving=Leaving(anything, anything, Clock(10), happened),
        addresses=["127.0.0.1", "127.0.0.2", "127.0.0.3"],
        fleets=(FLEET,),
    )


def play(agent: Agent, *, begin: float, end: float) -> None:
    """Let time pass."""
    now = begin
    while now < end:
        agent.tick(now)
        now += 0.1


def test_one_task_starts_at_a_time(agent: Agent, world: World) -> None:
    """The next one when this one listens or has had its time; here nobody listens, for ten seconds."""
    agent.tick(0.0)
    agent.tick(1.0)
    assert (world.made, [task.stage.value for task in agent.tasks.values()]) == (2, ["running", "pending"])
    agent.tick(5.0)
    assert [task.stage.value for task in agent.tasks.values()] == ["running", "running"]
    assert len({task.address for task in agent.tasks.values()}) == 2


def test_what_is_refused_is_told_again_later(agent: Agent, world: World) -> None:
    """Once it is taken, nothing is told twice."""
    world.refuses = True
    play(agent, begin=0, end=2)
    assert agent.tasks == {}
    world.refuses = False
    play(agent, begin=2, end=20)
    assert sorted(world.told) == ["RUNNING"] * 2 + ["created"] * 2 + ["registered"] * 2


def test_a_task_ends_in_order_and_the_delay_begins_when_it_gets_nothing_new(
    agent: Agent, world: World
) -> None:
    """Thirty seconds are three here; SIGTERM comes after them, SIGKILL when the stop timeout is over."""
    play(agent, begin=0, end=20)
    agent.fleets, world.sent_to = (), True
    world.told.clear()
    play(agent, begin=20, end=25)
    assert (world.told, world.signals) == (["deregistered", "DEACTIVATING"] * 2, [])
    world.sent_to = False
    play(agent, begin=25, end=27.8)
    assert world.signals == []
    play(agent, begin=27.8, end=28.5)
    assert (world.told[4:], world.signals) == (["STOPPING"] * 2, [signal.SIGTERM] * 2)
    play(agent, begin=28.5, end=37.5)
    assert world.signals == [signal.SIGTERM] * 2
    play(agent, begin=37.5, end=50)
    assert world.signals == [signal.SIGTERM] * 2 + [signal.SIGKILL] * 2
    assert (world.told[6:], agent.tasks) == (["STOPPED"] * 2, {})


def test_a_task_that_cannot_start_is_tried_again_ever_later(agent: Agent, world: World) -> None:
    """And never told as running."""
    world.missing = True
    play(agent, begin=0, end=10)
    assert set(world.told) == {"created", "STOPPED"}
    assert 4 <= world.made <= 20
    made = world.made
    play(agent, begin=10, end=11)
    assert world.made - made <= 2

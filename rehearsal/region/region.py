"""The whole region: Envoy, the agent and what follows the control plane, as one process with few threads."""

import contextlib
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from rehearsal import described, envoy, isolation, sessions
from rehearsal.alarms.watch import Watch
from rehearsal.clock import Clock
from rehearsal.docker import Docker
from rehearsal.envoy import Envoy
from rehearsal.errors import StepFailed
from rehearsal.follow import Follower
from rehearsal.metrics.balancer import Names
from rehearsal.private import Private
from rehearsal.region import priorities
from rehearsal.region.agent import Agent
from rehearsal.region.as_processes import Processes
from rehearsal.region.balancing import Balancing
from rehearsal.region.containers import Containers
from rehearsal.region.ending import Pretend
from rehearsal.region.events import Events
from rehearsal.region.leaving import Leaving
from rehearsal.region.order import Runtime
from rehearsal.region.scheduler import Fleet
from rehearsal.region.starter import Starter
from rehearsal.region.told import Told
from rehearsal.region.watching import Watching
from rehearsal.timeline import Timeline
from rehearsal.tls import Certificate

if TYPE_CHECKING:
    from mypy_boto3_ecs import ECSClient
    from mypy_boto3_elbv2 import ElasticLoadBalancingv2Client

TICK: Final = 0.05
_REST: Final = 0.1
_WAIT: Final = 0.5
_TASKS: Final = range(10, 250)
"""The last byte of tasks' addresses."""


@dataclass(frozen=True, slots=True)
class Options:
    """What a region is told at its start."""

    endpoint: str
    load_balancer: str
    """ARN of the one load balancer."""
    address: str
    """Where the load balancer stands; the tasks stand beside it, in the same /24."""
    run: Path
    """The run's folder."""
    images: Path
    """The store of images."""
    root: Path
    """The repository."""
    clock: Clock
    colours: Mapping[str, str]
    """Colours by the ARN of their target group, for the timeline."""
    prefix: str = ""
    """Start of every name of the stage that is played, and its cluster's whole name; all that there is when
    it is empty."""
    certificate: Certificate | None = None
    pretend: Pretend | None = None


class Region:
    """Everything that runs; nothing does before `opened`."""

    def __init__(self, options: Options, environment: Mapping[str, str]) -> None:
        own = dict(environment)
        isolation.forget_aws(own)
        self._options, self._environment = options, own
        self._ecs, self._elbv2 = _clients(options.endpoint)
        self._private = Private(options.endpoint)
        self._events = Events(Timeline.of(options.run), options.colours)
        self._done = threading.Event()

    def run(self, done: threading.Event) -> None:
        """Play until told to end, then end everything that was started.

        Raises:
            StepFailed: Envoy ended, or no longer follows the control plane.
        """
        with self._balanced() as (played, follower):
            balancing = Balancing(played, self._private, lambda: follower.seen)
            agent = self._agent(balancing)
            with self._beside(agent, balancing) as beside, contextlib.closing(_Ended(agent)):
                while not done.wait(TICK):
                    agent.tick(time.monotonic())
                    follower.check()
                    if played.program.has_ended:
                        raise StepFailed(f"Envoy ended; its output ends with:\n{played.program.tail()}")
                    if not all(thread.is_alive() for thread in beside):
                        raise StepFailed("The region no longer looks at its targets: the log says why.")

    @contextlib.contextmanager
    def _balanced(self) -> Iterator[tuple[Envoy, Follower]]:
        """Start Envoy and let it follow."""
        options = self._options
        balancer = described.describe(self._elbv2, options.load_balancer).on(options.clock)
        played = envoy.start(
            balancer,
            address=options.address,
            folder=options.run / "envoy",
            environment=self._environment,
            binary=Path(sys.executable).parent / "envoy",
            log=options.run / "envoy.log",
            certificate=options.certificate,
        )
        self._events.weights(balancer)
        self._private.tell_load_balancer(options.load_balancer, address=options.address)
        try:
            with Follower(
                self._elbv2, played, balancer, changed=self._events.weights, clock=options.clock
            ) as follower:
                yield played, follower
        finally:
            envoy.stop(played)

    @contextlib.contextmanager
    def _beside(self, agent: Agent, balancing: Balancing) -> Iterator[list[threading.Thread]]:
        """Let the threads run that look and tell, for as long as the context lasts."""
        threads = [
            threading.Thread(target=balancing.watch, args=(self._done, time.monotonic), name="targets"),
            threading.Thread(target=self._ask, args=(agent,), name="fleets"),
        ]
        watch = self._watch(balancing)
        for thread in threads:
            thread.start()
        watch.start()
        try:
            yield threads
        finally:
            self._done.set()
            watch.stop()
            for thread in threads:
                thread.join()

    def _watch(self, balancing: Balancing) -> Watch:
        """Return what makes metrics of requests and health, and alarms of metrics."""
        options = self._options
        return Watch(
            options.endpoint,
            options.clock,
            folder=options.run / "envoy",
            names=lambda: Names(
                options.load_balancer, {group.name: group.arn for group in balancing.seen().target_groups}
            ),
            health=lambda: balancing.health,
            timeline=Timeline.of(options.run),
            prefix=options.prefix,
        )

    def _agent(self, balancing: Balancing) -> Agent:
        options = self._options
        told = Told(self._ecs, self._elbv2, self._private)
        starter = Starter(
            ecs=self._ecs,
            clock=options.clock,
            images=options.images,
            root=options.root,
            runtime=self._runtime(),
        )
        happened = self._events.task
        prefix = options.address.rpartition(".")[0]
        return Agent(
            watching=Watching(told, starter, balancing, options.clock, happened),
            leaving=Leaving(told, balancing, options.clock, happened, options.pretend),
            addresses=[f"{prefix}.{number}" for number in _TASKS],
        )

    def _runtime(self) -> Runtime:
        """Return what plays tasks: Docker, where the run's folder names it."""
        options = self._options
        docker = Docker.of(options.run)
        if docker is not None:
            return Containers(docker, self._environment, options.run)
        return Processes(options.run, options.root / ".venv-service" / "bin" / "python", self._environment)

    def _ask(self, agent: Agent) -> None:
        """Ask what should run whenever something has changed."""
        priorities.stand_back()
        told, count = agent.watching.told, -1
        while not self._done.wait(_REST):
            try:
                count = self._private.changes(count, wait=_WAIT)
                agent.tell(self._fleets(), told.stopped_by_others(list(agent.tasks.values())))
            except (BotoCoreError, ClientError, StepFailed) as error:
                sys.stderr.write(f"The control plane did not say what should run: {error}\n")

    def _fleets(self) -> list[Fleet]:
        """Return the fleets that are to run here: other regions of the control plane play the others."""
        found = [Fleet.of(item) for item in self._private.fleets()]
        return [fleet for fleet in found if self._options.prefix in {"", fleet.cluster.rpartition("/")[2]}]


class _Ended:
    """Ends an agent's tasks when it is closed."""

    def __init__(self, agent: Agent) -> None:
        self._agent = agent

    def close(self) -> None:
        self._agent.end_all()


def _clients(endpoint: str) -> tuple["ECSClient", "ElasticLoadBalancingv2Client"]:
    session = sessions.session()
    config = Config(
        proxies={},
        connect_timeout=2,
        read_timeout=10,
        retries={"max_attempts": 1},
        user_agent_extra="switchyard-region",
    )
    return (
        session.client("ecs", endpoint_url=endpoint, config=config),
        session.client("elbv2", endpoint_url=endpoint, config=config),
    )

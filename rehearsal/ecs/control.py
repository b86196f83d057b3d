"""Carries out what a service deployment wants, and looks at what became of it."""

import json
import logging
import threading
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from rehearsal import patience, sessions
from rehearsal.aws.ecs import store, task_sets
from rehearsal.aws.launch import Launch
from rehearsal.aws.original import cloudwatch
from rehearsal.ecs import fleets, planning, questions, traffic
from rehearsal.ecs.plan import Act, Side, Step, Until
from rehearsal.ecs.records import ServiceDeployment
from rehearsal.ecs.state import Answered, Counted, Do, Invoke
from rehearsal.isolation import ACCOUNT, REGION

if TYPE_CHECKING:
    from mypy_boto3_elbv2 import ElasticLoadBalancingv2Client
    from mypy_boto3_lambda import LambdaClient

T = TypeVar("T")
_PATIENCE: Final = 30.0
_LONGEST_FUNCTION: Final = 900
"""Seconds that Lambda gives a function at most."""
_log: Final = logging.getLogger(__name__)


class Refused(Exception):  # noqa: N818 - says what happened
    """What was wanted was refused for good; its text is the reason."""


class Control:
    """The control plane's own hands; its calls of other services go over their APIs, as ECS's do."""

    def __init__(self, launch: Launch) -> None:
        self._launch = launch
        self._lock = threading.Lock()
        self._clients: dict[str, Any] = {}

    def client(self, name: str) -> Any:  # noqa: ANN401 - one of several clients
        """Return a client of this control plane, made when it is first needed."""
        with self._lock:
            if name not in self._clients:
                self._clients[name] = self._connect(name)
            return self._clients[name]

    def _connect(self, name: str) -> Any:  # noqa: ANN401
        return sessions.client(
            name,
            self._launch.endpoint,
            connect_timeout=5,
            read_timeout=_LONGEST_FUNCTION + 10,
            retries={"total_max_attempts": 1},
            user_agent_extra="switchyard-ecs",
        )

    def do(self, deployment: ServiceDeployment, wanted: Do) -> None:
        """Do what a step begins with.

        Raises:
            Refused: A rule or target group is not there.
        """
        match wanted.act:
            case Act.RECONCILE:
                self._reconcile(deployment)
            case Act.MOVE:
                self._move(deployment, wanted.percent, test=False)
            case Act.MOVE_TEST:
                self._move(deployment, 100.0 if wanted.side is Side.TARGET else 0.0, test=True)
            case _:
                self._change_fleets(deployment, wanted)
        self._launch.changes.note()

    def halt(self, deployment: ServiceDeployment) -> None:
        """Start no more tasks of the target."""
        with store.LOCK:
            fleets.freeze(store.backend(), deployment.service, deployment.target)
        self._launch.changes.note()

    def is_over(self, deployment: ServiceDeployment, step: Step) -> bool:
        """Return whether what a step waits for has come; a rolling update moves on with every look."""
        service, alone = deployment.service, not deployment.plan.two_colours
        with store.LOCK:
            kept, side = store.backend(), deployment.at(step.side)
            if deployment.state.status.ended:  # another one took its place meanwhile
                return False
            if step.until is Until.GONE:
                return fleets.is_gone(kept, service, step.side, deployment)
            if side is None:
                return True
            if alone:
                self._roll(deployment, step.side)
            return fleets.is_steady(kept, service, side, alone=alone)

    def counted(self, deployment: ServiceDeployment, step: Step) -> Counted | None:
        """Count the tasks of the side that scales up."""
        with store.LOCK:
            side = deployment.at(step.side)
            if side is None:
                return None
            failed, healthy = fleets.counted(store.backend(), side)
            return Counted(failed, healthy, store.desired_count(deployment.service))

    def red(self, names: tuple[str, ...]) -> tuple[str, ...]:
        """Return which of some alarms are red."""
        alarms = cloudwatch.cloudwatch_backends[ACCOUNT][REGION].alarms
        return tuple(name for name in names if name in alarms and alarms[name].state_value == "ALARM")

    def ask(
        self, deployment: ServiceDeployment, question: Invoke, answer: Callable[[Answered], None]
    ) -> None:
        """Call a hook's function in the background; what it answers is given to `answer`."""
        event = questions.event(deployment, question)
        function = deployment.plan.hooks[question.hook].function
        threading.Thread(
            target=lambda: answer(self._asked(question, function, event)),
            name=f"hook {question.stage}",
            daemon=True,
        ).start()

    def _asked(self, question: Invoke, function: str, event: Any) -> Answered:  # noqa: ANN401 - JSON
        client: LambdaClient = self.client("lambda")
        try:
            answer = self._patiently(
                lambda: client.invoke(FunctionName=function, Payload=json.dumps(event).encode())
            )
        except Refused as error:
            return questions.broken(question, str(error))
        return questions.read(
            question,
            answer["Payload"].read(),
            failed="FunctionError" in answer,
            real=self._launch.clock.real,
        )

    def _change_fleets(self, deployment: ServiceDeployment, wanted: Do) -> None:
        with store.LOCK:
            kept, service = store.backend(), deployment.service
            side = deployment.at(wanted.side)
            if deployment.state.status.ended:
                return
            if wanted.act is Act.DRAIN:
                if wanted.side is Side.SOURCE:
                    fleets.drain_all_but(kept, service, None, deployment.target)
                elif deployment.target.fleet.status != "DRAINING":
                    task_sets.drain(kept, service, deployment.target.fleet)
            elif side is not None:
                fleets.lead(service, side)
                if deployment.plan.two_colours:
                    side.fleet.wanted = None
                else:
                    self._roll(deployment, wanted.side)

    def _roll(self, deployment: ServiceDeployment, side: Side) -> None:
        service, revision = deployment.service, deployment.at(side)
        if revision is not None:
            limits = planning.limits(deployment.configuration, store.desired_count(service))
            before = [fleet.wanted for fleet in service.deployments]
            fleets.roll(store.backend(), service, revision, limits)
            if before != [fleet.wanted for fleet in service.deployments]:
                self._launch.changes.note()

    def _reconcile(self, deployment: ServiceDeployment) -> None:
        if deployment.source is not None:
            self._move(deployment, 0.0, test=False)
            self._move(deployment, 0.0, test=True)
        with store.LOCK:
            fleets.drain_all_but(store.backend(), deployment.service, deployment.source, deployment.target)

    def _move(self, deployment: ServiceDeployment, percent: float, *, test: bool) -> None:
        """Give the target so much of the traffic; what no rule leads moves nowhere."""
        client: ElasticLoadBalancingv2Client = self.client("elbv2")
        asked, target = deployment.target.load_balancers, deployment.target.fleet.asked
        for item, own in zip(asked, target.get("loadBalancers", []), strict=True):
            shares = traffic.weights(item, own.get("targetGroupArn", ""), percent)
            for rule in traffic.rules(item, test=test):
                self._patiently(partial(traffic.write, client, rule, shares))

    def _patiently(self, call: Callable[[], T]) -> T:
        """Return what a call returns that may be made twice.

        Raises:
            Refused: it was refused, or got no answer for long.
        """
        try:
            return patience.patiently(call, seconds=_PATIENCE)
        except (BotoCoreError, ClientError) as error:
            raise Refused(str(error)) from error

"""Health of registered targets, as whoever plays the load balancer has found it.

AWS documentation:
- ELBv2 API Reference, "TargetHealth": `initial` with Elb.InitialHealthChecking until the first checks have
  been answered; a reason and a description with every state but `healthy`; `unused` with Target.NotInUse when
  no load balancer uses the group, with Target.NotRegistered when the target is not in it.
- ELBv2 API Reference, "DeregisterTargets": deregistering what is not registered succeeds.
- User Guide for Application Load Balancers, "Edit target group attributes" (Deregistration delay): a
  deregistered target is shown as `draining` until the delay has elapsed, even when nothing was in flight.
- "Target groups for your Application Load Balancers" (Registered targets): the same target may be registered
  several times, with different ports.

moto calls every registered target healthy, knows one port for each, and forgets a deregistered one at once.
"""

import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TypeAlias

from rehearsal.aws.original import Moto, balancing, balancing_errors
from rehearsal.health import INITIAL, TargetHealth
from rehearsal.isolation import ACCOUNT, REGION

if TYPE_CHECKING:
    from werkzeug.wrappers import Request

    from rehearsal.aws.launch import Launch
    from rehearsal.aws.server import Routes

Place: TypeAlias = tuple[str, int]
"""An address and a port."""

_DELAY: Final = "deregistration_delay.timeout_seconds"
_LOCK: Final = threading.RLock()


NOT_IN_USE: Final = TargetHealth(
    "unused",
    "Target.NotInUse",
    "Target group is not configured to receive traffic from the load balancer",
)
NOT_REGISTERED: Final = TargetHealth(
    "unused", "Target.NotRegistered", "Target is not registered to the target group"
)
DRAINING: Final = TargetHealth(
    "draining", "Target.DeregistrationInProgress", "Target deregistration is in progress"
)


@dataclass(slots=True)
class Board:
    """What is known of one group's targets."""

    registered: dict[Place, TargetHealth] = field(default_factory=dict)
    """With the newest verdict on each."""
    leaving: dict[Place, float] = field(default_factory=dict)
    """Deregistered targets, and the monotonic time at which each is no longer described."""

    def register(self, place: Place) -> None:
        """Take a target in; one that was there already keeps its verdict."""
        self.leaving.pop(place, None)
        self.registered.setdefault(place, INITIAL)

    def deregister(self, place: Place, *, gone_at: float) -> None:
        """Let a target go; nothing happens to one that is not there."""
        if self.registered.pop(place, None) is not None:
            self.leaving[place] = gone_at

    def judge(self, place: Place, health: TargetHealth) -> None:
        """Keep a verdict on a target, if it is there."""
        if place in self.registered:
            self.registered[place] = health

    def health(self, place: Place, *, in_use: bool, now: float) -> TargetHealth:
        """Return what is told of a target."""
        if place in self.registered:
            return self.registered[place] if in_use else NOT_IN_USE
        return DRAINING if self.leaving.get(place, 0.0) > now else NOT_REGISTERED

    def places(self, *, now: float) -> list[Place]:
        """Return every target that is described: those that are registered, then those that leave."""
        return [*self.registered, *(place for place, until in self.leaving.items() if until > now)]


def mend(launch: "Launch") -> "Routes":
    """Keep targets by address and port, and tell of their health what it was told."""

    def deregister(group: Moto, targets: Sequence[Mapping[str, Moto]]) -> None:
        delay = launch.clock.real(float(group.attributes.get(_DELAY, 300)))
        with _LOCK:
            for place in [found for target in targets for found in _meant(group, target)]:
                _board(group).deregister(place, gone_at=time.monotonic() + delay)
        launch.changes.note_in(delay)

    balancing.FakeTargetGroup.register = _register
    balancing.FakeTargetGroup.deregister = deregister
    balancing.ELBv2Backend.describe_target_health = _describe
    return {("PUT", "/rehearsal/target-health"): _judge}


def is_ready(group_arn: str, place: Place) -> bool:
    """Return whether a target is healthy, or is registered where no load balancer checks it."""
    backend = _backend()
    group = backend.target_groups.get(group_arn)
    if group is None:
        return False
    with _LOCK:
        health = _board(group).health(place, in_use=_is_used(backend, group_arn), now=time.monotonic())
    return health.state == "healthy" or health == NOT_IN_USE


def is_attached(group_arn: str) -> bool:
    """Return whether some listener or rule of a load balancer forwards to a target group."""
    return _is_used(_backend(), group_arn)


def _register(group: Moto, targets: Sequence[Mapping[str, Moto]]) -> None:
    with _LOCK:
        for target in targets:
            _board(group).register(_place(group, target))


def _describe(backend: Moto, target_group_arn: str, targets: Sequence[Mapping[str, Moto]]) -> Moto:
    group = backend.target_groups.get(target_group_arn)
    if group is None:
        raise balancing_errors.TargetGroupNotFoundError
    now, in_use = time.monotonic(), _is_used(backend, target_group_arn)
    with _LOCK:
        board = _board(group)
        places = [_place(group, target) for target in targets] if targets else board.places(now=now)
        return [_described(group, place, board.health(place, in_use=in_use, now=now)) for place in places]


def _described(group: Moto, place: Place, health: TargetHealth) -> Mapping[str, Moto]:
    told = {"State": health.state, "Reason": health.reason, "Description": health.description}
    checked = group.health_check_port
    return {
        "Target": {"Id": place[0], "Port": place[1]},
        "HealthCheckPort": str(place[1] if checked in (None, "traffic-port") else checked),
        "TargetHealth": {key: value for key, value in told.items() if value},
    }


def _judge(request: "Request") -> object:
    """Take verdicts; answer which groups are unknown, since one may have been deleted meanwhile."""
    groups = _backend().target_groups
    verdicts: Mapping[str, Mapping[str, Mapping[str, str]]] = request.get_json()
    with _LOCK:
        for arn, targets in verdicts.items():
            for name, told in targets.items() if arn in groups else ():
                address, _, port = name.rpartition(":")
                _board(groups[arn]).judge((address, int(port)), TargetHealth.from_json(told))
    return {"unknown": [arn for arn in verdicts if arn not in groups]}


def _board(group: Moto) -> Board:
    if not hasattr(group, "board"):
        group.board = Board()
    board: Board = group.board
    return board


def _place(group: Moto, target: Mapping[str, Moto]) -> Place:
    return target["Id"], int(target.get("Port") or group.port)


def _meant(group: Moto, target: Mapping[str, Moto]) -> list[Place]:
    """Return which targets one that is to be deregistered means: without a port, all of its address."""
    if target.get("Port"):
        return [_place(group, target)]
    return [place for place in _board(group).registered if place[0] == target["Id"]]


def _is_used(backend: Moto, group_arn: str) -> bool:
    return any(group_arn in _destinations(actions) for actions in _actions(backend))


def _actions(backend: Moto) -> Iterator[Sequence[Moto]]:
    for balancer in list(backend.load_balancers.values()):
        for listener in list(balancer.listeners.values()):
            yield listener.default_actions
            for rule in list(listener.rules.values()):
                yield rule.actions


def _destinations(actions: Sequence[Moto]) -> Iterator[str]:
    for action in actions:
        yield from (
            item["TargetGroupArn"] for item in action.data.get("ForwardConfig", {}).get("TargetGroups", [])
        )
        if "TargetGroupArn" in action.data:
            yield action.data["TargetGroupArn"]


def _backend() -> Moto:
    return balancing.elbv2_backends[ACCOUNT][REGION]

"""The load balancer's side of the region: how targets stand, found by Envoy, told to the control plane."""

import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from rehearsal.envoy import Envoy
from rehearsal.health import INITIAL
from rehearsal.private import Health, Private, Unanswered
from rehearsal.region import priorities, target_health
from rehearsal.region.target_health import Found, Judgement
from rehearsal.traffic import LoadBalancer, TargetGroup

INTERVAL: Final = 0.15
"""Seconds between two looks."""
UNUSED: Final = "unused"
_DEFAULT_DELAY: Final = 300.0

Standing = dict[str, dict[str, Judgement]]
"""Target group's ARN → `address:port` → judgement."""


def judged(
    before: Standing, balancer: LoadBalancer, found: Callable[[TargetGroup], dict[str, Found]], *, now: float
) -> Standing:
    """Return how every registered target stands after another look.

    Args:
        before: How they stood; who is new is looked at from now on.
        balancer: Which targets are registered, and how often they are checked.
        found: Returns what Envoy says of a group's hosts.
        now: The time on the clock of the judgements.
    """
    after: Standing = {}
    for group in balancer.target_groups:
        hosts, known = found(group), before.get(group.arn, {})
        patience = group.health_check.interval * group.health_check.unhealthy_threshold
        places = [f"{address}:{port}" for address, port in group.targets]
        after[group.arn] = {
            place: known.get(place, Judgement(now)).after(
                hosts.get(place, Found.UNCHECKED), now=now, patience=patience
            )
            for place in places
        }
    return after


@dataclass
class Balancing:
    """Looks at Envoy several times a second, on a thread of its own, and tells what has changed."""

    envoy: Envoy
    private: Private
    seen: Callable[[], LoadBalancer]
    """Returns what Envoy plays now."""
    standing: Standing = field(default_factory=dict)
    health: Health = field(default_factory=dict)
    """What the control plane was told last."""

    def delay(self, group: str) -> float:
        """Return a target group's deregistration delay, in seconds on AWS."""
        delays = {found.arn: found.deregistration_delay for found in self.seen().target_groups}
        return delays.get(group, _DEFAULT_DELAY)

    def sends_to(self, group: str, place: str) -> bool:
        """Whether a target may still get new requests: Envoy was not told otherwise."""
        return any(
            found.arn == group and place in {f"{address}:{port}" for address, port in found.targets}
            for found in self.seen().target_groups
        )

    def state(self, group: str, place: str) -> str:
        """Return how a target stands; in a group that no listener uses, none is checked."""
        if group not in {found.arn for found in self.seen().target_groups}:
            return UNUSED
        judgement = self.standing.get(group, {}).get(place)
        return judgement.health.state if judgement else INITIAL.state

    def watch(self, done: threading.Event, now: Callable[[], float]) -> None:
        """Look until told to end."""
        priorities.stand_back()
        while not done.wait(INTERVAL):
            try:
                self.look(now())
            except Unanswered as error:
                sys.stderr.write(f"The control plane did not hear how targets stand: {error}\n")

    def look(self, now: float) -> None:
        """Look once, and tell the control plane if anything has changed."""
        clusters = self.envoy.clusters()
        self.standing = judged(
            self.standing, self.seen(), lambda group: target_health.hosts(clusters, group.name), now=now
        )
        health = {
            group: {place: judgement.health.as_json() for place, judgement in targets.items()}
            for group, targets in self.standing.items()
        }
        if health != self.health:
            self.private.tell_target_health(health)
            self.health = health

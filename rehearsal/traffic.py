"""What the load balancer should do: listeners, rules, weights, targets, health checks.

Plain data; `rehearsal.described` reads it from ELBv2, `rehearsal.envoy` turns it into a running load
balancer.
"""

from dataclasses import dataclass, replace
from typing import Final

from rehearsal.clock import Clock
from rehearsal.errors import StepFailed

PRODUCTION_PORTS: Final = (443, 80)

LEAST_INTERVAL: Final = 0.2
"""Seconds of this machine between two health checks at least."""
LEAST_TIMEOUT: Final = 1.0
"""Seconds of this machine that a health check may take at least: answers do not come faster here."""

Weights = tuple[tuple[str, int], ...]
"""The share of traffic, by weight, that each target group takes."""


@dataclass(frozen=True, slots=True)
class HealthCheck:
    """How a target group finds out which targets may take traffic; times in seconds."""

    path: str
    interval: float
    timeout: float
    healthy_threshold: int
    unhealthy_threshold: int
    codes: tuple[tuple[int, int], ...]

    def on(self, clock: Clock) -> "HealthCheck":
        """Return the check with the times that it has on this machine."""
        return replace(
            self,
            interval=max(clock.real(self.interval), min(self.interval, LEAST_INTERVAL)),
            timeout=max(clock.real(self.timeout), min(self.timeout, LEAST_TIMEOUT)),
        )


@dataclass(frozen=True, slots=True)
class TargetGroup:
    """A colour: its name, its health check and its targets as (address, port)."""

    arn: str
    name: str
    health_check: HealthCheck
    targets: tuple[tuple[str, int], ...]
    """Those that are registered; one that drains is not among them."""
    deregistration_delay: int = 300
    """Seconds that a deregistered target may finish what it took."""
    least_outstanding: bool = False
    """Whether the target with the fewest requests in flight gets the next one, rather than each in turn."""


@dataclass(frozen=True, slots=True)
class Redirect:
    """An answer that sends the client to another port of the same host."""

    protocol: str
    port: int
    permanent: bool


@dataclass(frozen=True, slots=True)
class Rule:
    """What applies to paths that begin with one of these, before the listener's default action does."""

    priority: int
    prefixes: tuple[str, ...]
    weights: Weights


@dataclass(frozen=True, slots=True)
class Listener:
    """A port and what happens to a request there; with a TLS policy it speaks HTTPS."""

    arn: str
    port: int
    weights: Weights
    rules: tuple[Rule, ...] = ()
    redirect: Redirect | None = None
    tls_policy: str | None = None

    @property
    def effective(self) -> Weights:
        """The weights for any path: a rule for every path comes before the default action."""
        for rule in self.rules:
            if "/" in rule.prefixes:
                return rule.weights
        return self.weights

    @property
    def scheme(self) -> str:
        """`https` or `http`."""
        return "https" if self.tls_policy else "http"


@dataclass(frozen=True, slots=True)
class LoadBalancer:
    """A load balancer with everything that decides where a request goes."""

    arn: str
    idle_timeout: int
    listeners: tuple[Listener, ...]
    target_groups: tuple[TargetGroup, ...]

    def on(self, clock: Clock) -> "LoadBalancer":
        """Return it with its health checks as often as they come on this machine; nothing else changes."""
        groups = [replace(group, health_check=group.health_check.on(clock)) for group in self.target_groups]
        return replace(self, target_groups=tuple(groups))

    def keeping(self, before: "LoadBalancer") -> "LoadBalancer":
        """Return it with the targets that its groups had before, beside those that they have."""
        had = {group.arn: group.targets for group in before.target_groups}
        groups = [
            replace(group, targets=tuple(dict.fromkeys((*had.get(group.arn, ()), *group.targets))))
            for group in self.target_groups
        ]
        return replace(self, target_groups=tuple(groups))

    @property
    def destinations(self) -> frozenset[str]:
        """The ARNs of the target groups that listeners and rules forward to."""
        forwards = [
            weights for item in self.listeners for weights in (item.weights, *(r.weights for r in item.rules))
        ]
        return frozenset(arn for weights in forwards for arn, _ in weights)

    @property
    def ports(self) -> tuple[int, ...]:
        """The listeners' ports."""
        return tuple(listener.port for listener in self.listeners)

    @property
    def production(self) -> Listener:
        """The listener that clients call, and that does not send them on to another.

        Raises:
            StepFailed: There is none.
        """
        for port in PRODUCTION_PORTS:
            for listener in self.listeners:
                if listener.port == port and listener.redirect is None:
                    return listener
        raise StepFailed("The load balancer has no production listener.")

    @property
    def test(self) -> Listener:
        """The listener that only the release gate calls.

        Raises:
            StepFailed: There is none.
        """
        for listener in self.listeners:
            if listener.port not in PRODUCTION_PORTS:
                return listener
        raise StepFailed("The load balancer has no test listener.")

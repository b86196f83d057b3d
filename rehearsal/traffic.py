"""What the load balancer should do, as ELBv2 describes it: listeners, weights, targets, health checks.

Plain data and pure functions; `rehearsal.envoy` turns it into a running load balancer.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from rehearsal.errors import StepFailed

if TYPE_CHECKING:
    from mypy_boto3_elbv2 import ElasticLoadBalancingv2Client

PRODUCTION_PORTS: Final = (80, 443)


@dataclass(frozen=True, slots=True)
class HealthCheck:
    """How a target group finds out which targets may take traffic; times in seconds."""

    path: str
    interval: int
    timeout: int
    healthy_threshold: int
    unhealthy_threshold: int
    codes: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class TargetGroup:
    """A colour: its name, its health check and its targets as (address, port)."""

    arn: str
    name: str
    health_check: HealthCheck
    targets: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Listener:
    """A port and the share of traffic, by weight, that each target group takes."""

    arn: str
    port: int
    weights: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class LoadBalancer:
    """A load balancer with everything that decides where a request goes."""

    arn: str
    idle_timeout: int
    listeners: tuple[Listener, ...]
    target_groups: tuple[TargetGroup, ...]

    @property
    def ports(self) -> tuple[int, ...]:
        """The listeners' ports."""
        return tuple(listener.port for listener in self.listeners)

    @property
    def production(self) -> Listener:
        """The listener that clients call.

        Raises:
            StepFailed: There is none.
        """
        return self._listener(production=True)

    @property
    def test(self) -> Listener:
        """The listener that only the release gate calls.

        Raises:
            StepFailed: There is none.
        """
        return self._listener(production=False)

    @property
    def live(self) -> TargetGroup:
        """The target group that takes the most production traffic.

        Raises:
            StepFailed: The production listener forwards to none.
        """
        weights = dict(self.production.weights)
        groups = [group for group in self.target_groups if weights.get(group.arn, 0) > 0]
        if not groups:
            raise StepFailed(f"The listener on port {self.production.port} forwards to no target group.")
        return max(groups, key=lambda group: weights[group.arn])

    def _listener(self, *, production: bool) -> Listener:
        for listener in self.listeners:
            if (listener.port in PRODUCTION_PORTS) is production:
                return listener
        raise StepFailed(f"The load balancer has no {'production' if production else 'test'} listener.")


def describe(client: "ElasticLoadBalancingv2Client", arn: str) -> LoadBalancer:
    """Read a load balancer from the control plane."""
    attributes = client.describe_load_balancer_attributes(LoadBalancerArn=arn)["Attributes"]
    idle = {item["Key"]: item["Value"] for item in attributes}.get("idle_timeout.timeout_seconds", "60")
    listeners = client.describe_listeners(LoadBalancerArn=arn)["Listeners"]
    groups = client.describe_target_groups(LoadBalancerArn=arn)["TargetGroups"]
    return LoadBalancer(
        arn=arn,
        idle_timeout=int(idle),
        listeners=tuple(parse_listener(listener) for listener in listeners),
        target_groups=tuple(
            parse_target_group(group, client.describe_target_health(TargetGroupArn=group["TargetGroupArn"]))
            for group in groups
        ),
    )


def parse_listener(described: Mapping[str, Any]) -> Listener:
    """Read the default action of a described listener; of its forms, only `forward` takes traffic."""
    weights: list[tuple[str, int]] = []
    for action in described["DefaultActions"]:
        if action["Type"] != "forward":
            continue
        groups = action.get("ForwardConfig", {}).get("TargetGroups") or [
            {"TargetGroupArn": action["TargetGroupArn"]}
        ]
        weights += [(group["TargetGroupArn"], int(group.get("Weight", 1))) for group in groups]
    return Listener(described["ListenerArn"], int(described["Port"]), tuple(weights))


def parse_target_group(described: Mapping[str, Any], health: Mapping[str, Any]) -> TargetGroup:
    """Read a described target group and the targets that are registered with it."""
    check = HealthCheck(
        path=described.get("HealthCheckPath", "/"),
        interval=int(described.get("HealthCheckIntervalSeconds", 30)),
        timeout=int(described.get("HealthCheckTimeoutSeconds", 5)),
        healthy_threshold=int(described.get("HealthyThresholdCount", 5)),
        unhealthy_threshold=int(described.get("UnhealthyThresholdCount", 2)),
        codes=parse_codes(described.get("Matcher", {}).get("HttpCode", "200")),
    )
    targets = [item["Target"] for item in health["TargetHealthDescriptions"]]
    return TargetGroup(
        arn=described["TargetGroupArn"],
        name=described["TargetGroupName"],
        health_check=check,
        targets=tuple((target["Id"], int(target["Port"])) for target in targets),
    )


def parse_codes(matcher: str) -> tuple[tuple[int, int], ...]:
    """Read a matcher such as "200,204-299" as ranges whose end is not part of them."""
    ranges = [part.partition("-") for part in matcher.split(",")]
    return tuple((int(low), int(high or low) + 1) for low, _, high in ranges)

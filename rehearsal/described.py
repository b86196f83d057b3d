"""A load balancer as ELBv2 describes it, read into plain data."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rehearsal.errors import StepFailed
from rehearsal.traffic import HealthCheck, Listener, LoadBalancer, Redirect, Rule, TargetGroup, Weights

if TYPE_CHECKING:
    from mypy_boto3_elbv2 import ElasticLoadBalancingv2Client


def describe(client: "ElasticLoadBalancingv2Client", arn: str) -> LoadBalancer:
    """Read a load balancer from the control plane.

    Targets are read before listeners. Between two reads things change, and whoever takes targets away has
    taken the traffic from them before: so nothing is ever described as sent to targets that are gone.

    Raises:
        StepFailed: It does something that the rehearsal cannot play, or changes just now.
    """
    attributes = client.describe_load_balancer_attributes(LoadBalancerArn=arn)["Attributes"]
    idle = {item["Key"]: item["Value"] for item in attributes}.get("idle_timeout.timeout_seconds", "60")
    groups = [
        parse_target_group(
            group,
            client.describe_target_health(TargetGroupArn=group["TargetGroupArn"]),
            client.describe_target_group_attributes(TargetGroupArn=group["TargetGroupArn"])["Attributes"],
        )
        for group in client.describe_target_groups(LoadBalancerArn=arn)["TargetGroups"]
    ]
    listeners = [
        parse_listener(listener, client.describe_rules(ListenerArn=listener["ListenerArn"])["Rules"])
        for listener in client.describe_listeners(LoadBalancerArn=arn)["Listeners"]
    ]
    found = LoadBalancer(arn, int(idle), tuple(listeners), tuple(groups))
    if not found.destinations <= {group.arn for group in groups}:
        raise StepFailed("A listener forwards to a target group that has just been added: it is read again.")
    return found


def parse_listener(described: Mapping[str, Any], rules: Sequence[Mapping[str, Any]] = ()) -> Listener:
    """Read a described listener and its rules."""
    read = [parse_rule(rule) for rule in rules if not rule["IsDefault"]]
    return Listener(
        arn=described["ListenerArn"],
        port=int(described["Port"]),
        weights=parse_weights(described["DefaultActions"]),
        rules=tuple(sorted(read, key=lambda rule: rule.priority)),
        redirect=parse_redirect(described["DefaultActions"], port=int(described["Port"])),
        tls_policy=described["SslPolicy"] if described.get("Protocol") == "HTTPS" else None,
    )


def parse_rule(described: Mapping[str, Any]) -> Rule:
    """Read a described rule; the only condition that can be played is a path that ends in a star.

    Raises:
        StepFailed: It has another one.
    """
    patterns: list[str] = []
    for condition in described["Conditions"]:
        found = condition.get("PathPatternConfig", {}).get("Values") or condition.get("Values", [])
        if (
            condition["Field"] != "path-pattern"
            or patterns
            or any(set(item[:-1]) & {"*", "?"} for item in found)
        ):
            raise StepFailed(f"The rule {described['RuleArn']} has a condition that cannot be played.")
        patterns += found
    if not patterns or not all(pattern.endswith("*") for pattern in patterns):
        raise StepFailed(f"The rule {described['RuleArn']} has a condition that cannot be played.")
    prefixes = tuple(pattern.removesuffix("*") for pattern in patterns)
    return Rule(int(described["Priority"]), prefixes, parse_weights(described["Actions"]))


def parse_weights(actions: Sequence[Mapping[str, Any]]) -> Weights:
    """Read where actions forward to; ELBv2 describes a single target group with or without weights."""
    weights: list[tuple[str, int]] = []
    for action in actions:
        if action["Type"] != "forward":
            continue
        groups = action.get("ForwardConfig", {}).get("TargetGroups") or [
            {"TargetGroupArn": action["TargetGroupArn"]}
        ]
        weights += [(group["TargetGroupArn"], int(group.get("Weight", 1))) for group in groups]
    return tuple(weights)


def parse_redirect(actions: Sequence[Mapping[str, Any]], *, port: int) -> Redirect | None:
    """Read the redirect among a listener's actions, if there is one."""
    for action in actions:
        if action["Type"] == "redirect":
            config = action["RedirectConfig"]
            target = config.get("Port", "#{port}")
            return Redirect(
                protocol=config.get("Protocol", "#{protocol}").lower(),
                port=port if target == "#{port}" else int(target),
                permanent=config["StatusCode"] == "HTTP_301",
            )
    return None


def parse_target_group(
    described: Mapping[str, Any],
    health: Mapping[str, Any],
    attributes: Sequence[Mapping[str, Any]] = (),
) -> TargetGroup:
    """Read a described target group and the targets that are registered with it."""
    check = HealthCheck(
        path=described.get("HealthCheckPath", "/"),
        interval=int(described.get("HealthCheckIntervalSeconds", 30)),
        timeout=int(described.get("HealthCheckTimeoutSeconds", 5)),
        healthy_threshold=int(described.get("HealthyThresholdCount", 5)),
        unhealthy_threshold=int(described.get("UnhealthyThresholdCount", 2)),
        codes=parse_codes(described.get("Matcher", {}).get("HttpCode", "200")),
    )
    targets = [
        item["Target"]
        for item in health["TargetHealthDescriptions"]
        if item.get("TargetHealth", {}).get("State") != "draining"
    ]
    said = {item["Key"]: item["Value"] for item in attributes}
    return TargetGroup(
        arn=described["TargetGroupArn"],
        name=described["TargetGroupName"],
        health_check=check,
        targets=tuple((target["Id"], int(target["Port"])) for target in targets),
        deregistration_delay=int(said.get("deregistration_delay.timeout_seconds", 300)),
        least_outstanding=said.get("load_balancing.algorithm.type") == "least_outstanding_requests",
    )


def parse_codes(matcher: str) -> tuple[tuple[int, int], ...]:
    """Read a matcher such as "200,204-299" as ranges whose end is not part of them."""
    ranges = [part.partition("-") for part in matcher.split(",")]
    return tuple((int(low), int(high or low) + 1) for low, _, high in ranges)

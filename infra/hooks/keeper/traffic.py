"""The live colour: read from the load balancer, written to the parameter that CloudFormation reads."""

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from .clients import client
from .colour import decide, destination

log = logging.getLogger("keeper")


class OddTrafficError(Exception):
    """No release runs, and production traffic is not with one colour that answers: somebody has to look."""


def keep(environment: Mapping[str, str]) -> None:
    """Let the parameter say what the load balancer does; only to be called while no release is in progress.

    Args:
        environment: `PARAMETER`, the ARNs `BLUE` and `GREEN` of the target groups, and the ARN of what moves
            production traffic: `LISTENER` under CodeDeploy, `RULE` under ECS. Without `PARAMETER` there is
            one colour, and nothing to keep.

    Raises:
        OddTrafficError: traffic goes to no colour, to both, or to one where nothing is healthy. Nothing is
            written then, and nothing here can put it right.
        KeyError: the environment is not whole.
        botocore.exceptions.ClientError: a service does not answer, or refuses.
    """
    parameter = environment.get("PARAMETER")
    if parameter is None:
        return
    ssm = client("ssm")
    says = ssm.get_parameter(Name=parameter)["Parameter"]["Value"]
    takes = destination(_actions(environment))
    groups = {"blue": environment["BLUE"], "green": environment["GREEN"]}
    verdict = decide(
        says=says, takes=takes, groups=groups, healthy=takes in groups.values() and _is_healthy(takes)
    )
    if verdict.odd:
        raise OddTrafficError(verdict.odd)
    if verdict.colour:
        log.info("The live colour is %s, and %s said %s.", verdict.colour, parameter, says)
        ssm.put_parameter(Name=parameter, Value=verdict.colour, Overwrite=True)


def _actions(environment: Mapping[str, str]) -> Sequence[Mapping[str, Any]]:
    """Return what is done with a request, by the rule where one moves, else by the listener's default."""
    balancing, actions = client("elbv2"), list[Mapping[str, Any]]()
    if "RULE" in environment:
        for rule in balancing.describe_rules(RuleArns=[environment["RULE"]])["Rules"]:
            actions += rule["Actions"]
    else:
        for listener in balancing.describe_listeners(ListenerArns=[environment["LISTENER"]])["Listeners"]:
            actions += listener["DefaultActions"]
    return actions


def _is_healthy(group: str | None) -> bool:
    """Return whether a target group has at least one target that its health checks pass."""
    targets = client("elbv2").describe_target_health(TargetGroupArn=group)["TargetHealthDescriptions"]
    return any(target["TargetHealth"]["State"] == "healthy" for target in targets)

"""The rules of the load balancer as a service deployment moves them; writing the same twice changes nothing.

Amazon ECS Developer Guide, "Application Load Balancer resources for blue/green deployments": the production
rule, and the one for test traffic where there is one, forward to both target groups, by their weights.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from rehearsal.aws.ecs.model import Document

if TYPE_CHECKING:
    from mypy_boto3_elbv2 import ElasticLoadBalancingv2Client

ALL: Final = 100
_ADVANCED: Final = "advancedConfiguration"


def placed(
    load_balancers: Sequence[Mapping[str, Any]], source: Sequence[Mapping[str, Any]]
) -> list[Document]:
    """Return a service's load balancers with the target groups that a new revision's tasks go to.

    Args:
        load_balancers: As the service has them, each with two target groups where it has two colours.
        source: Those of the revision that runs, with the target groups that its tasks are in.
    """
    taken = {item.get("targetGroupArn") for item in source}
    found = []
    for item in load_balancers:
        group, other = item.get("targetGroupArn"), item.get(_ADVANCED, {}).get("alternateTargetGroupArn")
        chosen = other if other and group in taken else group
        found.append({**item, "targetGroupArn": chosen} if chosen else dict(item))
    return found


def weights(item: Mapping[str, Any], target: str, percent: float) -> dict[str, int]:
    """Return the weights that give one of a load balancer's two target groups so much of the traffic."""
    groups = [item.get("targetGroupArn", ""), item.get(_ADVANCED, {}).get("alternateTargetGroupArn", "")]
    share = max(1, round(percent)) if percent > 0 else 0
    return {group: share if group == target else ALL - share for group in groups if group}


def rules(item: Mapping[str, Any], *, test: bool) -> Iterator[str]:
    """Yield the rule of a load balancer that leads production traffic, or test traffic."""
    rule = item.get(_ADVANCED, {}).get("testListenerRule" if test else "productionListenerRule")
    if rule:
        yield rule


def write(client: "ElasticLoadBalancingv2Client", rule: str, wanted: Mapping[str, int]) -> None:
    """Let a rule forward by these weights; its stickiness stays.

    Raises:
        ClientError: There is no such rule, or one of the target groups is gone.
    """
    actions = client.describe_rules(RuleArns=[rule])["Rules"][0]["Actions"]
    before: Any = next((action["ForwardConfig"] for action in actions if "ForwardConfig" in action), {})
    sticky = before.get("TargetGroupStickinessConfig")
    groups = [{"TargetGroupArn": arn, "Weight": weight} for arn, weight in wanted.items()]
    forward: Any = {"TargetGroups": groups} | ({"TargetGroupStickinessConfig": sticky} if sticky else {})
    client.modify_rule(RuleArn=rule, Actions=[{"Type": "forward", "ForwardConfig": forward}])

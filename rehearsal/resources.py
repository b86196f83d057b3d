"""What became of every resource in the templates, so that nobody mistakes the rehearsal for AWS.

deployed       the control plane created it
rehearsed      it really does its work on this machine: tasks run, traffic moves, alarms turn red, hooks ask
not rehearsed  the control plane has no such thing and passed it over
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from rehearsal.assembly import Template

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient

Fate = Literal["deployed", "rehearsed", "not rehearsed"]
FATES: tuple[Fate, ...] = ("deployed", "rehearsed", "not rehearsed")

PLAYED = frozenset(
    {
        "AWS::CloudWatch::Alarm",
        "AWS::CloudWatch::CompositeAlarm",
        "AWS::CodeDeploy::Application",
        "AWS::CodeDeploy::DeploymentConfig",
        "AWS::CodeDeploy::DeploymentGroup",
        "AWS::ECS::Service",
        "AWS::ECS::TaskDefinition",
        "AWS::ElasticLoadBalancingV2::Listener",
        "AWS::ElasticLoadBalancingV2::ListenerRule",
        "AWS::ElasticLoadBalancingV2::LoadBalancer",
        "AWS::ElasticLoadBalancingV2::TargetGroup",
        "AWS::Lambda::Function",
    }
)

# Made known by the CDK for its own statistics; nothing of a stage depends on it.
_LEFT_OUT = frozenset({"AWS::CDK::Metadata"})


@dataclass(frozen=True, slots=True)
class Resource:
    """One resource of one template and what became of it."""

    stack: str
    logical_id: str
    type: str
    fate: Fate


def classify(stack: str, template: Mapping[str, str], created: Mapping[str, str]) -> list[Resource]:
    """Say what became of a stack's resources.

    Args:
        stack: The stack's name.
        template: Type by logical id, from the synthesised template.
        created: Physical id by logical id, as the control plane tells it; empty when it has none.
    """
    return [
        Resource(stack, logical, kind, _fate(kind, created.get(logical, "")))
        for logical, kind in template.items()
        if kind not in _LEFT_OUT
    ]


def count(resources: Iterable[Resource]) -> dict[Fate, int]:
    """Return how many resources met each fate; every fate has its entry."""
    fates = [resource.fate for resource in resources]
    return {fate: fates.count(fate) for fate in FATES}


def survey(client: "CloudFormationClient", templates: Iterable[Template]) -> list[Resource]:
    """Compare templates with what the control plane says it created of them."""
    found: list[Resource] = []
    for template in templates:
        found += classify(template.stack, template.types(), physical_ids(client, template.stack))
    return found


def physical_ids(client: "CloudFormationClient", stack: str) -> dict[str, str]:
    """Return the physical ids of a stack's resources by logical id; what has none is left out.

    moto lists what it passed over as rows without ids.
    """
    rows = client.describe_stack_resources(StackName=stack)["StackResources"]
    pairs = ((row.get("LogicalResourceId"), row.get("PhysicalResourceId")) for row in rows)
    return {logical: physical for logical, physical in pairs if logical and physical}


def _fate(kind: str, physical_id: str) -> Fate:
    if not physical_id:
        return "not rehearsed"
    return "rehearsed" if kind in PLAYED else "deployed"

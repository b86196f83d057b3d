"""Tags that a stack hands on to its services and revisions.

AWS documentation (CloudFormation User Guide, "Resource tag"): tags of the stack reach its resources, with
three of CloudFormation's own whose keys begin with `aws:`. ECS API Reference, "Tag": nobody else may use that
prefix. Where a stack and a resource have the same key, the resource's value is kept here.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from rehearsal.aws.ecs.store import refused
from rehearsal.aws.original import stacks
from rehearsal.isolation import ACCOUNT, REGION

Tags = list[dict[str, str]]


def merged(own: Sequence[Mapping[str, str]], *, stack: str, logical_id: str) -> Tags:
    """Return a resource's own tags and those of its stack, given the stack's ARN."""
    found = stacks.cloudformation_backends[ACCOUNT][REGION].stacks[stack]
    tags: dict[str, Any] = {
        **found.tags,
        "aws:cloudformation:stack-name": found.name,
        "aws:cloudformation:stack-id": stack,
        "aws:cloudformation:logical-id": logical_id,
        **{tag["key"]: tag.get("value", "") for tag in own},
    }
    return [{"key": key, "value": str(value)} for key, value in tags.items()]


def check(tags: Sequence[Mapping[str, str]]) -> None:
    """Refuse tags that only AWS may set.

    Raises:
        InvalidParameterException: a key begins with `aws:`.
    """
    for tag in tags:
        if tag["key"].lower().startswith("aws:"):
            raise refused(f"The tag key {tag['key']} begins with aws:, which is reserved for AWS.")

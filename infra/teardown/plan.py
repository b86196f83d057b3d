"""What a teardown does, decided from what exists; no call to AWS is made here."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

PARTS: Final = ("Operations", "Service", "Traffic", "Network", "Access", "Colour", "Data")
"""The stacks of a stage in the order in which they go: each before those that it leans on, data last."""
DELETING: Final = "DELETE_IN_PROGRESS"
"""Status of a stack that an earlier run, or somebody else, is already deleting."""
DELETE_FAILED: Final = "DELETE_FAILED"
"""Status of a stack whose deletion stopped half way; it can be asked again."""
GONE: Final = "DELETE_COMPLETE"
"""Status of a stack or a resource that no longer exists."""
_NEVER_MADE: Final = "REVIEW_IN_PROGRESS"
"""Status of a stack that has a change set and nothing else: nothing is running."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stack:
    """A stack that exists."""

    name: str
    """Its name."""
    id: str
    """Its ARN, by which it is also found when it is gone."""
    status: str
    """Its status, in CloudFormation's words."""
    protected: bool
    """Whether termination protection keeps it."""
    resources: int
    """How many resources it still holds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Balancer:
    """The load balancer."""

    arn: str
    """Its ARN."""
    protected: bool
    """Whether deletion protection keeps it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """The ECS service, as long as it is active."""

    cluster: str
    """The cluster it runs in."""
    name: str
    """Its name."""
    task_sets: int
    """How many task sets it has: one at rest under CodeDeploy, none under ECS itself."""
    controller: str
    """What releases it, in ECS's words: `CODE_DEPLOY` or `ECS`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Everything about a stage that the plan depends on."""

    account: str
    """The account that the credentials belong to."""
    stacks: Mapping[str, Stack]
    """The stacks that exist, by part."""
    balancer: Balancer | None
    """The load balancer, when the Traffic stack has one."""
    service: Service | None
    """The service, when the Service stack has one that is active."""
    releases: tuple[str, ...]
    """Releases that are running, by their id."""


class Kind(StrEnum):
    """What a step does."""

    UNPROTECT_BALANCER = "switch off deletion protection"
    """Of the load balancer, which CloudFormation could not delete otherwise."""
    DELETE_SERVICE = "delete by force"
    """The service with every task that still runs, in whichever task set; `force` of ECS's DeleteService."""
    UNPROTECT_STACK = "switch off termination protection"
    """Of a stack."""
    DELETE_STACK = "delete"
    """A stack, with everything in it that is not retained."""
    AWAIT_STACK = "wait for its deletion"
    """Of a stack that is already being deleted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing to do; doing it again when it is done changes nothing."""

    kind: Kind
    """What is done."""
    target: str
    """To what: an ARN, a stack's name, or `cluster/service`."""
    stack: Stack
    """The stack that it belongs to."""


def steps(found: Found) -> tuple[Step, ...]:
    """Return what is to be done, in order; nothing when nothing is left of the stage."""
    return tuple(
        step for part in PARTS if part in found.stacks for step in _of_stack(part, found.stacks[part], found)
    )


def obstacles(found: Found) -> tuple[str, ...]:
    """Return a sentence for everything that runs and must come to its end first."""
    releases = (f"Release {release} is running." for release in found.releases)
    changing = (
        f"Stack {stack.name} is being changed ({stack.status})."
        for stack in found.stacks.values()
        if stack.status.endswith("_IN_PROGRESS") and stack.status not in {DELETING, _NEVER_MADE}
    )
    return (*releases, *changing)


def _of_stack(part: str, stack: Stack, found: Found) -> Iterator[Step]:
    if stack.status == DELETING:
        yield Step(kind=Kind.AWAIT_STACK, target=stack.id, stack=stack)
        return
    if part == "Traffic" and found.balancer and found.balancer.protected:
        yield Step(kind=Kind.UNPROTECT_BALANCER, target=found.balancer.arn, stack=stack)
    if part == "Service" and found.service and _needs_force(stack, found.service):
        service = f"{found.service.cluster}/{found.service.name}"
        yield Step(kind=Kind.DELETE_SERVICE, target=service, stack=stack)
    if stack.protected:
        yield Step(kind=Kind.UNPROTECT_STACK, target=stack.name, stack=stack)
    yield Step(kind=Kind.DELETE_STACK, target=stack.id, stack=stack)


def _needs_force(stack: Stack, service: Service) -> bool:
    """Leave the service to CloudFormation, unless that has failed before or a release left task sets."""
    return stack.status == DELETE_FAILED or service.task_sets > 1

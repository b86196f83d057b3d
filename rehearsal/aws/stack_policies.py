"""Stack policies: which resources of a stack an update may touch.

AWS documentation (CloudFormation User Guide, "Prevent updates to stack resources"; API Reference,
SetStackPolicy and UpdateStack):
- Without a policy every update of every resource is allowed. Once there is one, all resources are
  protected, and a statement must allow what an update does to them. A `Deny` outweighs every `Allow`.
- A statement names actions (`Update:Modify`, `Update:Replace`, `Update:Delete`, `Update:*`) by `Action` or
  `NotAction`, resources (`LogicalResourceId/…`, with wildcards) by `Resource` or `NotResource`, and may be
  narrowed to types of resources by a condition on `ResourceType`.
- A policy speaks of updates only: a resource that an update adds, or does not change, is not hindered.
- `StackPolicyDuringUpdateBody` takes the policy's place for one update. `StackPolicyBody` replaces it for
  good. `ResourceTypes` are the types that an update may touch; by default it may touch any. "Only one of the
  Capabilities and ResourceType parameters can be specified."
- A policy cannot be taken away again, but one that allows everything protects nothing.
- An update that touches a protected resource fails there, and is rolled back.

moto keeps the text and heeds nothing of it. What would replace a resource counts as a modification here: moto
does not tell them apart.
"""

import json
from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Final

from rehearsal.aws.original import Moto, requests, templates

MODIFY: Final = "Update:Modify"
DELETE: Final = "Update:Delete"
_ACTIONS: Final = (MODIFY, "Update:Replace", DELETE, "Update:*")
_EFFECTS: Final = ("Allow", "Deny")


@dataclass(frozen=True, slots=True)
class Resource:
    """A resource that an update is about to touch."""

    logical_id: str
    kind: str
    """Its type, such as `AWS::ECS::Service`."""


@dataclass(frozen=True, slots=True)
class Permission:
    """What one update may touch: the policy that holds for it and the types that its caller named."""

    policy: str = ""
    types: tuple[str, ...] = ()

    def refusal(self, action: str, resource: Resource) -> str | None:
        """Return why an update may not do this to a resource, or None when it may."""
        if self.types and not any(fnmatchcase(resource.kind, kind) for kind in self.types):
            return (
                f"Resource type {resource.kind} is not allowed by parameter ResourceTypes {list(self.types)}"
            )
        return _refusal(self.policy, action, resource) if self.policy else None


def during(request: Moto, stack: Moto) -> Permission:
    """Return what an UpdateStack may touch, as its parameters and the stack's policy say.

    Raises:
        ValidationError: a policy of the request is none, or it names both types and capabilities.
    """
    if request._get_param("ResourceTypes", []) and request._get_param("Capabilities", []):
        raise templates.ValidationError(
            message="Only one of the Capabilities and ResourceTypes parameters can be specified"
        )
    temporary = request._get_param("StackPolicyDuringUpdateBody")
    if temporary:
        check(temporary)
    return Permission(temporary or stack.policy, tuple(request._get_param("ResourceTypes", [])))


current: Final[ContextVar[Permission | None]] = ContextVar("permission", default=None)
"""What the update that this request began may touch; moto hands none of it on to the stack."""


def mend() -> None:
    """Check policies when they are set, and keep what an UpdateStack says of them for its update."""
    response = requests.CloudFormationResponse
    original_update, original_set = response.update_stack, response.set_stack_policy

    def update_stack(self: Moto) -> Moto:
        stack = self.cloudformation_backend.get_stack(self._get_param("StackName"))
        lasting = self._get_param("StackPolicyBody")
        if lasting:
            check(lasting)
        token = current.set(during(self, stack))
        try:
            answer = original_update(self)
        finally:
            current.reset(token)
        stack.policy = lasting or stack.policy
        return answer

    def set_stack_policy(self: Moto) -> Moto:
        body = self._get_param("StackPolicyBody")
        if body is not None:
            check(body)
        return original_set(self)

    response.update_stack, response.set_stack_policy = update_stack, set_stack_policy


def check(policy: str) -> None:
    """Refuse what is no stack policy.

    Raises:
        ValidationError: it is no JSON, or a statement lacks something, or names what there is not.
    """
    try:
        valid = all(_is_valid(statement) for statement in _statements(policy))
    except (ValueError, KeyError, TypeError):
        valid = False
    if not valid:
        raise templates.ValidationError(message="Error validating stack policy: Invalid stack policy")


def _refusal(policy: str, action: str, resource: Resource) -> str | None:
    """Return why a policy forbids this: the first `Deny` that speaks of it, or that no `Allow` does."""
    matching = [
        (number, statement)
        for number, statement in enumerate(_statements(policy), start=1)
        if _speaks_of(statement, action, resource)
    ]
    target = f"[LogicalResourceId/{resource.logical_id}]"
    for number, statement in matching:
        if statement["Effect"] == "Deny":
            denied = ", ".join(_listed(statement.get("Action", [action])))
            return (
                f"Action denied by stack policy: Statement [#{number}] does not allow [{denied}] "
                f"for resource {target}"
            )
    if not matching:
        return f"Action not allowed by stack policy: no statement allows [{action}] for resource {target}"
    return None


def _is_valid(statement: Mapping[str, Moto]) -> bool:
    actions = _listed(statement["NotAction" if "NotAction" in statement else "Action"])
    named = "Resource" in statement or "NotResource" in statement
    known = statement["Effect"] in _EFFECTS and set(actions) <= set(_ACTIONS)
    return named and known and statement["Principal"] == "*"


def _speaks_of(statement: Mapping[str, Moto], action: str, resource: Resource) -> bool:
    kinds = [
        kind
        for test in statement.get("Condition", {}).values()
        for kind in _listed(test.get("ResourceType", []))
    ]
    return (
        _covers(statement, "Action", action)
        and _covers(statement, "Resource", f"LogicalResourceId/{resource.logical_id}")
        and (not kinds or any(fnmatchcase(resource.kind, kind) for kind in kinds))
    )


def _covers(statement: Mapping[str, Moto], key: str, value: str) -> bool:
    """Return whether a statement's `Action` or `NotAction` (or `Resource`, …) speaks of a value."""
    if f"Not{key}" in statement:
        return not any(fnmatchcase(value, pattern) for pattern in _listed(statement[f"Not{key}"]))
    return any(fnmatchcase(value, pattern) for pattern in _listed(statement[key]))


def _statements(policy: str) -> Sequence[Mapping[str, Moto]]:
    found = json.loads(policy)["Statement"]
    return [found] if isinstance(found, dict) else list(found)


def _listed(value: str | Sequence[str]) -> list[str]:
    return [value] if isinstance(value, str) else list(value)

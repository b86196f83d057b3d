"""Hold off deployments of what a release moves, and let them in again.

A `cdk deploy` that updated listeners or the service in the middle of a release would pull the floor from
under it. While one runs, the stack policy of both stacks denies every change of what is there, so that
CloudFormation itself refuses it, also after the release was killed. A policy speaks of updates of resources
that exist: one that only adds some passes, and so does the deletion of a stack. After AWS CloudFormation's
user guide, "Prevent updates to stack resources".
"""

import json
from collections.abc import Sequence
from functools import partial
from typing import Any, Final

from botocore.exceptions import ClientError

from release.aws_errors import code_of
from release.clients import Clients
from release.errors import Refused
from release.patience import Patient

Policy = dict[str, list[dict[str, Any]]]

_ALL: Final = {"Action": "Update:*", "Principal": "*", "Resource": "*"}
DENY: Final[Policy] = {"Statement": [{"Effect": "Deny", **_ALL}]}
"""Nothing of the stack may be updated."""
ALLOW: Final[Policy] = {"Statement": [{"Effect": "Allow", **_ALL}]}
"""Everything may, as without a policy: a policy that was set can be changed, not taken away."""
_AT_REST: Final = frozenset(
    {
        "CREATE_COMPLETE",
        "UPDATE_COMPLETE",
        "UPDATE_ROLLBACK_COMPLETE",
        "IMPORT_COMPLETE",
        "IMPORT_ROLLBACK_COMPLETE",
    }
)
"""Statuses of a stack that can be updated, and is not being."""
_GONE: Final = "does not exist"
_HIDDEN: Final = frozenset({"AccessDenied", "AccessDeniedException"})


def hold(ask: Patient, stacks: Sequence[str]) -> None:
    """Have CloudFormation refuse changes of what is in these stacks; what is held stays so.

    Raises:
        Refused: one of them is being updated, or cannot be; all are let in again.
    """
    _refuse(problems(ask, stacks))
    _set(ask, stacks, DENY)
    found = problems(ask, stacks)  # an update may have begun before the policy was there
    if found:
        _set(ask, stacks, ALLOW)
        _refuse(found)


def free(ask: Patient, stacks: Sequence[str]) -> None:
    """Let updates of these stacks in again; a stack that is gone needs none."""
    for stack in stacks:
        try:
            _set(ask, [stack], ALLOW)
        except ClientError as error:
            if code_of(error) != "ValidationError" or _GONE not in str(error):
                raise


def held(ask: Patient, stacks: Sequence[str]) -> tuple[str, ...]:
    """Return those of the stacks whose updates are held off; who may not see that sees none."""
    return tuple(stack for stack in stacks if ask.ask(partial(_policy, stack=stack)) == DENY)


def _policy(clients: Clients, stack: str) -> object:
    try:
        found = clients.cloudformation.get_stack_policy(StackName=stack).get("StackPolicyBody")
    except ClientError as error:
        if code_of(error) in _HIDDEN or _GONE in str(error):
            return None
        raise
    return json.loads(found) if found else None


def problems(ask: Patient, stacks: Sequence[str]) -> list[str]:
    """Return why no release may begin now, as far as these stacks go; a sentence for each."""
    return [sentence for stack in stacks if (sentence := problem(stack, status(ask, stack)))]


def problem(stack: str, status: str) -> str:
    """Return why no release may begin while a stack has this status; empty when it may."""
    if status.endswith("_IN_PROGRESS"):
        return f"The stack {stack} is being deployed ({status}): wait for its end, then run this again."
    if status not in _AT_REST:
        return (
            f"The stack {stack} cannot be updated ({status}), so CloudFormation could not learn what a "
            "release does: mend it first, with `aws cloudformation continue-update-rollback` or `cdk deploy`."
        )
    return ""


def status(ask: Patient, stack: str) -> str:
    """Return CloudFormation's status of a stack."""
    found = ask.ask(lambda clients: clients.cloudformation.describe_stacks(StackName=stack))
    return found["Stacks"][0]["StackStatus"]


def _set(ask: Patient, stacks: Sequence[str], policy: Policy) -> None:
    for stack in stacks:
        _set_one(ask, stack, json.dumps(policy))


def _set_one(ask: Patient, stack: str, body: str) -> None:
    ask.ask(lambda clients: clients.cloudformation.set_stack_policy(StackName=stack, StackPolicyBody=body))


def _refuse(problems: Sequence[str]) -> None:
    if problems:
        raise Refused(problems)

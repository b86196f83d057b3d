"""Hold off deployments of what a release moves, and let them in again.

A `cdk deploy` that updated listeners or the service in the middle of a release would pull the floor from
under it. While one runs, the stack policy of both stacks denies every update, so that CloudFormation itself
refuses it, also after the release was killed. After AWS CloudFormation's user guide, "Prevent updates to
stack resources".
"""

import json
from collections.abc import Sequence
from typing import Any, Final

from release.clients import Patient
from release.errors import Refused

Policy = dict[str, list[dict[str, Any]]]

_ALL: Final = {"Action": "Update:*", "Principal": "*", "Resource": "*"}
DENY: Final[Policy] = {"Statement": [{"Effect": "Deny", **_ALL}]}
"""Nothing of the stack may be updated."""
ALLOW: Final[Policy] = {"Statement": [{"Effect": "Allow", **_ALL}]}
"""Everything may, as without a policy: a policy that was set can be changed, not taken away."""


def hold(ask: Patient, stacks: Sequence[str]) -> None:
    """Have CloudFormation refuse every update of these stacks; what is held stays so.

    Raises:
        Refused: one of them is being updated, or cannot be; all are let in again.
    """
    _refuse(_busy(ask, stacks))
    _set(ask, stacks, DENY)
    problems = _busy(ask, stacks)  # an update may have begun before the policy was there
    if problems:
        _set(ask, stacks, ALLOW)
        _refuse(problems)


def free(ask: Patient, stacks: Sequence[str]) -> None:
    """Let updates of these stacks in again; a stack that is gone needs none."""
    _set(ask, stacks, ALLOW)


def _busy(ask: Patient, stacks: Sequence[str]) -> list[str]:
    return [sentence for stack in stacks if (sentence := problem(stack, status(ask, stack)))]


def problem(stack: str, status: str) -> str:
    """Return why no release may begin while a stack has this status; empty when it may."""
    if status.endswith("_IN_PROGRESS"):
        return f"The stack {stack} is being deployed ({status}): wait for its end, then run this again."
    if status in {"UPDATE_ROLLBACK_FAILED", "ROLLBACK_FAILED", "ROLLBACK_COMPLETE"} or "DELETE" in status:
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

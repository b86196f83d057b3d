"""Bring CloudFormation's knowledge of the live colour up to date (decision 3).

The parameter says the colour to every later deploy. The update of the Traffic stack that changes nothing
else makes the colour CloudFormation's last known state as well, to which it goes back when a later update
fails. AWS CloudFormation's API reference, "UpdateStack", for every argument.
"""

import json
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from botocore.exceptions import ClientError

from infra.settings import StageSettings
from release.aws_errors import code_of
from release.clients import Clients
from release.errors import NotRemembered
from release.hold import ALLOW
from release.patience import Patient

if TYPE_CHECKING:
    from mypy_boto3_cloudformation.type_defs import StackTypeDef, UpdateStackInputTypeDef

MOVABLE: Final = ("AWS::ElasticLoadBalancingV2::Listener", "AWS::ElasticLoadBalancingV2::ListenerRule")
"""Types of resources that the update may touch; without them the release's role may not update at all."""
_NOTHING_TO_DO: Final = "No updates are to be performed"
_BUSY: Final = "_IN_PROGRESS"
_STUCK: Final = "can not be updated"
_CLEANING: Final = "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"
"""What an update asked for is there; another one cannot begin yet."""
_GOOD: Final = frozenset({"CREATE_COMPLETE", "UPDATE_COMPLETE", _CLEANING})


def remember(ask: Patient, settings: StageSettings, colour: str, say: Callable[[str], None]) -> None:
    """Have the parameter say the colour, and CloudFormation know it. May be done twice.

    Args:
        ask: who asks AWS.
        settings: the stage's.
        colour: the live one.
        say: hears what is waited for.

    Raises:
        NotRemembered: the update failed or could not begin; the message says why. Traffic is not touched by
            that.
    """
    _write(ask, settings.live_colour_parameter, colour)
    _update(ask, settings.stack_name("Traffic"), say)


def _write(ask: Patient, name: str, colour: str) -> None:
    found = ask.ask(lambda clients: clients.ssm.get_parameter(Name=name))
    if found["Parameter"]["Value"] != colour:
        ask.ask(lambda clients: clients.ssm.put_parameter(Name=name, Value=colour, Overwrite=True))


def _update(ask: Patient, stack: str, say: Callable[[str], None]) -> None:
    """Update the stack with what it has; an update of somebody else's is waited for first."""
    deadline = time.monotonic() + ask.pace.patience
    while True:
        found = _rested(ask, stack, say, deadline)
        try:
            _begin(ask, request(found))
            break
        except ClientError as error:
            if _NOTHING_TO_DO in str(error):
                return
            if code_of(error) != "ValidationError" or not (_BUSY in str(error) or _STUCK in str(error)):
                raise
            if _BUSY not in str(error):
                raise _not_remembered(ask, stack, found["StackStatus"]) from error
        time.sleep(ask.pace.poll)
    after = _rested(ask, stack, say, deadline, but=_CLEANING)
    if after["StackStatus"] not in _GOOD:
        raise _not_remembered(ask, stack, after["StackStatus"])


def _not_remembered(ask: Patient, stack: str, status: str) -> NotRemembered:
    return NotRemembered(
        f"Traffic is where it should be, but CloudFormation did not take the live colour up: {stack} is "
        f"{status}, {ask.ask(lambda clients: _reason(clients, stack))} See "
        "docs/runbooks/wrong-colour.md, and run the command again."
    )


def _begin(ask: Patient, update: "UpdateStackInputTypeDef") -> None:
    ask.ask(lambda clients: clients.cloudformation.update_stack(**update))


def request(stack: "StackTypeDef") -> "UpdateStackInputTypeDef":
    """Return the update that changes nothing but what follows the live colour.

    It names no role (the stack keeps the CDK's), no tags (they stay), and the types it may touch; the policy
    for the time of this one update lets it past the one by which a release holds other updates off. It sends
    no capabilities, whatever the stack has: "Only one of the Capabilities and ResourceType parameters can be
    specified" (UpdateStack), and what it may touch needs none.
    """
    return {
        "StackName": stack["StackName"],
        "UsePreviousTemplate": True,
        "Parameters": [
            {"ParameterKey": one["ParameterKey"], "UsePreviousValue": True}
            for one in stack.get("Parameters", ())
        ],
        "ResourceTypes": list(MOVABLE),
        "StackPolicyDuringUpdateBody": json.dumps(ALLOW),
    }


def _rested(
    ask: Patient, stack: str, say: Callable[[str], None], deadline: float, *, but: str = ""
) -> "StackTypeDef":
    """Return the stack once no update of it is under way, or one in the state `but`.

    Raises:
        NotRemembered: one was for as long as patience lasts.
    """
    said = ""
    while True:
        found = ask.ask(lambda clients: clients.cloudformation.describe_stacks(StackName=stack))["Stacks"][0]
        status = found["StackStatus"]
        if not status.endswith(_BUSY) or status == but:
            return found
        if time.monotonic() > deadline:
            raise NotRemembered(
                f"Traffic is where it should be, but CloudFormation has been at {stack} for "
                f"{ask.pace.patience:.0f} s ({status}): run the command again when that has ended."
            )
        if status != said:
            say(f"Waiting for CloudFormation: {stack} is {status} ...")
            said = status
        time.sleep(ask.pace.poll)


def _reason(clients: Clients, stack: str) -> str:
    """Return what the newest event that failed says."""
    events = clients.cloudformation.describe_stack_events(StackName=stack)["StackEvents"]
    for event in events:
        if event.get("ResourceStatus", "").endswith("FAILED"):
            reason = event.get("ResourceStatusReason", "no reason given").rstrip(".")
            return f"because of {event.get('LogicalResourceId', 'a resource')}: {reason}."
    return "and its events do not say why."

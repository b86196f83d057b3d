"""Bring CloudFormation's knowledge of the live colour up to date (decision 3).

The parameter says the colour to every later deploy. The update of the Traffic stack that changes nothing
else makes the colour CloudFormation's last known state as well, to which it goes back when a later update
fails. AWS CloudFormation's API reference, "UpdateStack", for every argument.
"""

import json
import time
from typing import TYPE_CHECKING, Final

from botocore.exceptions import ClientError

from infra.settings import StageSettings
from release.clients import Clients, Patient, code_of
from release.errors import NotRemembered
from release.hold import ALLOW

if TYPE_CHECKING:
    from mypy_boto3_cloudformation.type_defs import StackTypeDef, UpdateStackInputTypeDef

MOVABLE: Final = ("AWS::ElasticLoadBalancingV2::Listener", "AWS::ElasticLoadBalancingV2::ListenerRule")
"""Types of resources that the update may touch; without them the release's role may not update at all."""
_NOTHING_TO_DO: Final = "No updates are to be performed"
_BUSY: Final = "_IN_PROGRESS"
_GOOD: Final = frozenset({"CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"})


def remember(ask: Patient, settings: StageSettings, colour: str) -> None:
    """Have the parameter say the colour, and CloudFormation know it. May be done twice.

    Raises:
        NotRemembered: the update failed; the message says why. Traffic is not touched by that.
    """
    _write(ask, settings.live_colour_parameter, colour)
    _update(ask, settings.stack_name("Traffic"))


def _write(ask: Patient, name: str, colour: str) -> None:
    found = ask.ask(lambda clients: clients.ssm.get_parameter(Name=name))
    if found["Parameter"]["Value"] != colour:
        ask.ask(lambda clients: clients.ssm.put_parameter(Name=name, Value=colour, Overwrite=True))


def _update(ask: Patient, stack: str) -> None:
    """Update the stack with what it has; an update of somebody else's is waited for first."""
    while True:
        try:
            _begin(ask, request(_rested(ask, stack)))
            break
        except ClientError as error:
            if _NOTHING_TO_DO in str(error):
                return
            if code_of(error) != "ValidationError" or _BUSY not in str(error):
                raise
    after = _rested(ask, stack)
    if after["StackStatus"] not in _GOOD:
        raise NotRemembered(
            f"Traffic is where it should be, but CloudFormation did not take the live colour up: {stack} is "
            f"{after['StackStatus']}, {ask.ask(lambda clients: _reason(clients, stack))} See "
            "docs/runbooks/wrong-colour.md, and run the command again."
        )


def _begin(ask: Patient, update: "UpdateStackInputTypeDef") -> None:
    ask.ask(lambda clients: clients.cloudformation.update_stack(**update))


def request(stack: "StackTypeDef") -> "UpdateStackInputTypeDef":
    """Return the update that changes nothing but what follows the live colour.

    It names no role (the stack keeps the CDK's), no tags (they stay), and the types it may touch; the policy
    for the time of this one update lets it past the one by which a release holds other updates off.
    """
    return {
        "StackName": stack["StackName"],
        "UsePreviousTemplate": True,
        "Parameters": [
            {"ParameterKey": one["ParameterKey"], "UsePreviousValue": True}
            for one in stack.get("Parameters", ())
        ],
        "Capabilities": list(stack.get("Capabilities", ())),
        "ResourceTypes": list(MOVABLE),
        "StackPolicyDuringUpdateBody": json.dumps(ALLOW),
    }


def _rested(ask: Patient, stack: str) -> "StackTypeDef":
    """Return the stack once no update of it is under way."""
    while True:
        found = ask.ask(lambda clients: clients.cloudformation.describe_stacks(StackName=stack))["Stacks"][0]
        if not found["StackStatus"].endswith(_BUSY) or found["StackStatus"] in _GOOD:
            return found
        time.sleep(ask.pace.poll)


def _reason(clients: Clients, stack: str) -> str:
    """Return what the newest event that failed says."""
    events = clients.cloudformation.describe_stack_events(StackName=stack)["StackEvents"]
    for event in events:
        if event.get("ResourceStatus", "").endswith("FAILED"):
            reason = event.get("ResourceStatusReason", "no reason given").rstrip(".")
            return f"because of {event.get('LogicalResourceId', 'a resource')}: {reason}."
    return "and its events do not say why."

"""What a release does to the load balancer and to CloudFormation's knowledge of it, step by step.

Colours are words here, `blue` and `green`; the directory says which listener and target group belong to them.
AWS documentation: CodeDeploy moves the production listener by weights over both target groups
and the test listener to the replacement tasks (CodeDeploy User Guide, "Deployments on an Amazon ECS compute
platform"). What it leaves behind, weights of 100 and 0, has not been observed here on a live account.
"""

from typing import TYPE_CHECKING, Any, Final, Literal

from botocore.exceptions import ClientError

from infra.settings import StageSettings
from rehearsal.control_plane import ControlPlane
from rehearsal.errors import StepFailed

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_cloudformation.type_defs import ParameterTypeDef

Colour = Literal["blue", "green"]
WHOLE: Final = 100
_NOTHING_TO_DO: Final = "No updates are to be performed."


def other(colour: Colour) -> Colour:
    """Return the colour that this one is not."""
    return "green" if colour == "blue" else "blue"


def send(plane: ControlPlane, settings: StageSettings, listener: str, *, green: int) -> None:
    """Let a listener, `production` or `test`, send this share to green and the rest to blue, in percent."""
    shares = {"blue": WHOLE - green, "green": green}
    groups: list[Any] = [
        {"TargetGroupArn": entry(plane, settings, f"traffic/{colour}"), "Weight": weight}
        for colour, weight in shares.items()
    ]
    action: Any = {"Type": "forward", "ForwardConfig": {"TargetGroups": groups}}
    arn = entry(plane, settings, f"traffic/{listener}-listener")
    plane.elbv2.modify_listener(ListenerArn=arn, DefaultActions=[action])


def remember(plane: ControlPlane, settings: StageSettings, colour: Colour) -> None:
    """Write which colour is live and let CloudFormation read it, with an update that changes nothing else.

    The last two steps of every release: from then on the Traffic stack's last known state is the true
    one, whatever a later deployment does and however it ends.

    Raises:
        StepFailed: The update did not end well.
    """
    plane.ssm.put_parameter(Name=settings.live_colour_parameter, Value=colour, Type="String", Overwrite=True)
    update_with_nothing_new(plane.cloudformation, settings.stack_name("Traffic"))


def update_with_nothing_new(client: "CloudFormationClient", stack: str) -> None:
    """Update a stack with its own template and parameters: only values that these stand for are new.

    Raises:
        StepFailed: It did not end with UPDATE_COMPLETE.
    """
    described = client.describe_stacks(StackName=stack)["Stacks"][0]
    kept: list[ParameterTypeDef] = [
        {"ParameterKey": item["ParameterKey"], "UsePreviousValue": True}
        for item in described.get("Parameters", [])
    ]
    try:
        client.update_stack(
            StackName=stack,
            UsePreviousTemplate=True,
            Parameters=kept,
            Capabilities=["CAPABILITY_NAMED_IAM"],
        )
    except ClientError as error:
        if _NOTHING_TO_DO not in str(error):
            raise
        return
    client.get_waiter("stack_update_complete").wait(StackName=stack, WaiterConfig={"Delay": 1})
    status = client.describe_stacks(StackName=stack)["Stacks"][0]["StackStatus"]
    if status != "UPDATE_COMPLETE":
        raise StepFailed(f"The update of {stack} ended with {status}.")


def entry(plane: ControlPlane, settings: StageSettings, name: str) -> str:
    """Return what a stack of the stage has published under this name, such as `traffic/blue`."""
    return plane.ssm.get_parameter(Name=settings.entry(name))["Parameter"]["Value"]

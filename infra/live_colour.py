"""The colour that takes production traffic, kept true to what releases did."""

from typing import Protocol

from aws_cdk import CfnCondition, CfnParameter, Fn, IResolvable, Stack
from constructs import Construct


class Choice(Protocol):
    """A choice between a value for blue and one for green."""

    def __call__(self, *, blue: object, green: object) -> IResolvable:
        """Return one of the two; CloudFormation decides which when it deploys."""


class LiveColour(Construct):
    """Which target group takes production traffic, as CloudFormation sees it.

    Releases move listeners and rules behind CloudFormation's back. Reading the colour from a parameter
    that every release writes lets any later `cdk deploy` agree with reality. Never use
    `cdk deploy --revert-drift` here: it restores the colour of the last deploy.
    """

    def __init__(self, scope: Construct, id_: str, *, parameter_name: str) -> None:
        super().__init__(scope, id_)
        self._parameter = CfnParameter(
            Stack.of(self),
            "LiveColour",
            type="AWS::SSM::Parameter::Value<String>",
            default=parameter_name,
            description="SSM parameter with the colour that takes production traffic",
        )
        self._is_green = CfnCondition(
            Stack.of(self),
            "GreenIsLive",
            expression=Fn.condition_equals(self._parameter.value_as_string, "green"),
        )

    def live(self, *, blue: object, green: object) -> IResolvable:
        """Return the value of the live colour; CloudFormation chooses when it deploys."""
        return Fn.condition_if(self._is_green.logical_id, green, blue)

    def idle(self, *, blue: object, green: object) -> IResolvable:
        """Return the value of the colour that is not live; CloudFormation chooses when it deploys."""
        return Fn.condition_if(self._is_green.logical_id, blue, green)

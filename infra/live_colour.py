"""The colour that takes production traffic, kept true to what CodeDeploy did."""

from typing import cast

from aws_cdk import CfnCondition, CfnParameter, Fn, Stack
from aws_cdk import aws_elasticloadbalancingv2 as elb
from constructs import Construct


class LiveColour(Construct):
    """Which target group takes production traffic, as CloudFormation sees it.

    CodeDeploy moves the listener behind CloudFormation's back. Reading the colour from a parameter
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

    def send_to_live(self, listener: elb.ApplicationListener, *, blue: str, green: str) -> None:
        """Let the listener forward everything to the live colour, of two target group ARNs."""
        self._forward(listener, if_green=green, if_blue=blue)

    def send_to_idle(self, listener: elb.ApplicationListener, *, blue: str, green: str) -> None:
        """Let the listener forward everything to the colour that is not live.

        So both target groups always belong to the load balancer and have health checks, and a gate
        that asks too early gets no answer instead of the old version's.
        """
        self._forward(listener, if_green=blue, if_blue=green)

    def _forward(self, listener: elb.ApplicationListener, *, if_green: str, if_blue: str) -> None:
        chosen = Fn.condition_if(self._is_green.logical_id, if_green, if_blue)
        resource = cast("elb.CfnListener", listener.node.default_child)
        resource.add_property_override("DefaultActions", [{"Type": "forward", "TargetGroupArn": chosen}])

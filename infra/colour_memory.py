"""The memory of which colour is live, in a stack that nothing ever changes."""

from aws_cdk import Environment, RemovalPolicy, Stack
from aws_cdk import aws_ssm as ssm
from constructs import Construct

from infra.settings import StageSettings


class ColourStack(Stack):
    """One parameter with its first value; from then on every release writes it.

    CloudFormation puts the first value back with any update of the parameter, a changed tag
    included (aws/aws-cdk#25949). So the parameter shares its stack with nothing, the stack has no
    tags, a test freezes its whole template, and it cannot be deleted by accident.
    """

    def __init__(self, scope: Construct, *, settings: StageSettings, env: Environment) -> None:
        super().__init__(scope, settings.stack_name("Colour"), env=env, termination_protection=True)
        self.live_colour = ssm.StringParameter(
            self,
            "LiveColour",
            parameter_name=settings.live_colour_parameter,
            description="The colour that takes production traffic; written by releases",
            allowed_pattern="^(blue|green)$",
            string_value="blue",
        )
        self.live_colour.apply_removal_policy(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE)

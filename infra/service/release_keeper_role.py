"""What the release keeper may do: look at one service's releases and traffic, and keep two things true."""

from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_iam as iam
from constructs import Construct

from infra.acknowledge import acknowledge, acknowledge_own_policy
from infra.arns import as_nag_says, of_stage
from infra.retained_logs import RetainedLogs
from infra.service.scaling import DIMENSION
from infra.settings import Engine, StageSettings


class ReleaseKeeperRole(iam.Role):
    """A role for one service and one parameter, as far as AWS knows resources of what is asked."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        settings: StageSettings,
        service: ecs.FargateService,
        logs: RetainedLogs,
    ) -> None:
        scalable = of_stage(settings, "application-autoscaling", "scalable-target/*")
        statements = [logs.writing(), _ask(settings, service), _look(), _suspend(scalable), _prove(service)]
        if settings.release.two_colours:
            statements += [_see_traffic(), _tell_colour(settings)]
        super().__init__(
            scope,
            id_,
            assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"),
            description="Pauses the scale-in of this one service, and writes its live colour",
            inline_policies={"Keep": iam.PolicyDocument(statements=statements)},
        )
        acknowledge_own_policy(self)
        acknowledge(
            self,
            {
                "AwsSolutions-IAM5[Resource::*]": (
                    "Describing scalable targets, listeners, rules and health knows no resource."
                ),
                f"AwsSolutions-IAM5[Resource::{as_nag_says(scalable)}]": (
                    "Scalable targets get their ids from AWS. The conditions leave the task counts of ECS "
                    "services, and AWS asks for ecs:UpdateService on the service, which only one has."
                ),
            },
        )


def _ask(settings: StageSettings, service: ecs.FargateService) -> iam.PolicyStatement:
    """Let it ask the engine for the releases of this one service."""
    if settings.release.engine is Engine.CODEDEPLOY:
        group = of_stage(settings, "codedeploy", f"deploymentgroup:{settings.prefix}/{settings.prefix}")
        return iam.PolicyStatement(sid="Ask", actions=["codedeploy:ListDeployments"], resources=[group])
    return iam.PolicyStatement(
        sid="Ask", actions=["ecs:ListServiceDeployments"], resources=[service.service_arn]
    )


def _look() -> iam.PolicyStatement:
    return iam.PolicyStatement(
        sid="Look", actions=["application-autoscaling:DescribeScalableTargets"], resources=["*"]
    )


def _suspend(scalable: str) -> iam.PolicyStatement:
    return iam.PolicyStatement(
        sid="Suspend",
        actions=["application-autoscaling:RegisterScalableTarget"],
        resources=[scalable],
        conditions={
            "StringEquals": {
                "application-autoscaling:service-namespace": "ecs",
                "application-autoscaling:scalable-dimension": DIMENSION,
            }
        },
    )


def _prove(service: ecs.FargateService) -> iam.PolicyStatement:
    """Give what Application Auto Scaling demands of a caller: the rights that scaling needs."""
    return iam.PolicyStatement(
        sid="ProveThatItMay",
        actions=["ecs:DescribeServices", "ecs:UpdateService"],
        resources=[service.service_arn],
    )


def _see_traffic() -> iam.PolicyStatement:
    return iam.PolicyStatement(
        sid="SeeTraffic",
        actions=[
            "elasticloadbalancing:DescribeListeners",
            "elasticloadbalancing:DescribeRules",
            "elasticloadbalancing:DescribeTargetHealth",
        ],
        resources=["*"],
    )


def _tell_colour(settings: StageSettings) -> iam.PolicyStatement:
    parameter = of_stage(settings, "ssm", f"parameter{settings.live_colour_parameter}")
    return iam.PolicyStatement(
        sid="TellColour", actions=["ssm:GetParameter", "ssm:PutParameter"], resources=[parameter]
    )

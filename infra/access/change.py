"""What a release changes, whatever shifts its traffic."""

from typing import Final

from aws_cdk import aws_iam as iam

from infra import arns
from infra.names import RELEASES_PREFIX
from infra.settings import RegistrySettings, StageSettings

MOVABLE: Final = ("AWS::ElasticLoadBalancingV2::Listener", "AWS::ElasticLoadBalancingV2::ListenerRule")
"""Types of the resources that follow the live colour: all that a release's update of Traffic may touch."""


def register(settings: StageSettings) -> list[iam.PolicyStatement]:
    """Return what registers a revision of the stage's one family and hands it the two roles of its tasks."""
    family = arns.of_stage(settings, "ecs", f"task-definition/{settings.prefix}:*")
    return [
        iam.PolicyStatement(sid="Register", actions=["ecs:RegisterTaskDefinition"], resources=[family]),
        iam.PolicyStatement(
            sid="TagWhatItRegisters",
            actions=["ecs:TagResource"],
            resources=[family],
            conditions={"StringEquals": {"ecs:CreateAction": "RegisterTaskDefinition"}},
        ),
        iam.PolicyStatement(
            sid="HandRolesToTasks",
            actions=["iam:PassRole"],
            resources=[arns.of_role(settings.task_role), arns.of_role(settings.execution_role)],
            conditions={"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}},
        ),
    ]


def tag(registry: RegistrySettings) -> iam.PolicyStatement:
    """Return what reads an image, its platform and its scan, and gives it a tag; no condition knows which.

    The platform stands in the image's configuration, which is fetched like a layer.
    """
    return iam.PolicyStatement(
        sid="TagTheImage",
        actions=[
            "ecr:BatchGetImage",
            "ecr:DescribeImageScanFindings",
            "ecr:GetDownloadUrlForLayer",
            "ecr:PutImage",
        ],
        resources=[arns.of_images(registry)],
    )


def record(settings: StageSettings) -> list[iam.PolicyStatement]:
    """Return what keeps the stage's records, which nothing here can delete.

    A conditional write that replaces a record must be able to read it.
    """
    bucket = arns.of_bucket(settings)
    return [
        iam.PolicyStatement(
            sid="ListRecords",
            actions=["s3:ListBucket"],
            resources=[bucket],
            conditions={"StringLike": {"s3:prefix": f"{RELEASES_PREFIX}*"}},
        ),
        iam.PolicyStatement(
            sid="Record",
            actions=["s3:GetObject", "s3:PutObject"],
            resources=[f"{bucket}/{RELEASES_PREFIX}*"],
        ),
    ]


def remember_the_colour(settings: StageSettings) -> list[iam.PolicyStatement]:
    """Return what writes which colour is live, and has CloudFormation read it.

    The update runs with the role that the stack has from the CDK: nobody needs to pass it again, and it may
    nearly everything. So the request must name the types that it may touch, and these are listeners.
    """
    return [
        iam.PolicyStatement(
            sid="WriteTheColour",
            actions=["ssm:PutParameter"],
            resources=[arns.of_stage(settings, "ssm", f"parameter{settings.live_colour_parameter}")],
        ),
        iam.PolicyStatement(
            sid="TellCloudFormation",
            actions=["cloudformation:UpdateStack"],
            resources=[
                arns.of_stage(settings, "cloudformation", f"stack/{settings.stack_name('Traffic')}/*")
            ],
            conditions={
                "ForAllValues:StringEquals": {"cloudformation:ResourceTypes": list(MOVABLE)},
                "Null": {
                    "cloudformation:ResourceTypes": "false",
                    "cloudformation:RoleArn": "true",
                    "cloudformation:StackPolicyUrl": "true",
                    "cloudformation:TemplateUrl": "true",
                },
            },
        ),
    ]


def hold_deployments_off(settings: StageSettings) -> iam.PolicyStatement:
    """Return what has CloudFormation refuse updates of what a release moves, and lets them in again.

    The policy must stand in the request: what is behind an address could change. An update that is to pass a
    policy needs this right as well ("Prevent updates to stack resources", AWS CloudFormation User Guide).
    """
    return iam.PolicyStatement(
        sid="HoldDeploymentsOff",
        actions=["cloudformation:SetStackPolicy"],
        resources=[
            arns.of_stage(settings, "cloudformation", f"stack/{settings.stack_name(part)}/*")
            for part in ("Traffic", "Service")
        ],
        conditions={"Null": {"cloudformation:StackPolicyUrl": "true"}},
    )

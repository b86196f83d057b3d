"""How a release has traffic moved, by engine."""

from aws_cdk import aws_iam as iam

from infra import arns
from infra.settings import Engine, StageSettings


def shift(settings: StageSettings) -> list[iam.PolicyStatement]:
    """Return what starts, follows and stops a release with the stage's engine, and with no other."""
    if settings.release.engine is Engine.CODEDEPLOY:
        return _codedeploy(settings)
    return _ecs(settings)


def _codedeploy(settings: StageSettings) -> list[iam.PolicyStatement]:
    """Let it use the one deployment group, and not end its bake time, which would end the way back.

    CodeDeploy's own user guide limits every one of these actions to a group; the service authorization
    reference knows no resource for stopping and for looking at targets. Looking at targets only
    reads, so it has every resource: a release that cannot see its targets could not be followed. For
    stopping the group stays until it has been tried: the worst is then that a release must be stopped by
    other means; with any resource, this role could stop other stages'. Application and configuration are
    what CodeDeploy asks for with CreateDeployment; the update of the group is what it asks for when a
    rollback's deployment shall not heed red alarms ("CreateDeployment", overrideAlarmConfiguration, AWS
    CodeDeploy API Reference). A release updates no group.
    """
    name = settings.prefix
    return [
        iam.PolicyStatement(
            sid="Deploy",
            actions=[
                "codedeploy:BatchGetDeployments",
                "codedeploy:CreateDeployment",
                "codedeploy:GetDeployment",
                "codedeploy:ListDeployments",
                "codedeploy:StopDeployment",
                "codedeploy:UpdateDeploymentGroup",
            ],
            resources=[arns.of_stage(settings, "codedeploy", f"deploymentgroup:{name}/{name}")],
        ),
        iam.PolicyStatement(
            sid="LookAtTargets",
            actions=["codedeploy:BatchGetDeploymentTargets", "codedeploy:ListDeploymentTargets"],
            resources=["*"],
        ),
        iam.PolicyStatement(
            sid="Revise",
            actions=[
                "codedeploy:GetApplication",
                "codedeploy:GetApplicationRevision",
                "codedeploy:RegisterApplicationRevision",
            ],
            resources=[arns.of_stage(settings, "codedeploy", f"application:{name}")],
        ),
        iam.PolicyStatement(
            sid="ReadTheStrategy",
            actions=["codedeploy:GetDeploymentConfig"],
            resources=[arns.of_stage(settings, "codedeploy", "deploymentconfig:*")],
        ),
    ]


def _ecs(settings: StageSettings) -> list[iam.PolicyStatement]:
    """Let it give the one service another revision of the one family, and no shell."""
    name = settings.prefix
    service = arns.of_stage(settings, "ecs", f"service/{name}/*")
    revisions = arns.of_stage(settings, "ecs", f"task-definition/{name}:*")
    return [
        iam.PolicyStatement(
            sid="Deploy",
            actions=["ecs:UpdateService"],
            resources=[service],
            conditions={
                "ArnLike": {"ecs:task-definition": revisions},
                "StringNotEqualsIfExists": {"ecs:enable-execute-command": "true"},
            },
        ),
        iam.PolicyStatement(
            sid="FollowAndStop",
            actions=[
                "ecs:DescribeServiceDeployments",
                "ecs:DescribeServiceRevisions",
                "ecs:ListServiceDeployments",
                "ecs:StopServiceDeployment",
            ],
            resources=[
                service,
                arns.of_stage(settings, "ecs", f"service-deployment/{name}/*"),
                arns.of_stage(settings, "ecs", f"service-revision/{name}/*"),
            ],
        ),
    ]

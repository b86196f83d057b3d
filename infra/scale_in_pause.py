"""No task goes while a release moves traffic."""

from typing import Any, Final

from aws_cdk import Aws, Duration
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from infra.acknowledge import acknowledge, acknowledge_lint, acknowledge_own_policy
from infra.arns import of_stage
from infra.hook_code import hook_code
from infra.retained_logs import RetainedLogs
from infra.scaling import DIMENSION, Scaling
from infra.settings import Engine, StageSettings

EVERY: Final = Duration.minutes(10)
"""How long scale-in stays wrong at most when an event is lost."""


class ScaleInPause(Construct):
    """A Lambda function that suspends scale-in while a release is in progress.

    CodeDeploy gives up when the number of tasks changes for longer than about five minutes while it
    shifts traffic, and the way back needs all of the old tasks. Scaling out stays possible. The
    function belongs to scale-in: who wants to keep tasks for another reason raises `tasks.min_tasks`.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        settings: StageSettings,
        service: ecs.FargateService,
        scaling: Scaling,
    ) -> None:
        super().__init__(scope, id_)
        logs = RetainedLogs(self, "Logs", settings=settings)
        self.function = self._build_function(
            settings, service, scaling, logs, self._build_role(settings, service, logs)
        )
        self._call("Release", event_pattern=_releases(settings, service))
        self._call("Clock", schedule=events.Schedule.rate(EVERY))
        self.node.add_dependency(scaling)
        acknowledge_own_policy(self)

    def _build_function(
        self,
        settings: StageSettings,
        service: ecs.FargateService,
        scaling: Scaling,
        logs: RetainedLogs,
        role: iam.Role,
    ) -> lambda_.Function:
        function = lambda_.Function(
            self,
            "Function",
            function_name=f"{settings.prefix}-scale-in-pause",
            description="Suspends scale-in while a release is in progress",
            runtime=lambda_.Runtime.PYTHON_3_14,
            architecture=lambda_.Architecture.ARM_64,
            code=hook_code("pause"),
            handler="pause.handler.handle",
            role=role.without_policy_updates(),
            timeout=Duration.minutes(1),
            memory_size=256,
            log_group=logs,
            environment={"RESOURCE": scaling.resource, **_engine(settings, service)},
        )
        acknowledge(
            function,
            {
                "NIST.800.53.R5-LambdaInsideVPC": "It asks AWS's own APIs only, and nothing in the VPC.",
                "NIST.800.53.R5-LambdaConcurrency": (
                    "It runs for a second every ten minutes; a reservation would "
                    "take from the account's other functions."
                ),
                "NIST.800.53.R5-LambdaDLQ": (
                    "The clock calls it again; there would be nothing to do with a failed call later."
                ),
            },
        )
        acknowledge_lint(function, {"W3005": "The CDK names the role as a dependency and as a property."})
        return function

    def _build_role(
        self, settings: StageSettings, service: ecs.FargateService, logs: RetainedLogs
    ) -> iam.Role:
        scalable = of_stage(settings, "application-autoscaling", "scalable-target/*")
        role = iam.Role(
            self,
            "Role",
            assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"),
            description="Suspends and resumes the scale-in of this one service",
            inline_policies={
                "Pause": iam.PolicyDocument(
                    statements=[
                        _log(logs),
                        _ask(settings, service),
                        iam.PolicyStatement(
                            sid="Look",
                            actions=["application-autoscaling:DescribeScalableTargets"],
                            resources=["*"],
                        ),
                        _suspend(scalable),
                        _prove(service),
                    ]
                )
            },
        )
        readable = scalable.replace(Aws.PARTITION, "<AWS::Partition>")
        acknowledge(
            role,
            {
                "AwsSolutions-IAM5[Resource::*]": (
                    "Describing scalable targets cannot be limited to a resource."
                ),
                f"AwsSolutions-IAM5[Resource::{readable.replace(Aws.ACCOUNT_ID, '<AWS::AccountId>')}]": (
                    "Scalable targets get their ids from AWS. The conditions leave the task counts of ECS "
                    "services, and AWS asks for ecs:UpdateService on the service, which only one has."
                ),
            },
        )
        return role

    def _call(self, name: str, **when: Any) -> None:  # noqa: ANN401 - either a pattern or a schedule
        rule = events.Rule(self, name, **when)
        rule.add_target(targets.LambdaFunction(self.function, retry_attempts=3, max_event_age=EVERY))


def _engine(settings: StageSettings, service: ecs.FargateService) -> dict[str, str]:
    """Return whom the function asks, as `pause.releases.release_runs` takes it."""
    if settings.release.engine is Engine.CODEDEPLOY:
        return {"ENGINE": "codedeploy", "APPLICATION": settings.prefix, "GROUP": settings.prefix}
    return {"ENGINE": "ecs", "CLUSTER": service.cluster.cluster_name, "SERVICE": service.service_arn}


def _releases(settings: StageSettings, service: ecs.FargateService) -> events.EventPattern:
    """Return the events that say that a release of this service began or ended."""
    if settings.release.engine is Engine.CODEDEPLOY:
        return events.EventPattern(
            source=["aws.codedeploy"],
            detail_type=["CodeDeploy Deployment State-change Notification"],
            detail={"application": [settings.prefix], "deploymentGroup": [settings.prefix]},
        )
    return events.EventPattern(
        source=["aws.ecs"],
        detail_type=["ECS Deployment State Change"],
        resources=[service.service_arn],
    )


def _log(logs: RetainedLogs) -> iam.PolicyStatement:
    return iam.PolicyStatement(
        sid="Log", actions=["logs:CreateLogStream", "logs:PutLogEvents"], resources=[logs.log_group_arn]
    )


def _ask(settings: StageSettings, service: ecs.FargateService) -> iam.PolicyStatement:
    """Let it ask the engine for the releases of this one service."""
    if settings.release.engine is Engine.CODEDEPLOY:
        group = of_stage(settings, "codedeploy", f"deploymentgroup:{settings.prefix}/{settings.prefix}")
        return iam.PolicyStatement(sid="Ask", actions=["codedeploy:ListDeployments"], resources=[group])
    return iam.PolicyStatement(
        sid="Ask", actions=["ecs:ListServiceDeployments"], resources=[service.service_arn]
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
    """Give what Application Auto Scaling demands of a caller: the rights that it uses itself."""
    return iam.PolicyStatement(
        sid="ProveThatItMay",
        actions=["ecs:DescribeServices", "ecs:UpdateService"],
        resources=[service.service_arn],
    )

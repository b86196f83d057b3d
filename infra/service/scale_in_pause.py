"""No task goes while a release moves traffic."""

from typing import Any, Final

from aws_cdk import Duration
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from infra.acknowledge import acknowledge, acknowledge_checkov, acknowledge_lint
from infra.retained_logs import RetainedLogs
from infra.service.hook_code import hook_code
from infra.service.scale_in_pause_role import ScaleInPauseRole
from infra.service.scaling import Scaling
from infra.settings import Engine, StageSettings

EVERY: Final = Duration.minutes(10)
"""How long scale-in stays wrong at most when an event is lost."""


class ScaleInPause(Construct):
    """A Lambda function that suspends scale-in while a release is in progress.

    CodeDeploy gives up when the number of tasks changes for longer than about five minutes while it
    shifts traffic, and the way back needs all of the old tasks. Scaling out stays possible. The
    function owns this one switch: who wants to keep tasks for another reason raises `tasks.min_tasks`.
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
        role = ScaleInPauseRole(self, "Role", settings=settings, service=service, logs=logs)
        self.function = lambda_.Function(
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
            environment={"RESOURCE": scaling.resource, **_whom_to_ask(settings, service)},
        )
        self._acknowledge()
        self._call("Release", event_pattern=_releases(settings, service))
        self._call("Clock", schedule=events.Schedule.rate(EVERY))
        self.node.add_dependency(scaling)

    def _call(self, name: str, **when: Any) -> None:  # noqa: ANN401 - either a pattern or a schedule
        rule = events.Rule(self, name, **when)
        rule.add_target(targets.LambdaFunction(self.function, retry_attempts=3, max_event_age=EVERY))

    def _acknowledge(self) -> None:
        alone = "It runs for a second every ten minutes; a reservation would take from other functions."
        later = "The clock calls it again; there would be nothing to do with a failed call later."
        outside = "It asks AWS's own APIs only, and nothing in the VPC."
        acknowledge(
            self.function,
            {
                "NIST.800.53.R5-LambdaConcurrency": alone,
                "NIST.800.53.R5-LambdaDLQ": later,
                "NIST.800.53.R5-LambdaInsideVPC": outside,
            },
        )
        acknowledge_checkov(
            self.function,
            {
                "CKV_AWS_115": alone,
                "CKV_AWS_116": later,
                "CKV_AWS_117": outside,
                "CKV_AWS_173": "Its environment holds names, which are no secrets: see decision 9.",
            },
        )
        acknowledge_lint(
            self.function, {"W3005": "The CDK names the role as a dependency and as a property."}
        )


def _whom_to_ask(settings: StageSettings, service: ecs.FargateService) -> dict[str, str]:
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

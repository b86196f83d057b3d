"""What no release and no `cdk deploy` can be relied on to do: scale-in paused, the live colour true."""

from typing import Any, Final

from aws_cdk import Duration
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from infra.acknowledge import acknowledge, acknowledge_checkov, acknowledge_lint
from infra.colours import Colours
from infra.directory import Directory
from infra.retained_logs import RetainedLogs
from infra.service.hook_code import hook_code
from infra.service.release_keeper_role import ReleaseKeeperRole
from infra.service.scaling import Scaling
from infra.settings import Engine, StageSettings

EVERY: Final = Duration.minutes(10)
"""How long anything stays wrong at most when an event is lost."""


class ReleaseKeeper(Construct):
    """A Lambda function with two duties, both done from what is true whenever it runs.

    While a release is in progress it suspends scale-in. CodeDeploy gives up when the number of tasks changes
    for longer than about five minutes while it shifts traffic, and the way back needs all of the old tasks.
    Scaling out stays possible. The function owns this one switch: who wants to keep tasks for another reason
    raises `tasks.min_tasks`.

    While none is, it writes the live colour when the parameter does not say what the load balancer does:
    after an ECS deployment that `cdk deploy` started, or a release that died before it wrote. When traffic
    is not with one colour that answers, it fails, and the alarm for its errors calls people: Lambda repeats
    a call that failed after one and after two minutes more, so what is over by then calls nobody. The
    clock begins ten minutes after a first deployment, when there are tasks. With the strategy `rolling`
    there is one colour, and nothing to write.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        settings: StageSettings,
        service: ecs.FargateService,
        scaling: Scaling,
        colours: Colours,
        directory: Directory,
    ) -> None:
        super().__init__(scope, id_)
        logs = RetainedLogs(self, "Logs", settings=settings, entry="logs/keeper")
        role = ReleaseKeeperRole(self, "Role", settings=settings, service=service, logs=logs)
        self.function = lambda_.Function(
            self,
            "Function",
            function_name=settings.keeper_function,
            description="Pauses scale-in for releases, and keeps the live colour true between them",
            runtime=lambda_.Runtime.PYTHON_3_14,
            architecture=lambda_.Architecture.ARM_64,
            code=hook_code("keeper"),
            handler="keeper.handler.handle",
            role=role.without_policy_updates(),
            timeout=Duration.minutes(1),
            memory_size=256,
            log_group=logs,
            environment={
                "RESOURCE": scaling.resource,
                **_whom_to_ask(settings, service),
                **(_what_moves(settings, colours, directory) if settings.release.two_colours else {}),
            },
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
    """Return whom the function asks, as `keeper.releases.release_runs` takes it."""
    if settings.release.engine is Engine.CODEDEPLOY:
        return {"ENGINE": "codedeploy", "APPLICATION": settings.prefix, "GROUP": settings.prefix}
    return {"ENGINE": "ecs", "CLUSTER": service.cluster.cluster_name, "SERVICE": service.service_arn}


def _what_moves(settings: StageSettings, colours: Colours, directory: Directory) -> dict[str, str]:
    """Return the colours and what moves traffic between them, as `keeper.traffic.keep` takes it."""
    mover = (
        {"LISTENER": colours.production_listener.listener_arn}
        if settings.release.engine is Engine.CODEDEPLOY
        else {"RULE": directory.find("traffic/production-rule")}
    )
    groups = {name.upper(): group.target_group_arn for name, group in colours.by_name().items()}
    return {"PARAMETER": settings.live_colour_parameter, **groups, **mover}


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

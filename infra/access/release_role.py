"""What the workflow that releases to a stage may do: release to that stage."""

import math

from aws_cdk import Duration
from aws_cdk import aws_iam as iam
from constructs import Construct

from infra import arns
from infra.access import change
from infra.access.look import gate_logs, look
from infra.access.shift import shift
from infra.acknowledge import acknowledge, acknowledge_own_policy
from infra.checks.release import minutes_of
from infra.github import workflow
from infra.names import RELEASES_PREFIX
from infra.settings import Engine, RegistrySettings, StageSettings


class ReleaseRole(iam.Role):
    """Ships, rolls back, stops and looks at releases of one stage.

    It hands the two task roles to tasks and nothing to anything else, writes one parameter, and deletes
    nothing. Its session lasts as long as a release of the stage may take.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str = "Release",
        *,
        settings: StageSettings,
        registry: RegistrySettings,
    ) -> None:
        statements = [
            *look(settings),
            *change.register(settings),
            *shift(settings),
            change.tag(registry),
            *change.record(settings),
            *change.remember_the_colour(settings),
            change.hold_deployments_off(settings),
        ]
        super().__init__(
            scope,
            id_,
            role_name=settings.release_role,
            assumed_by=workflow(registry, settings.name),
            description="The workflow that releases to this stage",
            max_session_duration=Duration.hours(session_hours(settings)),
            inline_policies={"Release": iam.PolicyDocument(statements=statements)},
        )
        acknowledge_own_policy(self)
        acknowledge(self, _reasons(settings))


def session_hours(settings: StageSettings) -> int:
    """Return for how long a session must last, so that a release does not outlive it.

    IAM grants twelve hours at most; `infra.checks.registry` refuses releases that would take longer.
    """
    return math.ceil(minutes_of(settings.release) / 60)


def _reasons(settings: StageSettings) -> dict[str, str]:
    """Return why each wildcard of the role's is one."""
    name, root = settings.prefix, settings.entry("")
    bucket = arns.as_nag_says(arns.of_bucket(settings))
    one_service = "The cluster holds one service, whose name and tasks get theirs from ECS."
    revisions = "Every release registers another revision of this one family."
    stacks = "CloudFormation ends every stack's ARN with an id of its own."
    reasons = {
        "*": (
            "Describe calls and those about a release's targets know no resource and change nothing, and a "
            "composite alarm is told of only to whoever may see all; listing tasks is limited to one cluster."
        ),
        _seen(settings, "ssm", f"parameter{root}*"): "The stage's own entries, to read.",
        _seen(settings, "ecs", f"service/{name}/*"): one_service,
        _seen(settings, "ecs", f"task/{name}/*"): one_service,
        _seen(settings, "ecs", f"task-definition/{name}:*"): revisions,
        _seen(settings, "cloudformation", f"stack/{settings.stack_name('Traffic')}/*"): stacks,
        _seen(settings, "cloudformation", f"stack/{settings.stack_name('Service')}/*"): stacks,
        _seen(settings, "logs", f"{gate_logs(settings)}*"): "CloudFormation ends the log group's name.",
        f"{bucket}/{RELEASES_PREFIX}*": "Every release has records of its own below this one prefix.",
        **_engine_reasons(settings),
    }
    return {f"AwsSolutions-IAM5[Resource::{resource}]": reason for resource, reason in reasons.items()}


def _engine_reasons(settings: StageSettings) -> dict[str, str]:
    if settings.release.engine is Engine.CODEDEPLOY:
        return {
            _seen(settings, "codedeploy", "deploymentconfig:*"): (
                "Configurations are read only; the stage's own gets its name from CloudFormation."
            )
        }
    ids = "ECS gives every deployment and revision of the one service an id."
    return {
        _seen(settings, "ecs", f"service-deployment/{settings.prefix}/*"): ids,
        _seen(settings, "ecs", f"service-revision/{settings.prefix}/*"): ids,
    }


def _seen(settings: StageSettings, service: str, resource: str) -> str:
    """Return a resource of the stage as cdk-nag names it."""
    return arns.as_nag_says(arns.of_stage(settings, service, resource))

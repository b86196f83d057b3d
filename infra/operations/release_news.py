"""A message to people when a release did not end well, in words and with the runbook."""

import json
from dataclasses import dataclass
from typing import Any, Final

from aws_cdk import aws_events as events
from constructs import Construct

from infra import arns
from infra.runbooks import runbook
from infra.settings import Engine, RegistrySettings, StageSettings

_CODEDEPLOY_LOOK: Final = "aws deploy get-deployment --deployment-id <release> --region {region}"
_ECS_LOOK: Final = "aws ecs describe-services --cluster {prefix} --services <service> --region {region}"


@dataclass(frozen=True, slots=True)
class News:
    """What EventBridge listens for, and what it says."""

    pattern: dict[str, Any]
    """The event pattern; every condition in it must hold."""
    paths: dict[str, str]
    """Where in the event the parts of the message are."""
    template: str
    """The message: `<name>` stands for the part of that name."""


class ReleaseNews(Construct):
    """A rule that tells failed, stopped and rolled-back releases of this stage to the topic.

    Sources: "CodeDeploy Deployment State-change Notification" (states FAILURE and STOP) and "ECS Deployment
    State Change" (a failed deployment; a rollback is announced in its reason), EventBridge and ECS guides.
    Both are sent on a best-effort basis.
    """

    def __init__(
        self, scope: Construct, id_: str, *, settings: StageSettings, registry: RegistrySettings, topic: str
    ) -> None:
        super().__init__(scope, id_)
        news = news_of(settings, registry)
        events.CfnRule(
            self,
            "Rule",
            name=news_rule(settings),
            description=f"Tells releases of {settings.name} that failed, were stopped or were rolled back",
            event_pattern=news.pattern,
            targets=[
                events.CfnRule.TargetProperty(
                    id="Topic",
                    arn=topic,
                    input_transformer=events.CfnRule.InputTransformerProperty(
                        input_paths_map=news.paths, input_template=json.dumps(news.template)
                    ),
                )
            ],
        )


def news_rule(settings: StageSettings) -> str:
    """Return the name of the rule."""
    return f"{settings.prefix}-release-news"


def news_of(settings: StageSettings, registry: RegistrySettings) -> News:
    """Return what is listened for and said with the stage's engine."""
    return (_codedeploy if settings.release.engine is Engine.CODEDEPLOY else _ecs)(settings, registry)


def _codedeploy(settings: StageSettings, registry: RegistrySettings) -> News:
    look = _CODEDEPLOY_LOOK.format(region=settings.region)
    return News(
        pattern={
            "source": ["aws.codedeploy"],
            "detail-type": ["CodeDeploy Deployment State-change Notification"],
            "detail": {
                "application": [settings.prefix],
                "deploymentGroup": [settings.prefix],
                "state": ["FAILURE", "STOP"],
            },
        },
        paths={"release": "$.detail.deploymentId", "state": "$.detail.state", "time": "$.time"},
        template=(
            f"Release <release> of {settings.name} ended with <state> at <time>. "
            "Traffic goes back to the version before, or stays there. "
            f"Why: {look} . {runbook('rolled-back', registry)}"
        ),
    )


def _ecs(settings: StageSettings, registry: RegistrySettings) -> News:
    services = arns.of_stage(settings, "ecs", f"service/{settings.prefix}/")
    look = _ECS_LOOK.format(prefix=settings.prefix, region=settings.region)
    return News(
        pattern={
            "source": ["aws.ecs"],
            "detail-type": ["ECS Deployment State Change"],
            "resources": [{"prefix": services}],
            "detail": {
                "$or": [
                    {"eventName": ["SERVICE_DEPLOYMENT_FAILED"]},
                    {"reason": [{"wildcard": "*rolling back*"}]},
                ]
            },
        },
        paths={
            "release": "$.detail.deploymentId",
            "state": "$.detail.eventName",
            "reason": "$.detail.reason",
            "service": "$.resources[0]",
            "time": "$.time",
        },
        template=(
            f"Release <release> of {settings.name}: <state> at <time>. ECS says: <reason> "
            f"Look: {look} . {runbook('rolled-back', registry)}"
        ),
    )

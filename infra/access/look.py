"""What a release looks at before, during and after it moves traffic."""

from typing import Final

from aws_cdk import DefaultStackSynthesizer
from aws_cdk import aws_iam as iam

from infra import arns
from infra.settings import StageSettings

_BOOTSTRAP_VERSION: Final = f"/cdk-bootstrap/{DefaultStackSynthesizer.DEFAULT_QUALIFIER}/version"
"""Parameter that CloudFormation reads for every template of the CDK's, in the name of whoever updates it."""


def look(settings: StageSettings) -> list[iam.PolicyStatement]:
    """Return what lets a release see the stage: directory, service, alarms, stacks, load balancer."""
    return [
        *_directory(settings),
        *_service(settings),
        _alarms(),
        _stacks(settings),
        _gate_log(settings),
        _around(),
    ]


def gate_logs(settings: StageSettings) -> str:
    """Return how the name of the gate's log group starts, which CloudFormation ends."""
    return f"log-group:{settings.stack_name('Service')}-ReleaseGate"


def _directory(settings: StageSettings) -> list[iam.PolicyStatement]:
    """Let it read the entries of this stage, and what CloudFormation reads in its name."""
    return [
        iam.PolicyStatement(
            sid="ReadTheDirectory",
            actions=["ssm:GetParameter", "ssm:GetParameters"],
            resources=[arns.of_stage(settings, "ssm", f"parameter{settings.entry('')}*")],
        ),
        iam.PolicyStatement(
            sid="ReadTheBootstrap",
            actions=["ssm:GetParameters"],
            resources=[arns.of_stage(settings, "ssm", f"parameter{_BOOTSTRAP_VERSION}")],
        ),
    ]


def _service(settings: StageSettings) -> list[iam.PolicyStatement]:
    cluster = arns.of_stage(settings, "ecs", f"cluster/{settings.prefix}")
    return [
        iam.PolicyStatement(
            sid="LookAtTheService",
            actions=["ecs:DescribeServices", "ecs:DescribeTasks"],
            resources=[
                arns.of_stage(settings, "ecs", f"{kind}/{settings.prefix}/*") for kind in ("service", "task")
            ],
        ),
        iam.PolicyStatement(
            sid="ListTasks",
            actions=["ecs:ListTasks"],
            resources=["*"],
            conditions={"ArnEquals": {"ecs:cluster": cluster}},
        ),
    ]


def _alarms() -> iam.PolicyStatement:
    """Let it see the alarms that turn it around, and the one that stands for all of them.

    That one is composite, and CloudWatch tells of composite alarms only to whoever may describe all alarms
    ("DescribeAlarms", Amazon CloudWatch API Reference).
    """
    return iam.PolicyStatement(sid="LookAtAlarms", actions=["cloudwatch:DescribeAlarms"], resources=["*"])


def _stacks(settings: StageSettings) -> iam.PolicyStatement:
    """Let it see how an update goes, whether updates are held off, and what the Service stack registered."""
    return iam.PolicyStatement(
        sid="LookAtStacks",
        actions=[
            "cloudformation:DescribeStackEvents",
            "cloudformation:DescribeStackResources",
            "cloudformation:DescribeStacks",
            "cloudformation:GetStackPolicy",
        ],
        resources=[
            arns.of_stage(settings, "cloudformation", f"stack/{settings.stack_name(part)}/*")
            for part in ("Traffic", "Service")
        ],
    )


def _gate_log(settings: StageSettings) -> iam.PolicyStatement:
    """Let it read why the gate refused a version: CodeDeploy is told that it did, and no more."""
    return iam.PolicyStatement(
        sid="ReadTheGatesLog",
        actions=["logs:FilterLogEvents"],
        resources=[arns.of_stage(settings, "logs", f"{gate_logs(settings)}*")],
    )


def _around() -> iam.PolicyStatement:
    """Let it describe what IAM knows no resource for; it changes nothing."""
    return iam.PolicyStatement(
        sid="LookAround",
        actions=[
            "ecs:DescribeTaskDefinition",
            "elasticloadbalancing:DescribeListeners",
            "elasticloadbalancing:DescribeRules",
            "elasticloadbalancing:DescribeTargetHealth",
        ],
        resources=["*"],
    )

"""Log groups that stay when the stack goes: a failed release is explained by its logs."""

from aws_cdk import RemovalPolicy
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from aws_cdk import aws_ssm as ssm
from constructs import Construct

from infra.acknowledge import acknowledge, acknowledge_checkov
from infra.checks import RETENTION
from infra.settings import StageSettings


class RetainedLogs(logs.LogGroup):
    """A log group with the stage's retention, encrypted by CloudWatch's own key.

    It has no name of its own, because it outlives its stack and a second one could not have the same.

    Args:
        entry: where its name is published, such as `logs/service`, for those who ask it questions; by default
            nowhere.
    """

    def __init__(
        self, scope: Construct, id_: str, *, settings: StageSettings, entry: str | None = None
    ) -> None:
        super().__init__(
            scope,
            id_,
            retention=logs.RetentionDays[RETENTION[settings.operations.log_retention]],
            removal_policy=RemovalPolicy.RETAIN,
        )
        key = "CloudWatch encrypts it with its own key: see decision 9."
        acknowledge(self, {"NIST.800.53.R5-CloudWatchLogGroupEncrypted": key})
        acknowledge_checkov(self, {"CKV_AWS_158": key})
        if entry is not None:
            ssm.StringParameter(
                self, "Entry", parameter_name=settings.entry(entry), string_value=self.log_group_name
            )

    def writing(self) -> iam.PolicyStatement:
        """Return the statement that lets a role write to it."""
        return iam.PolicyStatement(
            sid="Log", actions=["logs:CreateLogStream", "logs:PutLogEvents"], resources=[self.log_group_arn]
        )

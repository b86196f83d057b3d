"""The alarm that tells people once when any rollback alarm is red."""

from collections.abc import Sequence

from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from infra import arns
from infra.settings import StageSettings


class Unwell(Construct):
    """One message when any rollback alarm turns red, instead of one for each, and one when all are well.

    It is in the stack of the alarms that it is made of, though what it tells goes to a topic of a later one.
    CloudWatch deletes no alarm that a composite alarm still names ("Cannot delete ... as there are composite
    alarm(s) depending on it"), and CloudFormation deletes what depends on something before that thing, but
    only within a stack. The topic is named by its ARN; until it exists, messages go nowhere, and no alarm
    fails for it.

    Args:
        alarms: what it is made of; at least one.
        alarm_arns: their ARNs, by name.
        runbook: the sentence that ends its description.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        settings: StageSettings,
        alarms: Sequence[cloudwatch.Alarm],
        alarm_arns: Sequence[str],
        runbook: str,
    ) -> None:
        super().__init__(scope, id_)
        topic = arns.of_stage(settings, "sns", settings.topic)
        composite = cloudwatch.CfnCompositeAlarm(
            self,
            "Resource",
            alarm_name=settings.unwell_alarm,
            alarm_description=f"At least one rollback alarm is red. {runbook}",
            alarm_rule=" OR ".join(f'ALARM("{arn}")' for arn in alarm_arns),
            alarm_actions=[topic],
            ok_actions=[topic],
        )
        for alarm in alarms:
            composite.node.add_dependency(alarm)

"""The topic that every message to people goes through."""

from collections.abc import Iterator

from aws_cdk import Aws
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from constructs import Construct, IConstruct

from infra import arns
from infra.acknowledge import acknowledge, acknowledge_checkov
from infra.settings import StageSettings


class Notifications(Construct):
    """A topic that this stage's alarms, releases and budget may publish to, over TLS only.

    A policy of its own replaces the default one, under which anything in the account may publish, so each
    publisher has its statement. EventBridge's has no condition: "You can't use Condition blocks in Amazon SNS
    topic policies for EventBridge" (troubleshooting, Amazon EventBridge user guide); with one, messages are
    dropped and only the rule's metric FailedInvocations tells. So whoever knows the topic's ARN could have
    a rule of any account send to it; messages are read by people and start nothing.
    """

    def __init__(self, scope: Construct, id_: str, *, settings: StageSettings) -> None:
        super().__init__(scope, id_)
        self.topic = sns.Topic(self, "Topic", topic_name=settings.topic, enforce_ssl=True)
        plain = "Messages name alarms, which is no secret: see decision 9."
        acknowledge(self.topic, {"NIST.800.53.R5-SNSEncryptedKMS": plain})
        acknowledge_checkov(self.topic, {"CKV_AWS_26": plain})
        for statement in _publishers(settings, self.topic.topic_arn):
            self.topic.add_to_resource_policy(statement)
        if settings.operations.notify:
            self.topic.add_subscription(subscriptions.EmailSubscription(settings.operations.notify))

    @property
    def policy(self) -> IConstruct:
        """Who may publish; what tries to publish at once has to come after it."""
        return self.topic.node.find_child("Policy")

    @property
    def arn(self) -> str:
        """ARN of the topic."""
        return self.topic.topic_arn


def _publishers(settings: StageSettings, topic: str) -> Iterator[iam.PolicyStatement]:
    alarms = arns.of_stage(settings, "cloudwatch", f"alarm:{settings.prefix}-*")
    yield _may_publish(topic, sid="AllowAlarmsOfThisStage", service="cloudwatch", source=alarms)
    yield _may_publish(topic, sid="AllowNewsOfReleases", service="events", source=None)
    if settings.operations.monthly_budget is not None:
        source = arns.of_account("budgets", "*")
        yield _may_publish(topic, sid="AllowBudgets", service="budgets", source=source)


def _may_publish(topic: str, *, sid: str, service: str, source: str | None) -> iam.PolicyStatement:
    """Let a service publish: for one source in this account, or without a condition."""
    here_only = {"StringEquals": {"aws:SourceAccount": Aws.ACCOUNT_ID}, "ArnLike": {"aws:SourceArn": source}}
    return iam.PolicyStatement(
        sid=sid,
        principals=[iam.ServicePrincipal(f"{service}.amazonaws.com")],
        actions=["sns:Publish"],
        resources=[topic],
        conditions=here_only if source else None,
    )

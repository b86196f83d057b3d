"""What people look at: one dashboard, one topic, one alarm that tells them."""

from aws_cdk import Aws, Duration, Environment, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_elasticloadbalancingv2 as elb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from constructs import Construct

from infra.acknowledge import acknowledge
from infra.colours import Colours
from infra.directory import Directory, Published
from infra.settings import StageSettings


class OperationsStack(Stack):
    """Dashboard and notification topic; changed at will, since no traffic depends on it."""

    def __init__(
        self, scope: Construct, *, settings: StageSettings, env: Environment, alarm_names: list[str]
    ) -> None:
        super().__init__(scope, settings.stack_name("Operations"), env=env, tags=settings.tags)
        self.topic = self._build_topic(settings)
        self._notify(settings, alarm_names)
        directory = Directory(self, settings=settings)
        self._build_dashboard(settings, Colours(self, directory=directory))
        Published(self, settings=settings, entries={"operations/topic": self.topic.topic_arn})

    def _build_topic(self, settings: StageSettings) -> sns.Topic:
        topic = sns.Topic(self, "Topic", topic_name=f"{settings.prefix}-notifications", enforce_ssl=True)
        acknowledge(
            topic,
            {"NIST.800.53.R5-SNSEncryptedKMS": "Messages name alarms, which is no secret: see decision 9."},
        )
        topic.add_to_resource_policy(self._let_alarms_publish(settings, topic))
        if settings.operations.notify:
            topic.add_subscription(subscriptions.EmailSubscription(settings.operations.notify))
        return topic

    @staticmethod
    def _let_alarms_publish(settings: StageSettings, topic: sns.Topic) -> iam.PolicyStatement:
        """Let this stage's alarms publish: a policy replaces the default one, which lets the account."""
        here = f"{settings.region}:{Aws.ACCOUNT_ID}"
        alarms = f"arn:{Aws.PARTITION}:cloudwatch:{here}:alarm:{settings.prefix}-*"
        return iam.PolicyStatement(
            sid="AllowAlarmsOfThisStage",
            principals=[iam.ServicePrincipal("cloudwatch.amazonaws.com")],
            actions=["sns:Publish"],
            resources=[topic.topic_arn],
            conditions={
                "StringEquals": {"aws:SourceAccount": Aws.ACCOUNT_ID},
                "ArnLike": {"aws:SourceArn": alarms},
            },
        )

    def _notify(self, settings: StageSettings, alarm_names: list[str]) -> None:
        """Send one message when any rollback alarm turns red, instead of one for each."""
        alarm = cloudwatch.CompositeAlarm(
            self,
            "Unwell",
            composite_alarm_name=f"{settings.prefix}-unwell",
            alarm_description="At least one rollback alarm is red",
            alarm_rule=cloudwatch.AlarmRule.any_of(
                *(cloudwatch.Alarm.from_alarm_name(self, name, name) for name in alarm_names)
            ),
        )
        alarm.add_alarm_action(actions.SnsAction(self.topic))
        alarm.add_ok_action(actions.SnsAction(self.topic))

    def _build_dashboard(self, settings: StageSettings, colours: Colours) -> None:
        dashboard = cloudwatch.Dashboard(
            self, "Dashboard", dashboard_name=settings.prefix, default_interval=Duration.hours(3)
        )
        dashboard.add_widgets(
            _graph(
                "Requests", [group.metrics.request_count(label=c) for c, group in colours.by_name().items()]
            ),
            _graph(
                "Errors (5xx)",
                [
                    group.metrics.http_code_target(elb.HttpCodeTarget.TARGET_5XX_COUNT, label=colour)
                    for colour, group in colours.by_name().items()
                ]
                + [colours.unanswered(label="load balancer")],
            ),
        )
        dashboard.add_widgets(
            _graph(
                "Latency, 99th percentile (s)",
                [
                    group.metrics.target_response_time(statistic="p99", label=colour)
                    for colour, group in colours.by_name().items()
                ],
            ),
            _graph(
                "Healthy tasks",
                [group.metrics.healthy_host_count(label=c) for c, group in colours.by_name().items()],
            ),
        )


def _graph(title: str, metrics: list[cloudwatch.Metric]) -> cloudwatch.GraphWidget:
    return cloudwatch.GraphWidget(title=title, left=metrics, width=12)

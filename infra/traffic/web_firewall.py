"""The web application firewall before an internet-facing load balancer."""

from aws_cdk import Aws, CfnResource, RemovalPolicy, Stack
from aws_cdk import aws_elasticloadbalancingv2 as elb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from aws_cdk import aws_wafv2 as waf
from constructs import Construct

from infra.acknowledge import acknowledge, acknowledge_checkov
from infra.checks import RETENTION
from infra.settings import StageSettings
from infra.traffic.web_firewall_rules import custom_bodies, logging, rules


class WebFirewall(Construct):
    """Managed rules, a rate for each address and a limit on bodies, before both listeners.

    The release gate passes: it calls with a user-agent, from one private address, a probe at a time.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        settings: StageSettings,
        load_balancer: elb.IApplicationLoadBalancer,
    ) -> None:
        super().__init__(scope, id_)
        self._acl = self._build_acl(settings)
        waf.CfnWebACLAssociation(
            self,
            "Association",
            resource_arn=load_balancer.load_balancer_arn,
            web_acl_arn=self._acl.attr_arn,
        )
        self._log_to(self._build_log(settings))

    def _build_acl(self, settings: StageSettings) -> waf.CfnWebACL:
        acl = waf.CfnWebACL(
            self,
            "Acl",
            scope="REGIONAL",
            default_action=waf.CfnWebACL.DefaultActionProperty(allow={}),
            visibility_config=waf.CfnWebACL.VisibilityConfigProperty(
                cloud_watch_metrics_enabled=True,
                metric_name=settings.prefix,
                sampled_requests_enabled=False,
            ),
        )
        _override(acl, {"Rules": rules(settings), "CustomResponseBodies": custom_bodies()})
        return acl

    def _build_log(self, settings: StageSettings) -> logs.LogGroup:
        """Build the log group under the name that AWS WAF asks for.

        It goes with the stack: one that stayed would keep its name from the next one.
        """
        group = logs.LogGroup(
            self,
            "Log",
            log_group_name=f"aws-waf-logs-{settings.prefix}",
            retention=logs.RetentionDays[RETENTION[settings.operations.log_retention]],
            removal_policy=RemovalPolicy.DESTROY,
        )
        key = "CloudWatch encrypts it with its own key: see decision 9."
        acknowledge(group, {"NIST.800.53.R5-CloudWatchLogGroupEncrypted": key})
        acknowledge_checkov(group, {"CKV_AWS_158": key})
        return group

    def _log_to(self, group: logs.LogGroup) -> None:
        """Log blocked requests, by a policy that says so, instead of one that AWS would write for itself."""
        policy = logs.ResourcePolicy(
            self, "Delivery", policy_statements=[self._delivery(group.log_group_arn)]
        )
        configuration = waf.CfnLoggingConfiguration(
            self,
            "Logging",
            resource_arn=self._acl.attr_arn,
            # By its name: the group's ARN ends in `:*`, which AWS WAF refuses.
            log_destination_configs=[
                Stack.of(self).format_arn(service="logs", resource=f"log-group:{group.log_group_name}")
            ],
        )
        _override(configuration, logging())
        configuration.node.add_dependency(policy)

    def _delivery(self, group_arn: str) -> iam.PolicyStatement:
        return iam.PolicyStatement(
            principals=[iam.ServicePrincipal("delivery.logs.amazonaws.com")],
            actions=["logs:CreateLogStream", "logs:PutLogEvents"],
            resources=[group_arn],
            conditions={
                "StringEquals": {"aws:SourceAccount": Aws.ACCOUNT_ID},
                "ArnLike": {"aws:SourceArn": Stack.of(self).format_arn(service="logs", resource="*")},
            },
        )


def _override(resource: CfnResource, properties: dict[str, object]) -> None:
    for name, value in properties.items():
        resource.add_property_override(name, value)

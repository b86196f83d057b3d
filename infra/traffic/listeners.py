"""The listeners: where clients come in, where the release gate does, and what follows the live colour."""

from collections.abc import Mapping
from typing import Final, cast

from aws_cdk import CfnResource
from aws_cdk import aws_elasticloadbalancingv2 as elb
from constructs import Construct

from infra.acknowledge import acknowledge, acknowledge_checkov
from infra.live_colour import Choice, LiveColour
from infra.names import HTTP_PORT, HTTPS_PORT, TEST_PORT
from infra.settings import Engine, StageSettings

CATCH_ALL: Final = 1
"""Priority of the rules that ECS moves: the first to be asked, and they match every path."""


class Listeners(Construct):
    """The production listener, the test listener and, over HTTPS, the one that sends port 80 there.

    Port 80 and port 443 are resources of their own: whichever way a stage moves between HTTP and HTTPS,
    no port is ever asked for twice. Port 80 sends people there and is no way in for programs: a load
    balancer redirects by 301 or 302 only, after which most clients repeat a POST as a GET.

    Releases rewrite the default actions (CodeDeploy) or the rules (ECS), so nothing here may change with a
    commit: each update writes them back, to the live colour.

    The test listener goes to the colour that is not live. So both target groups always belong to the load
    balancer and have health checks, and a gate that asks too early does not get the old version's answers.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        settings: StageSettings,
        load_balancer: elb.ApplicationLoadBalancer,
        colours: Mapping[str, elb.ApplicationTargetGroup],
        live: LiveColour,
        certificate: elb.IListenerCertificate | None,
    ) -> None:
        super().__init__(scope, id_)
        self._load_balancer = load_balancer
        self._colours = colours
        self.production = (
            self._build_https(settings, certificate) if certificate else self._build_http(settings)
        )
        self.test = self._build_test()
        self._follow(self.production, live.live)
        self._follow(self.test, live.idle)
        if certificate:
            self._build_redirect()
        self.rules = self._build_rules(live) if _moves_rules(settings) else {}

    def _build_https(
        self, settings: StageSettings, certificate: elb.IListenerCertificate
    ) -> elb.ApplicationListener:
        listener = elb.ApplicationListener(
            self,
            "Https",
            load_balancer=self._load_balancer,
            port=HTTPS_PORT,
            protocol=elb.ApplicationProtocol.HTTPS,
            certificates=[certificate],
            open=False,
            default_target_groups=[self._colours["blue"]],
        )
        # By its own name: the CDK's list of policies lags behind AWS's.
        _resource(listener).add_property_override("SslPolicy", settings.traffic.tls_policy.value)
        return listener

    def _build_http(self, settings: StageSettings) -> elb.ApplicationListener:
        listener = self._build_plain("Http", HTTP_PORT, self._colours["blue"])
        _acknowledge_http(
            listener,
            "A stage to practise on may do without a domain; the checks refuse plain HTTP to the public "
            "on every other."
            if settings.traffic.internet_facing
            else "The load balancer has private addresses only; the settings give no certificate.",
        )
        return listener

    def _build_test(self) -> elb.ApplicationListener:
        listener = self._build_plain("Test", TEST_PORT, self._colours["green"])
        _acknowledge_http(
            listener,
            "Only the release gate's security group reaches it, by a private address within the VPC.",
        )
        return listener

    def _build_plain(self, id_: str, port: int, first: elb.ApplicationTargetGroup) -> elb.ApplicationListener:
        return elb.ApplicationListener(
            self,
            id_,
            load_balancer=self._load_balancer,
            port=port,
            protocol=elb.ApplicationProtocol.HTTP,
            open=False,
            default_target_groups=[first],
        )

    def _build_redirect(self) -> None:
        listener = elb.ApplicationListener(
            self,
            "Http",
            load_balancer=self._load_balancer,
            port=HTTP_PORT,
            protocol=elb.ApplicationProtocol.HTTP,
            open=False,
            default_action=elb.ListenerAction.redirect(
                port=str(HTTPS_PORT), protocol="HTTPS", permanent=True
            ),
        )
        # Where a stage leaves plain HTTP, nobody is sent to a port that is not there yet.
        listener.node.add_dependency(self.production)
        acknowledge(
            listener,
            {"NIST.800.53.R5-ELBv2ACMCertificateRequired": "It only sends clients to the HTTPS listener."},
        )

    def _follow(self, listener: elb.ApplicationListener, choose: Choice) -> None:
        arns = {name: group.target_group_arn for name, group in self._colours.items()}
        _resource(listener).add_property_override(
            "DefaultActions",
            [{"Type": "forward", "TargetGroupArn": choose(blue=arns["blue"], green=arns["green"])}],
        )

    def _build_rules(self, live: LiveColour) -> dict[str, elb.CfnListenerRule]:
        """Build the rules whose weights ECS moves: of a load balancer it takes rules, never listeners."""
        return {
            "production": self._build_rule("ProductionRule", self.production, live.live),
            "test": self._build_rule("TestRule", self.test, live.idle),
        }

    def _build_rule(self, id_: str, listener: elb.ApplicationListener, choose: Choice) -> elb.CfnListenerRule:
        weights = {"blue": choose(blue=100, green=0), "green": choose(blue=0, green=100)}
        rule = elb.CfnListenerRule(
            self,
            id_,
            listener_arn=listener.listener_arn,
            priority=CATCH_ALL,
            conditions=[elb.CfnListenerRule.RuleConditionProperty(field="path-pattern", values=["/*"])],
            actions=[],
        )
        groups = [
            {"TargetGroupArn": group.target_group_arn, "Weight": weights[name]}
            for name, group in self._colours.items()
        ]
        rule.add_property_override(
            "Actions", [{"Type": "forward", "ForwardConfig": {"TargetGroups": groups}}]
        )
        return rule


def _moves_rules(settings: StageSettings) -> bool:
    return settings.release.engine is Engine.ECS and settings.release.two_colours


def _acknowledge_http(listener: elb.ApplicationListener, reason: str) -> None:
    acknowledge(
        listener,
        {
            "NIST.800.53.R5-ALBHttpToHttpsRedirection": reason,
            "NIST.800.53.R5-ELBv2ACMCertificateRequired": reason,
        },
    )
    acknowledge_checkov(listener, {"CKV_AWS_2": reason, "CKV_AWS_103": reason})


def _resource(listener: elb.ApplicationListener) -> CfnResource:
    return cast("CfnResource", listener.node.default_child)

"""The way in: the load balancer, its two listeners and the two colours behind them."""

from aws_cdk import Duration, Environment, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticloadbalancingv2 as elb
from constructs import Construct

from infra.acknowledge import acknowledge
from infra.directory import Directory, Published
from infra.live_colour import LiveColour
from infra.log_bucket import LogBucket
from infra.names import TEST_PORT
from infra.place import Place
from infra.settings import StageSettings
from service import contract


class TrafficStack(Stack):
    """Load balancer, production and test listener, blue and green target group.

    CodeDeploy rewrites both listeners in a release, so nothing in this stack may change with a
    commit: each update of a listener writes its default action back.
    """

    def __init__(self, scope: Construct, *, settings: StageSettings, env: Environment) -> None:
        super().__init__(scope, settings.stack_name("Traffic"), env=env, tags=settings.tags)
        directory = Directory(self, settings=settings)
        place = Place(
            self,
            settings=settings,
            directory=directory,
            kind="public" if settings.traffic.internet_facing else "private",
            vpc_id=directory.find("network/vpc"),
        )
        self.load_balancer = self._build_load_balancer(settings, place)
        self.blue = self._build_target_group("Blue", place.vpc)
        self.green = self._build_target_group("Green", place.vpc)
        self.production_listener = self._build_listener(
            "Production", settings.traffic.production_port, self.blue
        )
        self.test_listener = self._build_listener("Test", TEST_PORT, self.green)
        self._follow(LiveColour(self, "Live", parameter_name=settings.live_colour_parameter))
        Published(self, settings=settings, entries=self._entries())

    def _build_load_balancer(self, settings: StageSettings, place: Place) -> elb.ApplicationLoadBalancer:
        balancer = elb.ApplicationLoadBalancer(
            self,
            "LoadBalancer",
            vpc=place.vpc,
            vpc_subnets=place.subnets,
            internet_facing=settings.traffic.internet_facing,
            security_group=place.security_group("load-balancer"),
            idle_timeout=Duration.seconds(contract.LOAD_BALANCER_IDLE),
            drop_invalid_header_fields=True,
            desync_mitigation_mode=elb.DesyncMitigationMode.DEFENSIVE,
            deletion_protection=settings.traffic.deletion_protection,
        )
        acknowledge(
            balancer,
            {"NIST.800.53.R5-ALBWAFEnabled": "It is reached from inside only, or it is the dev stage."},
        )
        if not settings.traffic.deletion_protection:
            acknowledge(
                balancer,
                {"NIST.800.53.R5-ELBDeletionProtectionEnabled": "A stage to practise on is also torn down."},
            )
        balancer.log_access_logs(LogBucket(self, "Logs", settings=settings, what="traffic"), "load-balancer")
        return balancer

    def _build_target_group(self, colour: str, vpc: ec2.IVpc) -> elb.ApplicationTargetGroup:
        return elb.ApplicationTargetGroup(
            self,
            colour,
            vpc=vpc,
            port=contract.PORT,
            protocol=elb.ApplicationProtocol.HTTP,
            target_type=elb.TargetType.IP,
            deregistration_delay=Duration.seconds(contract.DEREGISTRATION_DELAY),
            health_check=elb.HealthCheck(
                path=contract.READY,
                healthy_http_codes="200",
                interval=Duration.seconds(10),
                timeout=Duration.seconds(5),
                healthy_threshold_count=2,
                unhealthy_threshold_count=3,
            ),
        )

    def _build_listener(
        self, name: str, port: int, first: elb.ApplicationTargetGroup
    ) -> elb.ApplicationListener:
        listener = elb.ApplicationListener(
            self,
            f"{name}Listener",
            load_balancer=self.load_balancer,
            port=port,
            protocol=elb.ApplicationProtocol.HTTP,
            open=False,
            default_target_groups=[first],
        )
        inside = "Plain HTTP stays inside private networks, on every stage but dev."
        acknowledge(
            listener,
            {
                "NIST.800.53.R5-ALBHttpToHttpsRedirection": inside,
                "NIST.800.53.R5-ELBv2ACMCertificateRequired": inside,
            },
        )
        return listener

    def _follow(self, live: LiveColour) -> None:
        colours = {"blue": self.blue.target_group_arn, "green": self.green.target_group_arn}
        live.send_to_live(self.production_listener, **colours)
        live.send_to_idle(self.test_listener, **colours)

    def _entries(self) -> dict[str, str]:
        return {
            "traffic/load-balancer": self.load_balancer.load_balancer_arn,
            "traffic/host": self.load_balancer.load_balancer_dns_name,
            "traffic/production-listener": self.production_listener.listener_arn,
            "traffic/test-listener": self.test_listener.listener_arn,
            "traffic/blue": self.blue.target_group_arn,
            "traffic/green": self.green.target_group_arn,
        }

"""The way in: the load balancer, its listeners and the two colours behind them."""

from aws_cdk import Environment, Stack
from constructs import Construct

from infra.directory import Directory, Published
from infra.live_colour import LiveColour
from infra.place import Place
from infra.settings import StageSettings
from infra.traffic.domain import Domain
from infra.traffic.listeners import Listeners
from infra.traffic.load_balancer import LoadBalancer
from infra.traffic.target_group import ColourTargets
from infra.traffic.timeouts import TIMES, Times, checked
from infra.traffic.web_firewall import WebFirewall
from infra.traffic_logs import traffic_logs


class TrafficStack(Stack):
    """Load balancer, listeners, blue and green target group, and what guards them.

    Releases rewrite listeners and rules, so nothing in this stack may change with a commit: each update
    of a listener writes its default action back.

    Args:
        times: the times of load balancer, service and task.

    Raises:
        TimesError: they do not work together.
    """

    def __init__(
        self, scope: Construct, *, settings: StageSettings, env: Environment, times: Times = TIMES
    ) -> None:
        super().__init__(
            scope,
            settings.stack_name("Traffic"),
            env=env,
            tags=settings.tags,
            termination_protection=settings.protected,
        )
        times = checked(times)
        directory = Directory(self, settings=settings)
        place = Place(
            self,
            settings=settings,
            directory=directory,
            kind="public" if settings.traffic.internet_facing else "private",
            vpc_id=directory.find("network/vpc"),
        )
        self.load_balancer = LoadBalancer(
            self,
            "LoadBalancer",
            settings=settings,
            place=place,
            times=times,
            logs=traffic_logs(self, settings=settings),
        )
        self.blue = ColourTargets(self, "Blue", vpc=place.vpc, times=times)
        self.green = ColourTargets(self, "Green", vpc=place.vpc, times=times)
        domain = Domain(self, settings=settings)
        domain.point_at(self.load_balancer)
        self.listeners = Listeners(
            self,
            "Listeners",
            settings=settings,
            load_balancer=self.load_balancer,
            colours={"blue": self.blue, "green": self.green},
            live=LiveColour(self, "Live", parameter_name=settings.live_colour_parameter),
            certificate=domain.certificate,
        )
        if settings.traffic.internet_facing:
            WebFirewall(self, "WebFirewall", settings=settings, load_balancer=self.load_balancer)
        Published(self, settings=settings, entries=self._entries())

    def _entries(self) -> dict[str, str]:
        return {
            "traffic/load-balancer": self.load_balancer.load_balancer_arn,
            "traffic/host": self.load_balancer.load_balancer_dns_name,
            "traffic/production-listener": self.listeners.production.listener_arn,
            "traffic/test-listener": self.listeners.test.listener_arn,
            "traffic/blue": self.blue.target_group_arn,
            "traffic/green": self.green.target_group_arn,
            **{f"traffic/{name}-rule": rule.ref for name, rule in self.listeners.rules.items()},
        }

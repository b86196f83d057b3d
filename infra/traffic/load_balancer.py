"""The load balancer itself: where it stands, what it refuses, what it writes down."""

from aws_cdk import Duration
from aws_cdk import aws_elasticloadbalancingv2 as elb
from aws_cdk import aws_s3 as s3
from constructs import Construct

from infra.acknowledge import acknowledge
from infra.place import Place
from infra.settings import StageSettings
from infra.traffic.timeouts import Times
from infra.traffic_logs import CONNECTIONS, REQUESTS


class LoadBalancer(elb.ApplicationLoadBalancer):
    """An application load balancer that drops what smuggles requests and logs every one.

    Desync mitigation is `defensive`: it stops what different servers could read differently. `strictest`
    also refuses what is merely untidy and harmless, such as a GET with `Content-Length: 0`, and clients
    in a plant are old; the service itself answers those in words.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        settings: StageSettings,
        place: Place,
        times: Times,
        logs: s3.IBucket,
    ) -> None:
        super().__init__(
            scope,
            id_,
            vpc=place.vpc,
            vpc_subnets=place.subnets,
            internet_facing=settings.traffic.internet_facing,
            security_group=place.security_group("load-balancer"),
            idle_timeout=Duration.seconds(times.load_balancer_idle),
            client_keep_alive=Duration.seconds(times.client_keep_alive),
            drop_invalid_header_fields=True,
            desync_mitigation_mode=elb.DesyncMitigationMode.DEFENSIVE,
            deletion_protection=settings.traffic.deletion_protection,
        )
        self.log_access_logs(logs, REQUESTS)
        if settings.traffic.https:
            # Who cannot agree on TLS never sends a request that an access log could tell of.
            self.log_connection_logs(logs, CONNECTIONS)
        self._acknowledge(settings)

    def _acknowledge(self, settings: StageSettings) -> None:
        reasons: dict[str, str] = {}
        if not settings.traffic.internet_facing:
            reasons["NIST.800.53.R5-ALBWAFEnabled"] = (
                "It has private addresses only; the web application firewall is for internet-facing stages."
            )
        if not settings.traffic.deletion_protection:
            reasons["NIST.800.53.R5-ELBDeletionProtectionEnabled"] = (
                "A stage to practise on is also torn down."
            )
        if reasons:
            acknowledge(self, reasons)

"""The stage's own name: its certificate and its entry in the hosted zone."""

from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_elasticloadbalancingv2 as elb
from aws_cdk import aws_route53 as route53
from aws_cdk import aws_route53_targets as targets
from constructs import Construct

from infra.settings import HostedZone, StageSettings


class Domain(Construct):
    """What the settings say about HTTPS and the name that clients call; empty when they say nothing.

    A certificate that is not given is requested here and validated by CloudFormation, which writes the
    proof into the hosted zone and waits for it; ACM renews it by the same proof.
    """

    def __init__(self, scope: Construct, id_: str = "Domain", *, settings: StageSettings) -> None:
        super().__init__(scope, id_)
        self._name = settings.traffic.domain
        self._zone = self._import_zone(settings.traffic.hosted_zone)
        self.certificate = self._build_certificate(settings.traffic.certificate)

    def point_at(self, load_balancer: elb.IApplicationLoadBalancer) -> None:
        """Enter the name in the hosted zone, as another name of the load balancer."""
        if self._zone and self._name:
            route53.ARecord(
                self,
                "Record",
                zone=self._zone,
                record_name=self._name,
                target=route53.RecordTarget.from_alias(targets.LoadBalancerTarget(load_balancer)),
            )

    def _import_zone(self, zone: HostedZone | None) -> route53.IHostedZone | None:
        if zone is None:
            return None
        return route53.HostedZone.from_hosted_zone_attributes(
            self, "Zone", hosted_zone_id=zone.id, zone_name=zone.name
        )

    def _build_certificate(self, given: str | None) -> elb.IListenerCertificate | None:
        if given:
            return elb.ListenerCertificate.from_arn(given)
        if self._zone and self._name:
            requested = acm.Certificate(
                self,
                "Certificate",
                domain_name=self._name,
                validation=acm.CertificateValidation.from_dns(self._zone),
            )
            return elb.ListenerCertificate.from_certificate_manager(requested)
        return None

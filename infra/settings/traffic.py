"""The way in: who may call, by which name, and how the connection is protected."""

from dataclasses import dataclass
from enum import StrEnum

from infra import names


class TlsPolicy(StrEnum):
    """What the HTTPS listener negotiates; each with post-quantum key exchange where the client offers it."""

    TLS_1_2_AND_1_3 = "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09"
    """TLS 1.3, and TLS 1.2 with forward secrecy and authenticated encryption only."""
    TLS_1_3 = "ELBSecurityPolicy-TLS13-1-3-PQ-2025-09"
    """TLS 1.3 only: refuses clients older than about 2018."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HostedZone:
    """A Route 53 hosted zone in the stage's account."""

    id: str
    """Its id, such as `Z0123456789ABCDEFGHIJ`."""
    name: str
    """Its domain, such as `example.org`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrafficSettings:
    """The stage's load balancer."""

    internet_facing: bool = False
    """Whether the load balancer has public addresses, and a web application firewall before it; by default it
    is reached from inside only. It cannot be changed on a stage that exists: the Network stack refuses it
    before anything has moved. Take the stage down first (runbook teardown)."""
    callers: tuple[str, ...] = ("10.0.0.0/8",)
    """IPv4 ranges that may call the production listener; by default the private range 10.0.0.0/8."""
    certificate: str | None = None
    """ARN of the ACM certificate of the HTTPS listener, in the stage's region; by default there is none, and
    the listener speaks plain HTTP unless `domain` and `hosted_zone` are given."""
    domain: str | None = None
    """Name that clients call, such as `yield.example.org`; by default the load balancer's own name."""
    hosted_zone: HostedZone | None = None
    """The zone in which `domain` is entered, and in which its certificate is validated when `certificate` is
    not given; by default nothing is entered anywhere."""
    tls_policy: TlsPolicy = TlsPolicy.TLS_1_2_AND_1_3
    """What the HTTPS listener negotiates; unused over plain HTTP."""
    rate_limit: int = 10_000
    """Requests in five minutes from one address beyond which the web application firewall blocks it; unused
    by internal load balancers."""
    deletion_protection: bool = False
    """Whether the load balancer refuses to be deleted."""

    @property
    def https(self) -> bool:
        """Whether clients call over HTTPS."""
        return self.certificate is not None or self.hosted_zone is not None

    @property
    def production_port(self) -> int:
        """Port of the listener that clients call."""
        return names.HTTPS_PORT if self.https else names.HTTP_PORT

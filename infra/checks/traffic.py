"""Rules for the load balancer: who may call, and by which name."""

import re
from typing import Final

from infra.checks.addresses import network, public
from infra.checks.rules import Rule, rule, shown, within
from infra.checks.stage import is_account, is_region, partition
from infra.settings import StageSettings

PLAIN_PUBLIC: Final = "dev"
"""The one stage that may speak plain HTTP on the internet, unless it is protected."""

DOMAIN: Final = re.compile(
    r"(?=.{1,253}\Z)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])"
)
"""A DNS name of at least two labels, in lower case, without a dot at its end (RFC 1035)."""
ZONE_ID: Final = re.compile(r"[A-Z0-9]{1,32}")
"""As the Route 53 API reference has it."""
LONGEST_CERTIFIED: Final = 64
"""Characters of a certificate's first name (ACM user guide)."""


@rule("traffic.callers")
def callers(settings: StageSettings) -> str | None:
    """At least one IPv4 range, each without bits of a host."""
    if not settings.traffic.callers:
        return "must name at least one range, or nobody can ask for a prediction"
    strange = tuple(text for text in settings.traffic.callers if network(text) is None)
    return f"must be IPv4 ranges such as '10.0.0.0/8', not {shown(strange)}" if strange else None


@rule("traffic.callers", "traffic.internet_facing")
def public_callers_need_public_addresses(settings: StageSettings) -> str | None:
    """Private ranges only, unless the load balancer is internet-facing."""
    outside = tuple(public(settings.traffic.callers))
    if settings.traffic.internet_facing or not outside:
        return None
    return f"must be private ranges unless internet_facing is True, not {shown(outside)}"


@rule("traffic.internet_facing", "name", "protected", "traffic.certificate", "traffic.hosted_zone")
def public_means_https(settings: StageSettings) -> str | None:
    """With HTTPS only, but on `dev`."""
    traffic = settings.traffic
    if not traffic.internet_facing or traffic.https:
        return None
    if settings.protected or settings.name == PLAIN_PUBLIC:
        return None  # `infra.checks.protected` tells it with the reason
    return "must be False without HTTPS: give a certificate, or a domain and its hosted_zone"


@rule("traffic.certificate", "region", "account")
def certificate(settings: StageSettings) -> str | None:
    """The ARN of an ACM certificate of the stage's region, and of its account when that is given."""
    arn = settings.traffic.certificate
    if arn is None or not is_region(settings.region):
        return None
    known = settings.account is not None and is_account(settings.account)
    start = f"arn:{partition(settings.region)}:acm:{settings.region}:"
    owner = settings.account if known else "[0-9]{12}"
    if re.fullmatch(f"{re.escape(start)}{owner}:certificate/[0-9a-zA-Z-]{{1,64}}", arn):
        return None
    wanted = f"{start}{settings.account if known else 'ACCOUNT'}:certificate/ID"
    return f"must be the ARN of an ACM certificate, {wanted}, not {shown(arn)}"


@rule("traffic.domain")
def domain(settings: StageSettings) -> str | None:
    """A DNS name of at least two labels, in lower case, without a dot at its end."""
    text = settings.traffic.domain
    if text is None or DOMAIN.fullmatch(text):
        return None
    return f"must be a DNS name such as 'yield.example.org', not {shown(text)}"


@rule("traffic.domain", "traffic.certificate", "traffic.hosted_zone")
def domain_has_a_certificate(settings: StageSettings) -> str | None:
    """With a certificate, or with a hosted zone in which one can be validated."""
    traffic = settings.traffic
    if traffic.domain is None or traffic.https:
        return None
    return "must come with a certificate, or with the hosted_zone in which one can be validated"


@rule("traffic.domain", "traffic.certificate", "traffic.hosted_zone")
def domain_fits_a_certificate(settings: StageSettings) -> str | None:
    """At most 64 characters when ACM is to issue the certificate."""
    traffic = settings.traffic
    if traffic.domain is None or not DOMAIN.fullmatch(traffic.domain):
        return None
    if traffic.certificate or not traffic.hosted_zone or len(traffic.domain) <= LONGEST_CERTIFIED:
        return None
    return f"must have at most {LONGEST_CERTIFIED} characters, or ACM issues no certificate for it"


@rule("traffic.hosted_zone")
def hosted_zone(settings: StageSettings) -> str | None:
    """An id and a name as Route 53 writes them."""
    zone = settings.traffic.hosted_zone
    if zone is None or (ZONE_ID.fullmatch(zone.id) and DOMAIN.fullmatch(zone.name)):
        return None
    return f"must be like HostedZone(id='Z0123456789ABC', name='example.org'), not {shown(zone)}"


@rule("traffic.hosted_zone", "traffic.domain")
def hosted_zone_holds_the_domain(settings: StageSettings) -> str | None:
    """With a domain that lies in it."""
    zone, text = settings.traffic.hosted_zone, settings.traffic.domain
    if zone is None or not DOMAIN.fullmatch(zone.name):
        return None
    if text is None:
        return "must come with the domain that is entered in it"
    if not DOMAIN.fullmatch(text) or f".{text}".endswith(f".{zone.name}"):
        return None
    return f"must hold the domain {shown(text)}, and {shown(zone.name)} does not"


rate_limit: Final[Rule[StageSettings]] = within(
    "traffic.rate_limit", 10, 2_000_000_000, lambda settings: settings.traffic.rate_limit, "requests"
)
"""The bounds of AWS WAF (API reference, RateBasedStatement)."""

RULES: Final[tuple[Rule[StageSettings], ...]] = (
    callers,
    public_callers_need_public_addresses,
    public_means_https,
    certificate,
    domain,
    domain_has_a_certificate,
    domain_fits_a_certificate,
    hosted_zone,
    hosted_zone_holds_the_domain,
    rate_limit,
)

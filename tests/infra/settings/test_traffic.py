"""Who may call, by which name, and over what."""

from typing import Any

import pytest

from infra.settings import HostedZone
from tests.infra.settings.told import CERTIFICATE, OWNER, told

ZONE = HostedZone(id="Z0123456789ABC", name="example.org")
NAMED = {"traffic.domain": "yield.example.org", "traffic.hosted_zone": ZONE}
ARN = "traffic.certificate must be the ARN of an ACM certificate, arn:aws:acm:eu-central-1:"
LONG = f"{'a' * 53}.example.org"


@pytest.mark.parametrize(
    ("stage", "changes", "problem"),
    [
        (
            "dev",
            {"traffic.callers": ()},
            "traffic.callers must name at least one range, or nobody can ask for a prediction",
        ),
        (
            "dev",
            {"traffic.callers": ("everyone",)},
            "traffic.callers must be IPv4 ranges such as '10.0.0.0/8', not ['everyone']",
        ),
        (
            "dev",
            {"traffic.callers": ("10.0.0.1",)},
            "traffic.callers must be IPv4 ranges such as '10.0.0.0/8', not ['10.0.0.1']",
        ),
        (
            "dev",
            {"traffic.callers": ("10.0.0.1/8", "10.0.0.0/8")},
            "traffic.callers must be IPv4 ranges such as '10.0.0.0/8', not ['10.0.0.1/8']",
        ),
        (
            "staging",
            {"traffic.callers": ("0.0.0.0/0",)},
            "traffic.callers must be private ranges unless internet_facing is True, not ['0.0.0.0/0']",
        ),
        (
            "production",
            {"traffic.callers": ("10.0.0.0/7",)},
            "traffic.callers must be private ranges unless internet_facing is True, not ['10.0.0.0/7']",
        ),
        (
            "dev",
            {"traffic.internet_facing": False},
            "traffic.callers must be private ranges unless internet_facing is True, not ['0.0.0.0/0']",
        ),
        (
            "staging",
            {"traffic.internet_facing": True},
            (
                "traffic.internet_facing must be False without HTTPS: give a certificate, or a domain and "
                "its hosted_zone"
            ),
        ),
        ("dev", {"traffic.certificate": ""}, f"{ARN}ACCOUNT:certificate/ID, not ''"),
        (
            "dev",
            {"traffic.certificate": CERTIFICATE.replace("eu-central-1", "us-east-1")},
            f"{ARN}ACCOUNT:certificate/ID, not {CERTIFICATE.replace('eu-central-1', 'us-east-1')!r}",
        ),
        (
            "dev",
            {"traffic.certificate": CERTIFICATE.replace("aws", "aws-cn")},
            f"{ARN}ACCOUNT:certificate/ID, not {CERTIFICATE.replace('aws', 'aws-cn')!r}",
        ),
        (
            "dev",
            {"traffic.certificate": CERTIFICATE.replace("acm", "iam")},
            f"{ARN}ACCOUNT:certificate/ID, not {CERTIFICATE.replace('acm', 'iam')!r}",
        ),
        (
            "dev",
            {"traffic.certificate": CERTIFICATE, "account": "4" * 12},
            f"{ARN}444444444444:certificate/ID, not {CERTIFICATE!r}",
        ),
        (
            "dev",
            NAMED | {"traffic.domain": "Yield.example.org"},
            "traffic.domain must be a DNS name such as 'yield.example.org', not 'Yield.example.org'",
        ),
        (
            "dev",
            {"traffic.domain": "localhost", "traffic.certificate": CERTIFICATE},
            "traffic.domain must be a DNS name such as 'yield.example.org', not 'localhost'",
        ),
        (
            "dev",
            {"traffic.domain": "yield.example.org.", "traffic.certificate": CERTIFICATE},
            "traffic.domain must be a DNS name such as 'yield.example.org', not 'yield.example.org.'",
        ),
        (
            "dev",
            {"traffic.domain": "*.example.org", "traffic.certificate": CERTIFICATE},
            "traffic.domain must be a DNS name such as 'yield.example.org', not '*.example.org'",
        ),
        (
            "dev",
            {"traffic.domain": "yield.example.org"},
            (
                "traffic.domain must come with a certificate, or with the hosted_zone in which one can be "
                "validated"
            ),
        ),
        (
            "dev",
            NAMED | {"traffic.domain": LONG},
            "traffic.domain must have at most 64 characters, or ACM issues no certificate for it",
        ),
        (
            "dev",
            {"traffic.hosted_zone": ZONE},
            "traffic.hosted_zone must come with the domain that is entered in it",
        ),
        (
            "dev",
            NAMED | {"traffic.domain": "yield.notexample.org"},
            "traffic.hosted_zone must hold the domain 'yield.notexample.org', and 'example.org' does not",
        ),
        (
            "dev",
            NAMED | {"traffic.hosted_zone": HostedZone(id="zone", name="example.org")},
            (
                "traffic.hosted_zone must be like HostedZone(id='Z0123456789ABC', name='example.org'), not "
                "HostedZone(id='zone', name='example.org')"
            ),
        ),
        (
            "dev",
            NAMED | {"traffic.hosted_zone": HostedZone(id="Z1", name="")},
            (
                "traffic.hosted_zone must be like HostedZone(id='Z0123456789ABC', name='example.org'), not "
                "HostedZone(id='Z1', name='')"
            ),
        ),
        ("dev", {"traffic.rate_limit": 9}, "traffic.rate_limit must be 10 to 2000000000 requests, not 9"),
        (
            "dev",
            {"traffic.rate_limit": 2_000_000_001},
            "traffic.rate_limit must be 10 to 2000000000 requests, not 2000000001",
        ),
    ],
)
def test_each_rule_is_told_with_its_value(stage: str, changes: dict[str, Any], problem: str) -> None:
    """One clause, which begins with the field."""
    assert told(changes, stage) == (problem,)


@pytest.mark.parametrize(
    ("stage", "changes"),
    [
        ("production", {"traffic.callers": ("192.168.0.0/16", "10.1.2.3/32")}),
        ("production", {"traffic.internet_facing": True, "traffic.callers": ("0.0.0.0/0",), **NAMED}),
        ("staging", {"traffic.internet_facing": True, "traffic.certificate": CERTIFICATE}),
        ("staging", {"traffic.certificate": CERTIFICATE, "account": OWNER}),
        ("dev", NAMED | {"traffic.domain": "example.org"}),
        ("dev", NAMED | {"traffic.domain": LONG, "traffic.certificate": CERTIFICATE}),
        ("dev", {"traffic.domain": "yield.example.org", "traffic.certificate": CERTIFICATE}),
        ("dev", NAMED | {"traffic.domain": LONG[1:]}),
        ("dev", {"traffic.rate_limit": 10}),
        (
            "dev",
            {
                "region": "cn-north-1",
                "network.zones": ("cn-north-1a", "cn-north-1b"),
                "traffic.certificate": f"arn:aws-cn:acm:cn-north-1:{OWNER}:certificate/0f0f0f0f",
            },
        ),
        (
            "dev",
            {
                "region": "us-gov-west-1",
                "network.zones": ("us-gov-west-1a", "us-gov-west-1b"),
                "traffic.certificate": f"arn:aws-us-gov:acm:us-gov-west-1:{OWNER}:certificate/0f0f0f0f",
            },
        ),
    ],
)
def test_what_just_fits_is_accepted(stage: str, changes: dict[str, Any]) -> None:
    """The rules refuse nothing that can work."""
    assert told(changes, stage) == ()

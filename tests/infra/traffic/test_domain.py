"""The stage's own name."""

import pytest

from tests.infra.shaped import CERTIFICATE, GIVEN, NAMED, Changes, Shaped

pytestmark = pytest.mark.slow

RECORD = {
    "HostedZoneId": "Z0123456789ABCDEFGHIJ",
    "Name": "yield.example.org.",
    "Type": "A",
    "AliasTarget": {
        "DNSName": "dualstack.<LoadBalancer.DNSName>",
        "HostedZoneId": "<LoadBalancer.CanonicalHostedZoneID>",
    },
}
OWN = {
    "DomainName": "yield.example.org",
    "ValidationMethod": "DNS",
    "DomainValidationOptions": [{"DomainName": "yield.example.org", "HostedZoneId": "Z0123456789ABCDEFGHIJ"}],
    "Tags": [{"Key": "Name", "Value": "Switchyard-staging-Traffic/Domain/Certificate"}],
}


@pytest.mark.parametrize(
    ("changes", "certificates", "records"),
    [
        ({}, [], []),
        (GIVEN, [], []),
        (NAMED, [OWN], [RECORD]),
        ({**NAMED, "traffic.certificate": CERTIFICATE}, [], [RECORD]),
    ],
    ids=["none", "certificate", "zone", "both"],
)
def test_what_the_stage_enters_and_requests(
    shaped: Shaped, changes: Changes, certificates: list[object], records: list[object]
) -> None:
    """The name is entered in the zone; a certificate is requested, and proven there, when none is given."""
    assembly = shaped("staging", changes)
    found = {
        kind: [one["Properties"] for one in assembly.resources("Traffic", kind).values()]
        for kind in ("AWS::CertificateManager::Certificate", "AWS::Route53::RecordSet")
    }
    assert found == {
        "AWS::CertificateManager::Certificate": certificates,
        "AWS::Route53::RecordSet": records,
    }

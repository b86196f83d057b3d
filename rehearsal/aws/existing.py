"""What a stage's settings name by its id, and the account has before the stage is deployed.

ACM and Route 53 choose the ids of what they create (ACM API, ImportCertificate; Route 53 API,
CreateHostedZone), so these are put where they keep their own. A certificate that a template asks ACM for is
issued at once: moto has no model for it, and who owns a domain cannot be asked here.
"""

import re
from pathlib import Path
from typing import Final

from rehearsal.aws.original import Moto, acm, route53
from rehearsal.isolation import ACCOUNT, REGION

_STANDS_IN: Final = re.compile(r"arn:aws:acm:.*:certificate/\w+-[0-9a-f]{12}")
"""A certificate of a template, as `references` names it; ACM's own end with a UUID."""


def add_certificate(arn: str, *, chain: Path, key: Path) -> None:
    """Let ACM hold a certificate under this ARN; its files are PEM."""
    backend = acm.acm_backends[ACCOUNT][REGION]
    backend._certificates[arn] = acm.CertBundle(
        ACCOUNT, chain.read_bytes(), key.read_bytes(), region=REGION, arn=arn
    )


def add_zone(id_: str, name: str) -> None:
    """Let Route 53 hold a public hosted zone under this id."""
    backend = route53.route53_backends[ACCOUNT]["aws"]
    zone = backend.create_hosted_zone(name=name, private_zone=False)
    del backend.zones[zone.resource_id]
    zone.resource_id = id_
    backend.zones[id_] = zone


def is_certificate(balancing: Moto, arn: str) -> bool:
    """Return whether a listener may use a certificate."""
    return _STANDS_IN.fullmatch(arn) is not None or bool(balancing._certificate_exists(arn))

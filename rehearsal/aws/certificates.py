"""Certificates that exist in the account before a stage is deployed.

A stage's settings name a certificate by its ARN. ACM chooses the ARN of what it issues or imports (ACM API,
ImportCertificate), so the one in the settings is put where ACM keeps its own.
"""

from pathlib import Path
from typing import Final

from rehearsal.aws.original import Moto, acm
from rehearsal.isolation import ACCOUNT, REGION

_MADE_UP: Final = ":certificatemanager:"
"""In the ARN of a certificate that a template asks ACM for: moto issues none, so it is a stand-in."""


def issue(arn: str, *, chain: Path, key: Path) -> None:
    """Let ACM hold a certificate under this ARN; its files are PEM."""
    backend = acm.acm_backends[ACCOUNT][REGION]
    backend._certificates[arn] = acm.CertBundle(
        ACCOUNT, chain.read_bytes(), key.read_bytes(), region=REGION, arn=arn
    )


def exists(balancing: Moto, arn: str) -> bool:
    """Return whether a listener may use a certificate."""
    return _MADE_UP in arn or bool(balancing._certificate_exists(arn))

"""The certificate of a rehearsal, and what the load balancer's TLS policies mean.

AWS documentation: "Security policies for your Application Load Balancer". A policy's name says its oldest
protocol: `TLS13-1-3` takes TLS 1.3 only, `TLS13-1-2` takes TLS 1.2 as well; those with `Res` take of
TLS 1.2 forward secrecy and authenticated encryption only. Post-quantum key exchange (`PQ`) is not played.
"""

import datetime as dt
import ipaddress
import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from rehearsal.errors import StepFailed

_DAY: Final = dt.timedelta(days=1)
_NAME: Final = "switchyard-rehearsal"
_NEWEST_ONLY: Final = "ELBSecurityPolicy-TLS13-1-3-"
_FROM_1_2: Final = "ELBSecurityPolicy-TLS13-1-2-"
AEAD: Final = (
    "ECDHE-ECDSA-AES128-GCM-SHA256",
    "ECDHE-RSA-AES128-GCM-SHA256",
    "ECDHE-ECDSA-AES256-GCM-SHA384",
    "ECDHE-RSA-AES256-GCM-SHA384",
)
"""What TLS 1.2 may use; TLS 1.3 has its own."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate that vouches for itself, and its key, as PEM files."""

    chain: Path
    key: Path

    def trusted(self) -> ssl.SSLContext:
        """Return a client's settings that trust this certificate and no other."""
        return ssl.create_default_context(cafile=str(self.chain))


@dataclass(frozen=True, slots=True)
class Protocols:
    """The oldest protocol that a policy takes, in Envoy's words, and TLS 1.2's ciphers."""

    oldest: str
    ciphers: tuple[str, ...]


def protocols_of(policy: str) -> Protocols:
    """Return what a TLS policy of the load balancer negotiates.

    Raises:
        StepFailed: It is not one whose name says that.
    """
    if policy.startswith(_NEWEST_ONLY):
        return Protocols("TLSv1_3", ())
    if policy.startswith(_FROM_1_2):
        return Protocols("TLSv1_2", AEAD)
    raise StepFailed(f"The rehearsal does not know what the TLS policy {policy} negotiates.")


def make_certificate(folder: Path, *, address: str) -> Certificate:
    """Write a certificate for an address, valid from yesterday until tomorrow, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, _NAME)])
    now = dt.datetime.now(dt.UTC)
    names = [x509.DNSName(_NAME), x509.IPAddress(ipaddress.ip_address(address))]
    certificate = (
        x509.CertificateBuilder(issuer_name=name, subject_name=name, public_key=key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _DAY)
        .not_valid_after(now + _DAY)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    folder.mkdir(parents=True, exist_ok=True)
    made = Certificate(folder / "certificate.pem", folder / "key.pem")
    made.chain.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    made.key.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    made.key.chmod(0o600)
    return made

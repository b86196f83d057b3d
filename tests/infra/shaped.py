"""Stages in other shapes than the repository ships them in, as several tests need them."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final, Protocol

from infra.settings import Egress, Engine, HostedZone, Strategy
from tests.infra.assembly import Assembly

Changes = Mapping[str, Any]

CERTIFICATE: Final = "arn:aws:acm:eu-central-1:111122223333:certificate/0a1b2c3d-4444-5555-6666-777788889999"
ZONE: Final = HostedZone(id="Z0123456789ABCDEFGHIJ", name="example.org")

GIVEN: Final[Changes] = MappingProxyType({"traffic.certificate": CERTIFICATE})
"""HTTPS with a certificate that somebody else looks after."""
NAMED: Final[Changes] = MappingProxyType({"traffic.domain": "yield.example.org", "traffic.hosted_zone": ZONE})
"""HTTPS under a name, with a certificate of the stage's own."""
PUBLIC: Final[Changes] = MappingProxyType(
    {**NAMED, "traffic.internet_facing": True, "traffic.callers": ("0.0.0.0/0",)}
)
"""HTTPS for everybody."""
ISOLATED: Final[Changes] = MappingProxyType({"network.egress": Egress.ENDPOINTS})
"""No NAT gateway."""
NATIVE: Final[Changes] = MappingProxyType({"release.engine": Engine.ECS})
"""Releases by Amazon ECS itself, in two colours."""
ROLLING: Final[Changes] = MappingProxyType({**NATIVE, "release.strategy": Strategy.ROLLING})
"""Releases by Amazon ECS itself, in one colour."""


class Shaped(Protocol):
    """Synthesises a stage with some settings changed, each such stage once."""

    def __call__(self, stage: str, changes: Changes | None = None, *, image: str | None = None) -> Assembly:
        """Return the stage; without an image, the stacks that need none."""

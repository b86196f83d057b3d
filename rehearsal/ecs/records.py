"""What the control plane knows of service deployments and revisions, kept by service."""

import secrets
import string
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from typing import Any, Final

from rehearsal.aws.ecs.model import Deployment, Document, Service, now
from rehearsal.ecs.plan import Plan, Side
from rehearsal.ecs.state import State

_LETTERS: Final = string.ascii_letters + string.digits
_OF_A_REVISION: Final = (
    "networkConfiguration",
    "serviceRegistries",
    "capacityProviderStrategy",
    "platformVersion",
    "volumeConfigurations",
    "serviceConnectConfiguration",
)
_NUMBERS: Final = count(secrets.randbelow(10**12) + 10**18)


@dataclass(eq=False, kw_only=True)
class Revision:
    """A service revision: what a service ran, or was meant to run. Its tasks are those of its fleet."""

    arn: str
    service_arn: str
    cluster_arn: str
    fleet: Deployment
    """Its asked load balancers name the target group that its tasks really are in."""
    load_balancers: list[Mapping[str, Any]]
    """As the service had them."""
    created_at: datetime = field(default_factory=now)

    def properties(self) -> Document:
        """Return the service's properties that belong to the revision."""
        found = {name: self.fleet.asked[name] for name in _OF_A_REVISION if name in self.fleet.asked}
        return found | ({"loadBalancers": self.load_balancers} if self.load_balancers else {})


@dataclass(eq=False, kw_only=True)
class ServiceDeployment:
    """A service deployment, from one completed revision, if there is one, to another."""

    arn: str
    service: Service
    source: Revision | None
    target: Revision
    plan: Plan
    configuration: Mapping[str, Any]
    """The service's `deploymentConfiguration` when it began."""
    state: State = field(default_factory=State)
    created_at: datetime = field(default_factory=now)
    updated_at: datetime = field(default_factory=now)
    release: str = ""
    """The release whose revision it rolls out, by the tag of that."""

    def at(self, side: Side) -> Revision | None:
        """Return the revision of one side."""
        return self.target if side is Side.TARGET else self.source


@dataclass(eq=False)
class History:
    """All deployments and revisions of one service, the newest last."""

    revisions: list[Revision] = field(default_factory=list)
    deployments: list[ServiceDeployment] = field(default_factory=list)
    completed: Revision | None = None
    """The revision that was deployed successfully last."""


class Records:
    """The histories of all services; whoever uses it holds the lock of `rehearsal.aws.ecs.store`."""

    def __init__(self) -> None:
        self._histories: dict[str, History] = {}

    def of(self, service_arn: str) -> History:
        """Return a service's history."""
        return self._histories.setdefault(service_arn, History())

    def forget(self, service_arn: str) -> None:
        """Begin a history anew: another service has the name of one that was deleted."""
        self._histories.pop(service_arn, None)

    def deployments(self) -> Iterator[ServiceDeployment]:
        """Return every deployment."""
        for history in self._histories.values():
            yield from history.deployments

    def revisions(self) -> Iterator[Revision]:
        """Return every revision."""
        for history in self._histories.values():
            yield from history.revisions


def revision_arn(service: Service) -> str:
    """Return the ARN of the next revision of a service."""
    return f"{service.arn.replace(':service/', ':service-revision/')}/{next(_NUMBERS)}"


def deployment_arn(service: Service) -> str:
    """Return the ARN of a new deployment of a service."""
    id_ = "".join(secrets.choice(_LETTERS) for _ in range(21))
    return f"{service.arn.replace(':service/', ':service-deployment/')}/{id_}"

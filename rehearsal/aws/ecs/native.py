"""Who carries out deployments of services under the controller ECS: `rehearsal.ecs`, put in by `use`."""

from datetime import datetime
from typing import Protocol

from rehearsal.aws.ecs.model import Document, Service
from rehearsal.aws.original import Moto


class Engine(Protocol):
    """Brings the deployments of a service in line with what was asked; called with the store's lock held."""

    def created(self, kept: Moto, service: Service) -> None:
        """Begin the first deployment of a service."""
        ...

    def updated(self, kept: Moto, service: Service, revision: str) -> None:
        """Begin a deployment: the service was asked for this revision, or for new properties of its tasks.

        `service.task_definition` is still the revision from before.
        """
        ...

    def settled(self, service: Service, since: datetime) -> str:
        """Wait for the end of a deployment that began since then; return why it failed, or nothing.

        Called without the lock.
        """
        ...

    def more(self, kept: Moto, service: Service) -> Document:
        """Return what DescribeServices says beside the fleets."""
        ...


_engine: list[Engine] = []


def use(engine: Engine) -> None:
    """Let an engine carry out every deployment from now on."""
    _engine[:] = [engine]


def engine() -> Engine:
    """Return the engine in use."""
    return _engine[0]

"""Who carries out deployments of services under the controller ECS.

Another engine, which moves traffic and bakes, takes this one's place by `use`.
"""

from typing import Protocol

from rehearsal.aws.ecs.model import Deployment, Service, new_id
from rehearsal.aws.ecs.task_sets import drain
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


class AtOnce:
    """Replaces all tasks at once and watches nothing."""

    def created(self, kept: Moto, service: Service) -> None:
        """Begin with one deployment of as many tasks as the service wants."""
        self.updated(kept, service, service.task_definition)

    def updated(self, kept: Moto, service: Service, revision: str) -> None:
        """Let the new deployment take the old ones' place."""
        for deployment in service.deployments:
            drain(kept, service, deployment)
        service.task_definition = revision
        service.deployments.insert(
            0, Deployment(id=new_id(), task_definition=revision, asked=dict(service.asked))
        )


_engine: list[Engine] = [AtOnce()]


def use(engine: Engine) -> None:
    """Let an engine carry out every deployment from now on."""
    _engine[0] = engine


def engine() -> Engine:
    """Return the engine in use."""
    return _engine[0]

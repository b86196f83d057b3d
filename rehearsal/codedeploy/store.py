"""Everything that the server knows, in memory: it ends with the rehearsal."""

import hashlib
import secrets
import string
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from rehearsal.codedeploy import schedule
from rehearsal.codedeploy.appspec import AppSpec
from rehearsal.codedeploy.errors import ApiError
from rehearsal.codedeploy.plan import Plan
from rehearsal.codedeploy.scene import Scene
from rehearsal.codedeploy.state import State

_LETTERS: Final = string.ascii_uppercase + string.digits
Document = Mapping[str, Any]
"""A structure as the service model has it."""


@dataclass(slots=True)
class Group:
    """A deployment group: what the client said, and what became of its deployments."""

    id: str
    said: dict[str, Any]
    """A DeploymentGroupInfo without what the service adds."""


@dataclass(slots=True)
class Application:
    """An application with its groups and the AppSpecs that were registered or deployed."""

    name: str
    id: str
    created: float
    groups: dict[str, Group] = field(default_factory=dict)
    revisions: dict[str, "Revision"] = field(default_factory=dict)
    """By the SHA-256 of their text."""


@dataclass(slots=True)
class Revision:
    """An AppSpec's text."""

    content: str
    registered: float
    description: str = ""
    used: float | None = None

    @property
    def sha256(self) -> str:
        """Identifies it."""
        return hashlib.sha256(self.content.encode()).hexdigest()


@dataclass(slots=True, kw_only=True)
class Deployment:
    """A deployment; `state` changes under the store's lock only."""

    id: str
    application: str
    group: str
    config: str
    revision: Revision
    appspec: AppSpec
    created: float
    description: str
    creator: str
    settings: Document
    """Of DeploymentInfo: rollback, alarms, blue/green and load balancers as they were when it was created."""
    service: Document
    plan: Plan
    state: State
    scene: Scene | None = None
    """The two sides, once they are known."""
    rollback: "Deployment | None" = None
    """The deployment that takes this one back."""
    triggering: "Deployment | None" = None
    """The deployment that this one takes back."""


class Store:
    """Applications, configurations and deployments; hold `lock` around whatever belongs together."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.applications: dict[str, Application] = {}
        self.configs: dict[str, Document] = {
            name: {"trafficRoutingConfig": routing, "computePlatform": "ECS"}
            for name, routing in schedule.PREDEFINED.items()
        }
        self.deployments: dict[str, Deployment] = {}

    def application(self, name: str) -> Application:
        """Return an application.

        Raises:
            ApiError: There is none of this name.
        """
        if name not in self.applications:
            raise ApiError("ApplicationDoesNotExistException", f"No application found for name: {name}")
        return self.applications[name]

    def group(self, application: str, name: str) -> Group:
        """Return a deployment group.

        Raises:
            ApiError: There is no such application, or no such group in it.
        """
        groups = self.application(application).groups
        if name not in groups:
            raise ApiError(
                "DeploymentGroupDoesNotExistException", f"No Deployment Group found for name: {name}"
            )
        return groups[name]

    def config(self, name: str) -> Document:
        """Return a deployment configuration.

        Raises:
            ApiError: There is none of this name.
        """
        if name not in self.configs:
            raise ApiError(
                "DeploymentConfigDoesNotExistException", f"No Deployment Configuration found for name: {name}"
            )
        return self.configs[name]

    def deployment(self, id_: str) -> Deployment:
        """Return a deployment.

        Raises:
            ApiError: There is none with this id.
        """
        if id_ not in self.deployments:
            raise ApiError("DeploymentDoesNotExistException", f"The deployment {id_} could not be found")
        return self.deployments[id_]

    def of_group(self, application: str, group: str) -> Iterator[Deployment]:
        """Return a group's deployments, newest first."""
        for deployment in reversed(self.deployments.values()):
            if (deployment.application, deployment.group) == (application, group):
                yield deployment

    def now(self) -> float:
        """Return this machine's time."""
        return time.time()


def new_id() -> str:
    """Return the id of a new deployment, as CodeDeploy's look."""
    return "d-" + "".join(secrets.choice(_LETTERS) for _ in range(9))

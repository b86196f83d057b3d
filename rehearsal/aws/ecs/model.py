"""What the control plane knows of services and tasks."""

import math
from dataclasses import dataclass, field
from datetime import UTC, datetime
from secrets import randbelow
from typing import Any, Final, TypeAlias

Document: TypeAlias = dict[str, Any]
"""A structure of the ECS API, by the names that the API gives its members."""

CODE_DEPLOY: Final = "CODE_DEPLOY"
ECS: Final = "ECS"
WAITING: Final = ("PROVISIONING", "PENDING", "ACTIVATING")
"""States of a task that count as pending."""


def now() -> datetime:
    """Return the time that records are stamped with."""
    return datetime.now(UTC)


def new_id() -> str:
    """Return an id as deployments and task sets have it."""
    return f"ecs-svc/{randbelow(9 * 10**18) + 10**18}"


@dataclass(eq=False, kw_only=True)
class Task:
    """One task; its state is what was reported last."""

    task_arn: str
    cluster_arn: str
    fleet: str
    """The id of the task set or deployment that it was started for (`startedBy`)."""
    service: str
    """The service's name."""
    task_definition: str
    """The revision's ARN."""
    asked: Document
    """How it is to run: launch type or capacity provider, network."""
    containers: list[Document]
    """As described; `isChecked` tells whether the container has a health check."""
    attachments: list[Document]
    cpu: str | None
    memory: str | None
    platform: Document
    address: str = ""
    """Its private address."""
    tags: list[dict[str, str]] = field(default_factory=list)
    desired_status: str = "RUNNING"
    last_status: str = "PENDING"
    stop_code: str = ""
    stopped_reason: str = ""
    times: dict[str, datetime] = field(default_factory=lambda: {"createdAt": now()})
    """By the API's names: createdAt, startedAt, stoppingAt, stoppedAt …"""
    version: int = 1

    @property
    def is_alive(self) -> bool:
        """Whether it has not stopped."""
        return self.last_status != "STOPPED"

    @property
    def is_checked(self) -> bool:
        """Whether one of its containers has a health check."""
        return any(container["isChecked"] for container in self.containers)

    @property
    def health_status(self) -> str:
        """HEALTHY when every container with a check is, UNHEALTHY when one is not, else UNKNOWN.

        Source: Developer Guide, "Determine Amazon ECS task health using container health checks".
        """
        found = {item["healthStatus"] for item in self.containers if item["isChecked"]}
        if "UNHEALTHY" in found:
            return "UNHEALTHY"
        return "HEALTHY" if found == {"HEALTHY"} else "UNKNOWN"

    def stop(self, reason: str, code: str) -> None:
        """Ask it to stop; the first reason stays."""
        if self.desired_status != "STOPPED":
            self.desired_status = "STOPPED"
            self.stopped_reason, self.stop_code = reason, code
            self.version += 1


@dataclass(eq=False, kw_only=True)
class TaskSet:
    """Tasks of one revision under the controllers CODE_DEPLOY and EXTERNAL."""

    id: str
    task_set_arn: str
    task_definition: str
    """The revision's ARN."""
    asked: Document
    """What CreateTaskSet was given, or the service: load balancers, network, capacity."""
    external_id: str = ""
    client_token: str = ""
    scale: float = 100.0
    """Percentage of the service's desired count."""
    status: str = "ACTIVE"
    tags: list[dict[str, str]] = field(default_factory=list)
    created_at: datetime = field(default_factory=now)
    updated_at: datetime = field(default_factory=now)
    steady: bool | None = None
    """What was told of its stability last."""
    steady_at: datetime = field(default_factory=now)

    def count(self, desired: int) -> int:
        """Return how many tasks it wants: the result is always rounded up (API Reference, "TaskSet")."""
        return math.ceil(desired * self.scale / 100)


@dataclass(eq=False, kw_only=True)
class Deployment:
    """Tasks of one revision under the controller ECS."""

    id: str
    task_definition: str
    """The revision's ARN."""
    asked: Document
    """The service's properties when it began: load balancers, network, capacity."""
    status: str = "PRIMARY"
    """PRIMARY, ACTIVE while it is being replaced, DRAINING when its tasks are to end."""
    wanted: int | None = None
    """How many tasks it wants; None: as many as the service."""
    rollout_state: str = ""
    """COMPLETED, FAILED or IN_PROGRESS; empty: IN_PROGRESS until all tasks run."""
    rollout_reason: str = ""
    failed_tasks: int = 0
    created_at: datetime = field(default_factory=now)
    updated_at: datetime = field(default_factory=now)

    def count(self, desired: int) -> int:
        """Return how many tasks it wants."""
        return desired if self.wanted is None else self.wanted


Fleet: TypeAlias = TaskSet | Deployment


@dataclass(eq=False, kw_only=True)
class Service:
    """One service."""

    arn: str
    name: str
    cluster_name: str
    cluster_arn: str
    task_definition: str
    """ARN of the revision that production is meant to run."""
    desired_count: int
    asked: Document
    """Everything else that CreateService and UpdateService were given."""
    tags: list[dict[str, str]] = field(default_factory=list)
    status: str = "ACTIVE"
    created_at: datetime = field(default_factory=now)
    task_sets: list[TaskSet] = field(default_factory=list)
    deployments: list[Deployment] = field(default_factory=list)
    events: list[Document] = field(default_factory=list)
    steady: bool = False
    """Whether it was told of as steady last."""
    cf_properties: Document = field(default_factory=dict)
    """What its template says of it, as last written."""
    stack: str = ""
    """ARN of its stack."""
    logical_resource_id: str = ""
    """Its name in the template."""

    @property
    def controller(self) -> str:
        """What moves its traffic: ECS, CODE_DEPLOY or EXTERNAL."""
        return str(self.asked.get("deploymentController", {}).get("type", ECS))

    @property
    def fleets(self) -> list[Fleet]:
        """Every task set or deployment, also those that drain."""
        return [*self.task_sets, *self.deployments]

    @property
    def scheduling_strategy(self) -> str:
        """REPLICA or DAEMON."""
        return str(self.asked.get("schedulingStrategy", "REPLICA"))

    @property
    def launch_type(self) -> str | None:
        """None with a capacity provider strategy."""
        return (
            None if self.asked.get("capacityProviderStrategy") else str(self.asked.get("launchType", "EC2"))
        )

    @property
    def physical_resource_id(self) -> str:
        """What a template's `Ref` returns."""
        return self.arn

    def is_created(self) -> bool:
        """Return whether CloudFormation may go on: it does not wait for the tasks of one that begins."""
        return True

    def get_cfn_attribute(self, name: str) -> str:
        """Return what `Fn::GetAtt` returns."""
        return {"Name": self.name, "ServiceArn": self.arn}[name]

    def tell(self, message: str) -> None:
        """Add an event, the newest first; the last hundred are kept (API Reference, "Service")."""
        text = f"(service {self.name}) {message}"
        self.events.insert(0, {"id": new_id()[8:], "createdAt": now(), "message": text})
        del self.events[100:]

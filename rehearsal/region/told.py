"""What the agent tells the control plane of a task, by the API that Amazon ECS's own agent uses.

Amazon ECS API Reference, "SubmitTaskStateChange": only its agent calls it. What that API has no word for, a
task's address at its making and the health of a container, goes over the private routes.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rehearsal.private import Private
from rehearsal.region.scheduler import Fleet
from rehearsal.region.task import Stage, Task

if TYPE_CHECKING:
    from mypy_boto3_ecs import ECSClient
    from mypy_boto3_ecs.type_defs import ContainerStateChangeTypeDef
    from mypy_boto3_elbv2 import ElasticLoadBalancingv2Client
    from mypy_boto3_elbv2.type_defs import TargetDescriptionTypeDef


@dataclass(frozen=True, slots=True)
class Told:
    """The control plane as the agent speaks to it; every call raises when it was not taken."""

    ecs: "ECSClient"
    elbv2: "ElasticLoadBalancingv2Client"
    private: Private

    def created(self, fleet: Fleet, address: str) -> str:
        """Make a task known and return its ARN."""
        return self.private.create_task(fleet.id, address=address)

    def stopped_by_others(self, tasks: list[Task]) -> dict[str, str]:
        """Return the tasks that somebody asked ECS to stop, with the reason given."""
        clusters = {task.fleet.cluster for task in tasks}
        found = {}
        for cluster in clusters:
            arns = [task.arn for task in tasks if task.fleet.cluster == cluster]
            for described in self.ecs.describe_tasks(cluster=cluster, tasks=arns)["tasks"]:
                if described.get("desiredStatus") == "STOPPED":
                    found[described["taskArn"]] = described.get("stoppedReason") or "Task stopped by user"
        return found

    def status(self, task: Task, status: str) -> None:
        """Tell a task's status, in ECS's words, with what is known of its container by now."""
        containers = [self._container(task, status)] if task.container else []
        self.ecs.submit_task_state_change(
            cluster=task.fleet.cluster,
            task=task.arn,
            status=status,
            reason=task.reason,
            containers=containers,
        )

    def health(self, task: Task) -> None:
        """Tell what the container's health check has come to."""
        name = task.container.name if task.container else ""
        self.private.tell_task_health(task.arn, container=name, health=task.health.state.value)

    def register(self, task: Task) -> None:
        """Make a task a target of its target groups."""
        for target in task.fleet.targets:
            self.elbv2.register_targets(TargetGroupArn=target.group, Targets=[_place(task, target.port)])

    def deregister(self, task: Task) -> None:
        """Take a task out of its target groups."""
        for target in task.fleet.targets:
            self.elbv2.deregister_targets(TargetGroupArn=target.group, Targets=[_place(task, target.port)])

    def _container(self, task: Task, status: str) -> "ContainerStateChangeTypeDef":
        assert task.container is not None  # noqa: S101 - the caller looked
        known: ContainerStateChangeTypeDef = {
            "containerName": task.container.name,
            "status": "STOPPED" if task.stage is Stage.STOPPED else status,
        }
        if task.digest:
            known["imageDigest"] = task.digest
        if task.running is not None:
            known["runtimeId"] = f"{task.id}-{task.running.program.process.pid}"
            port = task.container.port
            known["networkBindings"] = [
                {"bindIP": task.address, "containerPort": port, "hostPort": port, "protocol": "tcp"}
            ]
        if task.exit_code is not None:
            known["exitCode"] = task.exit_code
        if task.container_reason:
            known["reason"] = task.container_reason
        return known


def _place(task: Task, port: int) -> "TargetDescriptionTypeDef":
    return {"Id": task.address, "Port": port}

"""How long a task's end must take by what the control plane describes, whatever whoever ends it thinks."""

from rehearsal import described, tasks
from rehearsal.clock import Clock
from rehearsal.control_plane import ControlPlane
from rehearsal.judge.played import Due
from rehearsal.region import ending


def of(plane: ControlPlane, clock: Clock, *, load_balancer: str, cluster: str, service: str) -> Due:
    """Read it of a service and the load balancer (by its ARN) that all its target groups belong to.

    Raises:
        StepFailed: The load balancer does something that the rehearsal cannot play.
    """
    groups = described.describe(plane.elbv2, load_balancer).target_groups
    (found,) = plane.ecs.describe_services(cluster=cluster, services=[service])["services"]
    definition = plane.ecs.describe_task_definition(taskDefinition=found["taskDefinition"])["taskDefinition"]
    stop_timeout = tasks.parse_task_definition(definition).stop_timeout
    return Due(
        drain=ending.drain_seconds(clock, max(group.deregistration_delay for group in groups)),
        stop=ending.stop_seconds(clock, stop_timeout),
    )

"""The fleets of a service while a deployment goes on; whoever calls holds the store's lock."""

from rehearsal.aws.ecs import store, task_sets
from rehearsal.aws.ecs.model import Deployment, Service, Task, new_id, now
from rehearsal.aws.original import Moto
from rehearsal.ecs.plan import Side
from rehearsal.ecs.records import Revision, ServiceDeployment
from rehearsal.ecs.rolling import Counts, Limits, wanted

_BY_SCHEDULER = "Scaling activity"
"""How the reason of a task begins that was ended because it is not wanted any longer."""


def lead(service: Service, revision: Revision) -> None:
    """Make a revision's fleet the primary one, begun anew where it has drained; the others are active."""
    fleet = revision.fleet
    if fleet.status == "DRAINING" or fleet not in service.deployments:
        fleet = Deployment(
            id=new_id(), task_definition=fleet.task_definition, asked=fleet.asked, wanted=fleet.wanted
        )
        revision.fleet = fleet
    others = [item for item in service.deployments if item is not fleet]
    for other in others:
        if other.status == "PRIMARY":
            other.status, other.updated_at = "ACTIVE", now()
    fleet.status, fleet.updated_at = "PRIMARY", now()
    service.deployments = [fleet, *others]
    service.task_definition = fleet.task_definition


def drain_all_but(kept: Moto, service: Service, revision: Revision | None, spared: Revision) -> None:
    """Let every fleet end but one revision's, and one that has just been begun."""
    for fleet in service.deployments:
        stays = fleet is spared.fleet or (revision is not None and fleet is revision.fleet)
        if not stays and fleet.status != "DRAINING":
            task_sets.drain(kept, service, fleet)


def is_steady(kept: Moto, service: Service, revision: Revision, *, alone: bool) -> bool:
    """Return whether a revision has all its tasks, healthy ones; and, where asked, no other has any."""
    fleet = revision.fleet
    if fleet.count(store.desired_count(service)) < store.desired_count(service):
        return False
    own = store.tasks_of(kept, service, fleet)
    if not task_sets.is_steady(service, fleet, own):
        return False
    return not alone or len(store.tasks_of(kept, service)) == len(own)


def is_gone(kept: Moto, service: Service, side: Side, deployment: ServiceDeployment) -> bool:
    """Return whether a side has no task left: the source stands for all but the target."""
    target = deployment.target.fleet
    if side is Side.TARGET:
        return not store.tasks_of(kept, service, target)
    return all(task.fleet == target.id for task in store.tasks_of(kept, service))


def counted(kept: Moto, revision: Revision) -> tuple[int, int]:
    """Return how many tasks of a revision failed, and how many have become healthy."""
    fleet = revision.fleet
    own = [task for task in store.tasks(kept) if task.fleet == fleet.id]
    failed = sum(
        task.desired_status == "STOPPED" and not task.stopped_reason.startswith(_BY_SCHEDULER) for task in own
    )
    healthy = sum(_is_well(task, fleet) for task in own)
    fleet.failed_tasks = failed
    return failed, healthy


def roll(kept: Moto, service: Service, revision: Revision, limits: Limits) -> None:
    """Let a revision have more tasks, and the others fewer, as far as a rolling update may go now."""
    new = revision.fleet
    olds = [fleet for fleet in service.deployments if fleet is not new and fleet.status != "DRAINING"]
    own = _staying(kept, service, new)
    remaining = {
        fleet.id: min(len(_staying(kept, service, fleet)), fleet.count(limits.desired)) for fleet in olds
    }
    everybody = store.tasks_of(kept, service)
    counts = Counts(
        new=max(len(own), min(new.wanted or 0, limits.desired)),
        new_healthy=sum(_is_well(task, new) for task in own),
        old=sum(remaining.values()),
        ending=len(everybody) - len(own) - sum(remaining.values()),
    )
    new.wanted, left = wanted(limits, counts)
    for fleet in olds:
        fleet.wanted = min(left, remaining[fleet.id])
        left -= fleet.wanted
        if not fleet.wanted:
            task_sets.drain(kept, service, fleet)


def freeze(kept: Moto, service: Service, revision: Revision) -> None:
    """Start no more tasks of a revision; those that run go on."""
    revision.fleet.wanted = len(_staying(kept, service, revision.fleet))


def _staying(kept: Moto, service: Service, fleet: Deployment) -> list[Task]:
    return [task for task in store.tasks_of(kept, service, fleet) if task.desired_status != "STOPPED"]


def _is_well(task: Task, fleet: Deployment) -> bool:
    return task.last_status == "RUNNING" and task_sets.is_healthy(task, fleet)

"""How many tasks of which revision should run where: what the region's scheduler goes by."""

from typing import TYPE_CHECKING

from rehearsal.aws.ecs.model import Document, Fleet, Service
from rehearsal.aws.ecs.store import LOCK, backend, desired_count, services
from rehearsal.aws.ecs.task_sets import drop_ended, wanted

if TYPE_CHECKING:
    from werkzeug.wrappers import Request

    from rehearsal.aws.server import Routes


def mend() -> "Routes":
    """Tell of every fleet that should run; one that is no longer told of is to be drained and ended."""
    return {("GET", "/rehearsal/fleets"): _fleets}


def _fleets(_request: "Request") -> object:
    with LOCK:
        kept = backend()
        found: list[Document] = []
        for service in services(kept):
            drop_ended(kept, service)
            found += [_told(service, fleet) for fleet in service.fleets if fleet.status != "DRAINING"]
        return {"fleets": found}


def _told(service: Service, fleet: Fleet) -> Document:
    return {
        "id": fleet.id,
        "cluster": service.cluster_arn,
        "service": service.arn,
        "taskDefinition": fleet.task_definition,
        "count": wanted(service, fleet),
        "desired": desired_count(service),
        "healthCheckGracePeriodSeconds": service.asked.get("healthCheckGracePeriodSeconds", 0),
        "targetGroups": [
            {
                "arn": group["targetGroupArn"],
                "container": group["containerName"],
                "port": group["containerPort"],
            }
            for group in fleet.asked.get("loadBalancers", [])
            if "targetGroupArn" in group
        ],
    }

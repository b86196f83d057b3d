"""How many tasks each service runs and should run, as Container Insights reports it.

AWS documentation (CloudWatch user guide, "Amazon ECS Container Insights metrics"): `RunningTaskCount` and
`DesiredTaskCount` in `ECS/ContainerInsights`, by `ClusterName` and `ServiceName`, for as long as there is a
service.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from rehearsal.metrics.point import Point

if TYPE_CHECKING:
    from mypy_boto3_ecs import ECSClient

NAMESPACE: Final = "ECS/ContainerInsights"


def described(client: "ECSClient", cluster: str = "") -> list[Mapping[str, Any]]:
    """Ask ECS for the services that are active, of one cluster if it is named."""
    found: list[Mapping[str, Any]] = []
    for name in [cluster] if cluster else client.list_clusters()["clusterArns"]:
        services = client.list_services(cluster=name)["serviceArns"]
        if services:
            answer = client.describe_services(cluster=name, services=services)
            found += [service for service in answer["services"] if service["status"] == "ACTIVE"]
    return found


def of_services(services: Sequence[Mapping[str, Any]], minute: int) -> list[Point]:
    """Return the points of described services."""
    return [
        Point(
            metric,
            (
                ("ClusterName", service["clusterArn"].rpartition("/")[2]),
                ("ServiceName", service["serviceName"]),
            ),
            minute,
            {float(service.get(count, 0)): 1},
        )
        for service in services
        for metric, count in (("RunningTaskCount", "runningCount"), ("DesiredTaskCount", "desiredCount"))
    ]

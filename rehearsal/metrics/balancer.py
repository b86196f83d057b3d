"""The metrics of a load balancer and its target groups: pure functions from requests to points.

AWS documentation (Application Load Balancers user guide, "CloudWatch metrics for your Application Load
Balancer"): metrics are reported only while requests flow and there are data for them, so a count of nothing
is absent. RequestCount counts the requests for which a target was chosen. HTTPCode_Target_*_Count leaves out
what the load balancer answered itself, TargetResponseTime ends when the target begins its answer, and both
exist for the load balancer and for each target group. HTTPCode_ELB_*_Count belongs to the load balancer
alone. HealthyHostCount and UnHealthyHostCount are reported if there are registered targets, and a
deregistered target is in neither. Requests of health checks are in none of them.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from rehearsal.metrics.access_log import Request
from rehearsal.metrics.point import Dimensions, Point, minute_of

NAMESPACE: Final = "AWS/ApplicationELB"

Health = Mapping[str, Mapping[str, Mapping[str, str]]]
"""By target group's ARN and target (`ADDRESS:PORT`), what DescribeTargetHealth says of it: its `state`."""

_ERRORS: Final = (4, 5)


@dataclass(frozen=True, slots=True)
class Names:
    """A load balancer and its target groups, by the names that metrics use."""

    balancer: str
    """ARN of the load balancer."""
    groups: Mapping[str, str] = field(default_factory=dict)
    """ARN of each target group by its name."""

    def of_balancer(self) -> Dimensions:
        """Return the dimensions of what belongs to the load balancer."""
        return (("LoadBalancer", self.balancer.partition(":loadbalancer/")[2]),)

    def of_group(self, arn: str) -> Dimensions:
        """Return the dimensions of what belongs to a target group."""
        return (*self.of_balancer(), ("TargetGroup", arn.split(":")[5]))


def of_requests(requests: Iterable[Request], names: Names, played: Callable[[float], float]) -> list[Point]:
    """Return the points of requests that are over.

    Args:
        requests: in any order.
        names: what they went through.
        played: turns Unix time of this machine into that of the metrics.
    """
    found: dict[tuple[str, Dimensions, int], Counter[float]] = {}
    for request in requests:
        minute = minute_of(played(request.ended))
        for metric, dimensions, value in _values(request, names):
            found.setdefault((metric, dimensions, minute), Counter())[value] += 1
    return [
        Point(metric, dimensions, minute, values, "Seconds" if metric == "TargetResponseTime" else "Count")
        for (metric, dimensions, minute), values in found.items()
    ]


def of_health(health: Health, names: Names, minute: int) -> list[Point]:
    """Return how many targets are healthy and unhealthy, of each group that has registered targets."""
    points = []
    for arn in names.groups.values():
        states = Counter(target["state"] for target in health.get(arn, {}).values())
        del states["draining"]
        if not states:
            continue
        for metric, state in (("HealthyHostCount", "healthy"), ("UnHealthyHostCount", "unhealthy")):
            points.append(Point(metric, names.of_group(arn), minute, {float(states[state]): 1}))
    return points


def _values(request: Request, names: Names) -> Iterator[tuple[str, Dimensions, float]]:
    hundred = request.status // 100
    if not request.by_target and hundred in _ERRORS:
        yield f"HTTPCode_ELB_{hundred}XX_Count", names.of_balancer(), 1.0
    arn = names.groups.get(request.group)
    if not request.target or arn is None:
        return
    for dimensions in (names.of_balancer(), names.of_group(arn)):
        yield "RequestCount", dimensions, 1.0
        if request.seconds is not None:
            yield "TargetResponseTime", dimensions, float(f"{request.seconds:.3g}")
            if hundred:
                yield f"HTTPCode_Target_{hundred}XX_Count", dimensions, 1.0

"""How a target stands, in ELBv2's words, from what Envoy finds.

AWS documentation: "Health checks for Application Load Balancer target groups" (Target health status, Health
check reason codes): a target is `initial` until the first checks have decided, then `healthy` or `unhealthy`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any, Final

from rehearsal.health import HEALTHY, INITIAL, TargetHealth


class Found(Enum):
    """What Envoy says of a host."""

    UNCHECKED = "unchecked"
    PASSES = "passes"
    FAILS = "fails"
    TIMES_OUT = "times out"


FAILED: Final = TargetHealth("unhealthy", "Target.FailedHealthChecks", "Health checks failed")
TIMED_OUT: Final = TargetHealth("unhealthy", "Target.Timeout", "Request timed out")


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a target is called now, and since when it has been looked at."""

    since: float
    health: TargetHealth = INITIAL

    def after(self, found: Found, *, now: float, patience: float) -> "Judgement":
        """Return the judgement after another look.

        Args:
            found: What Envoy says.
            now: The time on the clock of `since`.
            patience: Seconds that as many checks take as make a target unhealthy. Envoy calls a new host
                failed from the first check on; ELBv2 has not decided by then.
        """
        match found:
            case Found.PASSES:
                return replace(self, health=HEALTHY)
            case Found.UNCHECKED:
                return self
            case Found.FAILS | Found.TIMES_OUT:
                if self.health == INITIAL and now - self.since < patience:
                    return self
                return replace(self, health=FAILED if found is Found.FAILS else TIMED_OUT)


def hosts(clusters: Mapping[str, Any], name: str) -> dict[str, Found]:
    """Return what Envoy's admin interface says of a cluster's hosts, by `address:port`."""
    found: dict[str, Found] = {}
    for cluster in clusters.get("cluster_statuses", []):
        if cluster["name"] == name:
            for host in cluster.get("host_statuses", []):
                place = host["address"]["socket_address"]
                found[f"{place['address']}:{place['port_value']}"] = _found(host["health_status"])
    return found


def _found(status: Mapping[str, Any]) -> Found:
    if status.get("pending_active_hc"):
        return Found.UNCHECKED
    if status.get("failed_active_health_check"):
        return Found.TIMES_OUT if status.get("active_hc_timeout") else Found.FAILS
    return Found.PASSES

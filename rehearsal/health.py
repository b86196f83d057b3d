"""How a target stands, in ELBv2's words: the region finds it, the control plane tells it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class TargetHealth:
    """What DescribeTargetHealth says of a target; reason and description are empty when it is healthy."""

    state: str
    reason: str = ""
    description: str = ""

    @classmethod
    def from_json(cls, told: Mapping[str, str]) -> "TargetHealth":
        """Read what `as_json` has written; what is missing is empty.

        Raises:
            KeyError: There is no state.
        """
        return cls(told["state"], told.get("reason", ""), told.get("description", ""))

    def as_json(self) -> dict[str, str]:
        """Return it as the control plane takes it."""
        return asdict(self)


INITIAL: Final = TargetHealth("initial", "Elb.InitialHealthChecking", "Initial health checks in progress")
HEALTHY: Final = TargetHealth("healthy")

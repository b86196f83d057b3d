"""Traffic over time, as a deployment configuration has it.

AWS CodeDeploy User Guide, "Working with deployment configurations in CodeDeploy": all at once; canary, in two
increments with minutes between them; linear, in equal increments with equally many minutes between them. The
first increment moves when the event AllowTraffic begins.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from rehearsal.codedeploy.errors import ApiError
from rehearsal.codedeploy.plan import Increment

PREDEFINED: Final[Mapping[str, Mapping[str, Any]]] = {
    "CodeDeployDefault.ECSAllAtOnce": {"type": "AllAtOnce"},
    **{
        f"CodeDeployDefault.ECSCanary10Percent{minutes}Minutes": {
            "type": "TimeBasedCanary",
            "timeBasedCanary": {"canaryPercentage": 10, "canaryInterval": minutes},
        }
        for minutes in (5, 15)
    },
    **{
        f"CodeDeployDefault.ECSLinear10PercentEvery{minutes}Minutes": {
            "type": "TimeBasedLinear",
            "timeBasedLinear": {"linearPercentage": 10, "linearInterval": minutes},
        }
        for minutes in (1, 3)
    },
}
"""The configurations for Amazon ECS that every account has."""
DEFAULT: Final = "CodeDeployDefault.ECSAllAtOnce"
_MINUTE: Final = 60.0
_ALL: Final = 100


def increments(routing: Mapping[str, Any], real: Callable[[float], float]) -> tuple[Increment, ...]:
    """Return when how much traffic moves.

    Args:
        routing: A TrafficRoutingConfig.
        real: Turns AWS's seconds into this machine's.
    """
    match routing:
        case {"timeBasedCanary": {"canaryPercentage": int(percent), "canaryInterval": int(minutes)}}:
            return (Increment(percent, 0.0), Increment(_ALL, real(minutes * _MINUTE)))
        case {"timeBasedLinear": {"linearPercentage": int(percent), "linearInterval": int(minutes)}}:
            shares = [*range(percent, _ALL, percent), _ALL]
            return tuple(
                Increment(share, real(index * minutes * _MINUTE)) for index, share in enumerate(shares)
            )
    return (Increment(_ALL, 0.0),)


def check(routing: Mapping[str, Any]) -> None:
    """Refuse what CodeDeploy would refuse.

    AWS CodeDeploy User Guide, "CodeDeploy quotas": at most 99 percent in one increment, and at most 2,880
    minutes between the first and the last.

    Raises:
        ApiError: InvalidTrafficRoutingConfigurationException.
    """
    kind = routing.get("type")
    names = {"TimeBasedCanary": "timeBasedCanary", "TimeBasedLinear": "timeBasedLinear"}
    if kind == "AllAtOnce" and not set(names.values()) & set(routing):
        return
    part = routing.get(names.get(str(kind), ""))
    if part is None or set(routing) != {"type", names[str(kind)]}:
        raise _invalid("The traffic routing has to say its type and what belongs to it, and nothing else.")
    prefix = "canary" if kind == "TimeBasedCanary" else "linear"
    percent, minutes = part.get(f"{prefix}Percentage", 0), part.get(f"{prefix}Interval", 0)
    if not 0 < percent < _ALL:
        raise _invalid("The percentage of traffic has to be between 1 and 99.")
    if minutes <= 0 or increments(routing, float)[-1].after > 2880 * _MINUTE:
        raise _invalid("The last of the traffic has to move within 2880 minutes of the first.")


def _invalid(message: str) -> ApiError:
    return ApiError("InvalidTrafficRoutingConfigurationException", message)

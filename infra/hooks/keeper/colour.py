"""Which colour takes production traffic, and what the parameter is to say: decided from what is, purely."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What follows from what the load balancer does."""

    colour: str | None = None
    """What the parameter is to say; nothing when it stays as it is."""
    odd: str | None = None
    """A sentence for people when something is not as it should be between two releases."""


def destination(actions: Sequence[Mapping[str, Any]]) -> str | None:
    """Return the ARN of the one target group that takes everything, or nothing when there is no such one.

    Args:
        actions: the default actions of a listener or the actions of a rule, as Elastic Load Balancing
            describes them: one group by itself, or several by weight, which CodeDeploy leaves at 100 and 0.
    """
    forwards = [action for action in actions if action.get("Type") == "forward"]
    if len(forwards) != 1:
        return None
    groups = forwards[0].get("ForwardConfig", {}).get("TargetGroups") or [forwards[0]]
    taking = [group.get("TargetGroupArn") for group in groups if group.get("Weight", 1) > 0]
    return taking[0] if len(taking) == 1 else None


def decide(*, says: str, takes: str | None, groups: Mapping[str, str], healthy: bool) -> Verdict:
    """Return what the parameter is to say while no release is in progress.

    Args:
        says: what the parameter says.
        takes: the target group that takes everything, as `destination` returns it.
        groups: the target groups' ARNs by colour.
        healthy: whether that one has a healthy target. A colour that cannot answer is never written: an
            update of the listeners would hold on to it.
    """
    if takes is None:
        return Verdict(odd=f"No release runs, and no single colour takes all traffic: {says} stays.")
    colours = [colour for colour, group in groups.items() if group == takes]
    if not colours:
        return Verdict(odd=f"Production traffic goes to {takes}, which is no colour: {says} stays.")
    (live,) = colours
    if not healthy:
        return Verdict(odd=f"Production traffic goes to {live}, where nothing is healthy: {says} stays.")
    return Verdict(colour=None if live == says else live)

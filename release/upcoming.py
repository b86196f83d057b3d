"""What happens next in a deployment, and when: from where it stands and what the settings say; pure."""

import math
from datetime import datetime, timedelta
from typing import Final

from infra.settings import ReleaseSettings, Strategy
from release.deployment import Deployment, Event
from release.view_model import Upcoming

_SHIFTS: Final = frozenset({"AllowTraffic", "PRODUCTION_TRAFFIC_SHIFT"})
_BAKES: Final = frozenset({"BAKE_TIME"})
_WORDS: Final = {
    "BeforeInstall": "tasks of the new version are started",
    "Install": "tasks of the new version become healthy",
    "AfterInstall": "test traffic goes to the new version",
    "AllowTestTraffic": "test traffic goes to the new version",
    "AfterAllowTestTraffic": "the gate decides",
    "BeforeAllowTraffic": "production traffic begins to move",
    "PRE_SCALE_UP": "tasks of the new version are started",
    "SCALE_UP": "tasks of the new version become healthy",
    "POST_SCALE_UP": "test traffic goes to the new version",
    "TEST_TRAFFIC_SHIFT": "test traffic goes to the new version",
    "POST_TEST_TRAFFIC_SHIFT": "the gate decides",
    "POST_PRODUCTION_TRAFFIC_SHIFT": "the old version stays for a while",
    "CLEAN_UP": "the old tasks end",
}
"""What is awaited while an event runs."""


def upcoming(release: ReleaseSettings, deployment: Deployment | None) -> Upcoming | None:
    """Return what comes next; nothing when nothing is under way."""
    if deployment is None or deployment.settled:
        return None
    if deployment.state.ended:
        return Upcoming(what="traffic is back where it was")
    event = next((item for item in deployment.events if item.status == "running"), None)
    if event is None:
        return _between(release, deployment)
    if event.name in _SHIFTS:
        return _shift(release, event)
    if event.name in _BAKES:
        return Upcoming(what="the old tasks end", at=_after(event.started, release.bake_minutes))
    return Upcoming(what=_WORDS.get(event.name, f"{event.name} ends"))


def _shift(release: ReleaseSettings, event: Event) -> Upcoming:
    if release.strategy is Strategy.LINEAR:
        steps = math.ceil(100 / release.shift_percent) - 1
        return Upcoming(
            what=f"all traffic has moved, {release.shift_percent} % at a time",
            at=_after(event.started, steps * release.shift_minutes),
        )
    if release.strategy is Strategy.CANARY:
        return Upcoming(
            what=f"the remaining {100 - release.shift_percent} % of traffic moves",
            at=_after(event.started, release.shift_minutes),
        )
    return Upcoming(what="all traffic moves")


def _between(release: ReleaseSettings, deployment: Deployment) -> Upcoming:
    """Return what comes when no event runs: another one or, after the last, the old tasks' end."""
    if any(event.status == "pending" for event in deployment.events) or not deployment.events:
        return Upcoming(what="the engine begins its next step")
    last = max((event.ended for event in deployment.events if event.ended), default=None)
    if not release.two_colours or release.strategy is Strategy.ALL_AT_ONCE:
        return Upcoming(what="the old tasks end")
    return Upcoming(what="the old tasks end", at=_after(last, release.bake_minutes))


def _after(moment: datetime | None, minutes: int) -> datetime | None:
    return moment + timedelta(minutes=minutes) if moment else None

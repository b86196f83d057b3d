"""What happens next."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from infra.settings import ReleaseSettings, Strategy
from release.deployment import Deployment, Event, State
from release.upcoming import upcoming
from release.view_model import Upcoming

AT = datetime(2026, 11, 20, 16, tzinfo=UTC)
CANARY = ReleaseSettings(strategy=Strategy.CANARY, shift_percent=10, shift_minutes=5, bake_minutes=30)
LINEAR = ReleaseSettings(strategy=Strategy.LINEAR, shift_percent=30, shift_minutes=5)


def deployment(*events: Event, **more: Any) -> Deployment:  # noqa: ANN401 - fields
    """Return a deployment under way with these events."""
    facts: dict[str, Any] = {
        "id": "d-1",
        "state": State.RUNNING,
        "status": "InProgress",
        "started": AT,
        "task_definition": "",
        "events": events,
    }
    return Deployment(**{**facts, **more})


def running(name: str) -> Event:
    """Return an event that has begun."""
    return Event(name=name, status="running", started=AT)


DONE = Event(name="AfterAllowTraffic", status="succeeded", started=AT, ended=AT)


@pytest.mark.parametrize(
    ("release", "seen", "next_"),
    [
        (CANARY, None, None),
        (CANARY, deployment(DONE, state=State.SUCCEEDED), None),
        (
            CANARY,
            deployment(running("AllowTraffic")),
            Upcoming(what="the remaining 90 % of traffic moves", at=AT + timedelta(minutes=5)),
        ),
        (
            LINEAR,
            deployment(running("PRODUCTION_TRAFFIC_SHIFT")),
            Upcoming(what="all traffic has moved, 30 % at a time", at=AT + timedelta(minutes=15)),
        ),
        (ReleaseSettings(), deployment(running("AllowTraffic")), Upcoming(what="all traffic moves")),
        (CANARY, deployment(running("AfterAllowTestTraffic")), Upcoming(what="the gate decides")),
        (
            CANARY,
            deployment(running("BAKE_TIME")),
            Upcoming(what="the old tasks end", at=AT + timedelta(minutes=30)),
        ),
        (CANARY, deployment(DONE), Upcoming(what="the old tasks end", at=AT + timedelta(minutes=30))),
        (
            ReleaseSettings(strategy=Strategy.ALL_AT_ONCE),
            deployment(DONE),
            Upcoming(what="the old tasks end"),
        ),
        (
            CANARY,
            deployment(Event(name="BeforeInstall", status="pending")),
            Upcoming(what="the engine begins its next step"),
        ),
        (CANARY, deployment(running("A_STAGE_OF_TOMORROW")), Upcoming(what="A_STAGE_OF_TOMORROW ends")),
        (
            CANARY,
            deployment(state=State.FAILED, way_back=deployment(state=State.RUNNING, id="d-2", rollback=True)),
            Upcoming(what="traffic is back where it was"),
        ),
    ],
)
def test_what_happens_next_and_when(
    release: ReleaseSettings, seen: Deployment | None, next_: Upcoming | None
) -> None:
    """From where the deployment stands, and what the settings say of its steps."""
    assert upcoming(release, seen) == next_

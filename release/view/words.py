"""The pieces that every view is put together from: pure functions of what was seen."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from release.deployment import Deployment, Event
from release.record import Record, Step
from release.sentences import clean, short
from release.view_model import AlarmSeen, ColourSeen, Snapshot, Upcoming

STEPS: Final = {
    Step.CLAIM: "claim the stage",
    Step.HOLD: "hold deployments of listeners and service off",
    Step.PREPARE: "leave the gate its probes",
    Step.REGISTER: "register the revision",
    Step.SHIFT: "ask {engine} to begin",
    Step.FOLLOW: "follow {engine}",
    Step.VERIFY: "compare what runs with what was asked for",
    Step.REMEMBER: "leave what runs as what a deploy would find",
    Step.TAG: "tag the image",
    Step.RECORD: "write the record",
    Step.FREE: "let deployments in again",
}
"""What each step does."""
_ENGINES: Final = {"codedeploy": "CodeDeploy", "ecs": "ECS"}
_MARKS: Final = {"succeeded": "✓", "failed": "✗", "running": "●", "skipped": "-", "pending": "·"}
_PLAIN_MARKS: Final = {"✓": "ok", "✗": "!!", "●": "..", "-": "-", "·": " ", "█": "#", "░": "."}
_STATES: Final = {"INSUFFICIENT_DATA": "has no data"}
_MINUTE: Final = 60
_HOUR: Final = 3600


def now() -> datetime:
    """Return the time as views show it."""
    return datetime.now(UTC)


def doing(record: Record) -> str:
    """Return what the step at which a release is does."""
    return STEPS[record.step].format(engine=_ENGINES.get(record.engine, record.engine))


def headline(record: Record) -> str:
    """Return what is being released, in a line."""
    return f"{record.id}  {record.kind} {short(record.digest)} to {record.stage} ({record.strategy})"


def mark(status: str, *, unicode: bool = True) -> str:
    """Return the sign of an event's status."""
    found = _MARKS.get(status, "?")
    return found if unicode else _PLAIN_MARKS.get(found, found)


def bar(share: int, width: int = 30, *, unicode: bool = True) -> str:
    """Return a share of 100 as a bar; anything above nothing is seen."""
    share = min(100, max(0, share))
    full = max(1, round(share * width / 100)) if share else 0
    text = "█" * full + "░" * (width - full)
    return text if unicode else "".join(_PLAIN_MARKS[letter] for letter in text)


def span(seconds: float) -> str:
    """Return a length of time as a person says it: `42 s`, `3 min 05 s`, `1 h 02 min`."""
    whole = max(0, round(seconds))
    if whole < _MINUTE:
        return f"{whole} s"
    if whole < _HOUR:
        return f"{whole // _MINUTE} min {whole % _MINUTE:02d} s"
    return f"{whole // _HOUR} h {whole % _HOUR // _MINUTE:02d} min"


def at(moment: datetime) -> str:
    """Return the time of day, in UTC."""
    return moment.astimezone(UTC).strftime("%H:%M:%SZ")


def lasted(event: Event, now: datetime) -> str:
    """Return for how long an event has been going on, or went on; empty before it has begun."""
    if event.started is None:
        return ""
    return span(((event.ended or now) - event.started).total_seconds())


def events(deployment: Deployment | None) -> Iterator[Event]:
    """Yield the lifecycle events of a deployment, then those of its way back that do something."""
    if deployment is None:
        return
    yield from deployment.events
    for event in events(deployment.way_back):
        if event.status != "skipped":
            yield replace(event, name=f"way back: {event.name}")


def next_up(upcoming: Upcoming | None, now: datetime) -> str:
    """Return what happens next, and in how long if that is known."""
    if upcoming is None:
        return ""
    if upcoming.at is None:
        return clean(upcoming.what)
    left = (upcoming.at - now).total_seconds()
    when = f"in {span(left)}" if left > 0 else "now"
    return f"{clean(upcoming.what)} {when} ({at(upcoming.at)})"


def shares(snapshot: Snapshot) -> str:
    """Return where production traffic goes, in a line."""
    return ", ".join(f"{colour.name} {colour.share} %" for colour in snapshot.colours)


def healths(snapshot: Snapshot) -> str:
    """Return how many targets take traffic, in a line."""
    return ", ".join(
        f"{colour.name} {colour.healthy} of {colour.targets} healthy" for colour in snapshot.colours
    )


def digests(colour: ColourSeen) -> str:
    """Return what a colour runs, in a line."""
    return ", ".join(short(digest) for digest in colour.digests) or "-"


def standing(deployment: Deployment | None) -> str:
    """Return how a deployment stands, in a line."""
    if deployment is None:
        return ""
    reason = f": {clean(deployment.reason)}" if deployment.reason else ""
    back = deployment.way_back
    way = f"; way back {back.id or '(to come)'} {back.status}" if back else ""
    return f"{deployment.id} {deployment.status}{reason}{way}"


def alarms(snapshot: Snapshot) -> str:
    """Return how the alarms stand, in a line: those that are red, or else how many are green and which not.

    Without data an alarm has nothing to judge by, as in the minutes after it was made.
    """
    if lines := red(snapshot):
        return "; ".join(lines)
    if not snapshot.alarms:
        return "none"
    others = [f"{alarm.name} {_STATES.get(alarm.state, alarm.state)}" for alarm in _not_green(snapshot)]
    return ", ".join([f"{len(snapshot.alarms) - len(others)} green", *others])


def all_green(snapshot: Snapshot) -> bool:
    """Return whether every alarm has data and finds nothing wrong."""
    return not _not_green(snapshot)


def _not_green(snapshot: Snapshot) -> list[AlarmSeen]:
    return [alarm for alarm in snapshot.alarms if alarm.state != "OK"]


def red(snapshot: Snapshot) -> list[str]:
    """Return a line for each alarm that is red."""
    return [
        f"{alarm.name} is ALARM" + (f": {clean(alarm.reason)}" if alarm.reason else "")
        for alarm in snapshot.alarms
        if alarm.state == "ALARM"
    ]

"""What `status` tells: the truth, from AWS and the claim, and what to do next. It changes nothing."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from release.claim import Seen
from release.course import Course
from release.judgement import live_colour
from release.record import Outcome, Record
from release.records import History
from release.view_model import ColourSeen, Snapshot

_RECORDS: Final = 20
"""Records that are looked through for what runs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """A stage, and what is known of what runs there."""

    snapshot: Snapshot
    history: History
    advice: str
    """What to do next, in a sentence."""
    held: tuple[str, ...] = ()
    """The stacks whose deployments are held off."""

    def known(self, digest: str) -> Record | None:
        """Return the newest release of an image."""
        return self.history.of(digest)


def status_of(course: Course) -> Status:
    """Return a stage's status."""
    seen = course.claims.read()
    record = seen.record if seen else None
    deployment = None
    if record is not None and record.runs and (found := course.find(record)):
        deployment = course.acts.engine.look(found)
    snapshot = course.acts.look(record, deployment)
    snapshot = _with_life(snapshot, seen)
    held = tuple(course.acts.held_off())
    history = course.records.newest(_RECORDS)
    return Status(snapshot=snapshot, history=history, advice=advice(snapshot, held), held=held)


def _with_life(snapshot: Snapshot, seen: Seen | None) -> Snapshot:
    if seen is None or not seen.record.runs:
        return replace(snapshot, alive=False, last_sign=None)
    return replace(snapshot, alive=seen.alive, last_sign=seen.age)


def advice(snapshot: Snapshot, held: Sequence[str] = ()) -> str:
    """Return what to do next about a stage, in a sentence."""
    record, stage = snapshot.record, snapshot.stage
    if record is not None and record.runs:
        return _under_way(record, snapshot)
    return _traffic(snapshot) or _left(record, stage, held) or f"Nothing: {stage} is ready for a release."


def _traffic(snapshot: Snapshot) -> str:
    """Return what to do about traffic and alarms; empty when they are as they should be."""
    live = live_colour(snapshot)
    if not live:
        return "No colour takes all traffic with healthy targets: see docs/runbooks/wrong-colour.md now."
    if snapshot.remembered and snapshot.remembered != live:
        return (
            f"CloudFormation believes in {snapshot.remembered}, and {live} is live: deploy nothing, and see "
            "docs/runbooks/wrong-colour.md."
        )
    if red := [alarm.name for alarm in snapshot.alarms if alarm.state == "ALARM"]:
        return f"Red: {', '.join(red)}. Release nothing before docs/runbooks/alarm-red.md is done with."
    return ""


def _left(record: Record | None, stage: str, held: Sequence[str]) -> str:
    """Return what to do about what releases have left; empty when there is nothing."""
    if record is not None and record.outcome is Outcome.UNCLEAR:
        return (
            f"{record.id} ended unclear: see docs/runbooks/wrong-colour.md. When what is live is what should "
            "be, `ship` of that image writes it down."
        )
    if held:
        return (
            f"Deployments of {' and '.join(held)} are held off, and no release runs: `python -m release stop "
            f"--stage {stage}` lets them in."
        )
    return ""


def _under_way(record: Record, snapshot: Snapshot) -> str:
    deployment = snapshot.deployment
    if deployment is not None and deployment.settled:
        return _at_its_end(record, alive=snapshot.alive)
    if snapshot.alive:
        stop = f"`python -m release stop --stage {record.stage}`"
        return f"Wait: {record.id} is under way. {stop} has traffic go back."
    if record.moves_traffic:
        return (
            f"{record.id} goes on in AWS without anybody following it: `python -m release stop --stage "
            f"{record.stage}` has traffic go back; `ship` or `rollback` finish it first and then go on."
        )
    return (
        f"The command of {record.id} died before anything had moved: the next `ship`, `rollback` or "
        f"`python -m release stop --stage {record.stage}` undoes it."
    )


def _at_its_end(record: Record, *, alive: bool) -> str:
    late = "`stop` comes too late; when it has shipped, `rollback` goes back."
    if alive:
        return f"Wait: the deployment of {record.id} has ended, and what came of it is written down. {late}"
    return (
        f"The deployment of {record.id} has ended and its command has died: the next `ship`, `rollback` or "
        f"`python -m release stop --stage {record.stage}` writes down what came of it. {late}"
    )


def as_json(status: Status) -> dict[str, Any]:
    """Return a status as plain data, for pipelines."""
    snapshot = status.snapshot
    record, deployment = snapshot.record, snapshot.deployment
    return {
        "stage": snapshot.stage,
        "at": _text(snapshot.at),
        "live": snapshot.live.name if snapshot.live else None,
        "remembered": snapshot.remembered,
        "colours": [_colour(status, colour) for colour in snapshot.colours],
        "alarms": [{"name": alarm.name, "state": alarm.state} for alarm in snapshot.alarms],
        "release": record.to_json() if record else None,
        "running": bool(record and record.runs),
        "alive": snapshot.alive,
        "last_sign_s": snapshot.last_sign,
        "deployment": None
        if deployment is None
        else {"id": deployment.id, "state": str(deployment.state), "status": deployment.status},
        "next": None
        if snapshot.upcoming is None
        else {"what": snapshot.upcoming.what, "at": _text(snapshot.upcoming.at)},
        "held": list(status.held),
        "advice": status.advice,
    }


def _colour(status: Status, colour: ColourSeen) -> dict[str, Any]:
    return {
        "name": colour.name,
        "share": colour.share,
        "test": colour.test,
        "healthy": colour.healthy,
        "targets": colour.targets,
        "images": [
            {
                "digest": digest,
                "model": record.model if (record := status.known(digest)) else None,
                "commit": record.commit if record else None,
                "release": record.id if record else None,
            }
            for digest in colour.digests
        ],
    }


def _text(moment: datetime | None) -> str | None:
    return moment.isoformat(timespec="seconds") if moment else None

"""The stage at one moment, read from AWS, and why a deployment came to nothing."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from botocore.exceptions import ClientError

from release import alarms, fleet
from release.deployment import Deployment
from release.fleet import Scene
from release.patience import Patient
from release.record import Record
from release.stage_facts import Stage
from release.upcoming import upcoming
from release.view_model import AlarmSeen, ColourSeen, Snapshot

_HALF: Final = 50
"""Percent of test traffic from which on the test listener is said to go to a colour."""
_LINES: Final = 5
"""Lines of the gate's log that are told."""
_LONGEST: Final = 500
"""Characters of one of them."""
_LOG_WINDOW: Final = timedelta(hours=2)
"""How long after its start a deployment's gate is looked for in the log: it has an hour at most."""


def snapshot(
    ask: Patient,
    stage: Stage,
    record: Record | None = None,
    *,
    deployment: Deployment | None = None,
    alive: bool = False,
    last_sign: float | None = None,
) -> Snapshot:
    """Return the stage as AWS has it now.

    Args:
        ask: who asks.
        stage: where.
        record: the release under way, or the last one.
        deployment: what the engine has just said of it.
        alive: whether the command that runs it shows signs of life.
        last_sign: seconds since its last one.
    """
    scene = fleet.look(ask, stage)
    return Snapshot(
        stage=stage.name,
        at=datetime.now(UTC),
        colours=colours_of(scene),
        alarms=alarms.read(ask, stage),
        remembered=_remembered(ask, stage),
        record=record,
        alive=alive,
        last_sign=last_sign,
        deployment=deployment,
        upcoming=upcoming(stage.settings.release, deployment),
    )


def live_digest(ask: Patient, stage: Stage) -> str:
    """Return the digest that takes production traffic; empty when it is not exactly one."""
    scene = fleet.look(ask, stage)
    digests = scene.digests_of(scene.live) if scene.live else ()
    return digests[0] if len(digests) == 1 else ""


def colours_of(scene: Scene) -> tuple[ColourSeen, ...]:
    """Return what is seen of each colour."""
    return tuple(
        ColourSeen(
            name=colour,
            share=share,
            test=scene.test.get(colour, 0) > _HALF,
            healthy=sum(target.healthy for target in scene.targets.get(colour, ())),
            targets=len(scene.staying(colour)),
            digests=scene.digests_of(colour),
        )
        for colour, share in scene.production.items()
    )


def reason_of_failure(ask: Patient, stage: Stage, deployment: Deployment) -> str:
    """Return why a deployment came to nothing: the engine's words, the gate's, and red alarms."""
    red = [alarm for alarm in alarms.read(ask, stage) if alarm.state == "ALARM"]
    return in_words(deployment, _gate_said(ask, stage, deployment), red)


def in_words(deployment: Deployment, gate: Sequence[str], red: Sequence[AlarmSeen]) -> str:
    """Return the reason in sentences, the engine's first."""
    messages = [f"{event.name}: {event.message}" for event in deployment.events if event.message]
    parts = [
        deployment.reason or f"The deployment ended as {deployment.status}, without a reason",
        *messages,
        *(f"The gate said: {line}" for line in gate),
        *(f"Alarm {alarm.name} is red: {alarm.reason}" for alarm in red),
    ]
    return " ".join(part if part.endswith((".", "!", "?")) else f"{part}." for part in parts)


def lines_of(messages: Sequence[str]) -> tuple[str, ...]:
    """Return what a gate's log says went wrong: its last errors, without Lambda's own words around them."""
    errors = [text for message in messages if (text := _error_in(message))]
    return tuple(text[:_LONGEST] for text in errors[-_LINES:])


def _error_in(message: str) -> str:
    """Return the error in a line of Lambda's log, `[ERROR]<tab>time<tab>request<tab>text`; empty for none."""
    level, _, rest = message.strip().partition("\t")
    return " ".join(rest.rpartition("\t")[2].split()) if level == "[ERROR]" else ""


def _gate_said(ask: Patient, stage: Stage, deployment: Deployment) -> tuple[str, ...]:
    if not stage.gate_log or deployment.started is None:
        return ()
    start = deployment.started
    try:
        answer = ask.ask(
            lambda clients: clients.logs.filter_log_events(
                logGroupName=stage.gate_log,
                startTime=_milliseconds(start),
                endTime=_milliseconds(start + _LOG_WINDOW),
                limit=1000,
            )
        )
    except ClientError as error:
        return (f"its log {stage.gate_log} cannot be read ({error})",)
    return lines_of([event.get("message", "") for event in answer.get("events", [])])


def _milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


def _remembered(ask: Patient, stage: Stage) -> str:
    name = stage.settings.live_colour_parameter
    answer = ask.ask(lambda clients: clients.ssm.get_parameter(Name=name))
    return answer["Parameter"]["Value"]

"""Whether a stage can be released to now: everything that speaks against it, told at once."""

from collections.abc import Iterator, Sequence
from typing import Final

from release import alarms, fleet, scan
from release.clients import Clients, Patient
from release.deployment import Deployment
from release.fleet import Scene
from release.image_facts import Image
from release.revision import runtime_platform, stack_revision
from release.stage import engine
from release.stage_facts import Stage
from release.view_model import AlarmSeen

_BROKEN: Final = ("ROLLBACK_FAILED", "DELETE_FAILED", "UPDATE_FAILED", "CREATE_FAILED", "ROLLBACK_COMPLETE")
_WELL: Final = "UPDATE_ROLLBACK_COMPLETE"
"""The status of a stack whose last update failed and left it as it was."""


def check(ask: Patient, stage: Stage, image: Image) -> tuple[str, ...]:
    """Return why this image cannot be released to this stage now; nothing when it can. It changes nothing."""
    scene = fleet.look(ask, stage)
    platform = runtime_platform(ask, stack_revision(ask, stage))
    found = scan.problem(ask, image, stage.settings.release.max_severity)
    return (
        *running_problems(stage, engine(ask, stage).running()),
        *stack_problems(_stacks(ask, stage)),
        *alarm_problems(stage.alarms, alarms.read(ask, stage)),
        *service_problems(stage, scene),
        *traffic_problems(stage, scene),
        *platform_problems(image, platform),
        *([found] if found else []),
    )


def running_problems(stage: Stage, running: Sequence[Deployment]) -> Iterator[str]:
    """Yield whatever is being deployed already, whoever began it."""
    for item in running:
        yield (
            f"Deployment {item.id.rpartition('/')[2]} of stage {stage.name} has not ended ({item.status}): "
            "wait for it, or stop it."
        )


def stack_problems(statuses: dict[str, str]) -> Iterator[str]:
    """Yield the stacks that are being updated, or cannot be."""
    for name, status in statuses.items():
        if status.endswith("_IN_PROGRESS"):
            yield f"Stack {name} is being changed ({status}): wait until that has ended."
        elif status.endswith(_BROKEN) and status != _WELL:
            yield f"Stack {name} is left in {status}: repair it with `cdk deploy` first."


def alarm_problems(names: Sequence[str], seen: Sequence[AlarmSeen]) -> Iterator[str]:
    """Yield the alarms that are red, and those that are not there.

    With a red one nothing could be told of the new version: CodeDeploy would turn back at once, and ECS would
    pay no heed to alarms for the whole deployment.
    """
    missing = sorted(set(names) - {alarm.name for alarm in seen})
    if missing:
        yield f"CloudWatch does not know {', '.join(missing)}: deploy the Service stack anew."
    for alarm in seen:
        if alarm.state == "ALARM":
            reason = alarm.reason or "no reason given"
            yield f"Alarm {alarm.name} is red ({reason}): see docs/runbooks/alarm-red.md."


def service_problems(stage: Stage, scene: Scene) -> Iterator[str]:
    """Yield why the service is not steady."""
    own = scene.primary
    if own is None:
        yield f"The service of stage {stage.name} has no tasks of its own: deploy its Service stack anew."
        return
    if own.desired < 1:
        yield f"The service of stage {stage.name} wants no task at all: set its desired count first."
    elif own.running != own.desired or own.pending:
        yield (
            f"The service of stage {stage.name} runs {own.running} of {own.desired} tasks: wait until it is "
            "steady."
        )
    elif not own.steady:
        yield f"The service of stage {stage.name} has not become steady: wait until it has."
    if others := [item.id for item in scene.fleets if not item.primary and (item.desired or item.running)]:
        yield (
            f"Tasks of another version still run in stage {stage.name} ({', '.join(others)}): wait until "
            "they have ended."
        )


def traffic_problems(stage: Stage, scene: Scene) -> Iterator[str]:
    """Yield why production traffic does not go to what ECS thinks it goes to."""
    live = scene.live
    if not live:
        shares = ", ".join(f"{colour} {share} %" for colour, share in scene.production.items())
        yield (
            f"Production traffic of stage {stage.name} is split ({shares}): finish or stop what moves "
            "it, see docs/runbooks/release-stuck.md."
        )
        return
    if not any(target.healthy for target in scene.staying(live)):
        yield (
            f"No target of {live}, which takes production traffic, is healthy: see "
            "docs/runbooks/alarm-red.md."
        )
    own = scene.primary
    strangers = [task.id for task in scene.tasks_of(live) if own is not None and task.fleet != own.id]
    if own is not None and (strangers or not scene.tasks_of(live)):
        yield (
            f"Production traffic goes to {live}, and the tasks that ECS calls the service's own are not "
            "there: see docs/runbooks/wrong-colour.md."
        )


def platform_problems(image: Image, platform: str) -> Iterator[str]:
    """Yield that the image was built for another processor than the tasks have."""
    if image.platform != platform:
        yield (
            f"The image is built for {image.platform}, and the stage's tasks run on {platform}: build it "
            "for that."
        )


def _stacks(ask: Patient, stage: Stage) -> dict[str, str]:
    names = (stage.traffic_stack, stage.service_stack)
    return ask.ask(lambda clients: {name: _status(clients, name) for name in names})


def _status(clients: Clients, stack: str) -> str:
    return clients.cloudformation.describe_stacks(StackName=stack)["Stacks"][0]["StackStatus"]

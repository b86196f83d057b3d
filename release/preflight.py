"""Whether a stage can be released to now: everything that speaks against it, told at once."""

from collections.abc import Iterator, Sequence

from release import alarms, fleet, hold, scan
from release.acts import Objections
from release.deployment import Deployment
from release.fleet import Scene
from release.image_facts import Image
from release.patience import Patient
from release.record import Kind
from release.revision import runtime_platform, stack_revision
from release.stage import engine
from release.stage_facts import Stage
from release.view_model import AlarmSeen


def check(ask: Patient, stage: Stage, image: Image, kind: Kind) -> Objections:
    """Return why this image cannot be released to this stage now. It changes nothing."""
    scene = fleet.look(ask, stage)
    platform = runtime_platform(ask, stack_revision(ask, stage))
    found = scan.problem(ask, image, stage.settings.release.max_severity)
    return weighed(
        kind,
        firm=(
            *running_problems(stage, engine(ask, stage).running()),
            *hold.problems(ask, (stage.traffic_stack, stage.service_stack)),
            *service_problems(stage, scene),
            *traffic_problems(stage, scene),
            *platform_problems(image, platform),
        ),
        unwell=(*steadiness_problems(stage, scene), *health_problems(scene), *([found] if found else [])),
        red=tuple(alarm_problems(stage.alarms, alarms.read(ask, stage))),
    )


def weighed(kind: Kind, *, firm: Sequence[str], unwell: Sequence[str], red: Sequence[str]) -> Objections:
    """Return what keeps a release of this kind from being made.

    A stage that is unwell takes no new version. It takes the one before, which is how it gets well;
    CodeDeploy must not heed the alarms then (API Reference, "CreateDeployment", overrideAlarmConfiguration).

    Args:
        kind: of the release.
        firm: what no release can be made in spite of.
        unwell: what says that the version that runs is ill, or that the image is not beyond doubt.
        red: what the alarms say.
    """
    if kind is not Kind.ROLLBACK:
        return Objections(against=(*firm, *red, *unwell))
    return Objections(against=tuple(firm), in_spite_of=(*red, *unwell), past_alarms=bool(red))


def running_problems(stage: Stage, running: Sequence[Deployment]) -> Iterator[str]:
    """Yield whatever is being deployed already, whoever began it."""
    for item in running:
        yield (
            f"Deployment {item.id.rpartition('/')[2]} of stage {stage.name} has not ended ({item.status}): "
            "wait for it, or stop it."
        )


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
    """Yield why the service can take no release at all."""
    if scene.primary is None:
        yield f"The service of stage {stage.name} has no tasks of its own: deploy its Service stack anew."
    elif scene.primary.desired < 1:
        yield f"The service of stage {stage.name} wants no task at all: set its desired count first."


def steadiness_problems(stage: Stage, scene: Scene) -> Iterator[str]:
    """Yield why the service is not steady."""
    own = scene.primary
    if own is None:
        return
    if own.desired and (own.running != own.desired or own.pending):
        yield (
            f"The service of stage {stage.name} runs {own.running} of {own.desired} tasks: wait until it is "
            "steady."
        )
    elif own.desired and not own.steady:
        yield f"The service of stage {stage.name} has not become steady: wait until it has."
    if others := [item.id for item in scene.fleets if not item.primary and (item.desired or item.running)]:
        yield (
            f"Tasks of another version still run in stage {stage.name} ({', '.join(others)}): wait until "
            "they have ended."
        )


def traffic_problems(stage: Stage, scene: Scene) -> Iterator[str]:
    """Yield why production traffic does not go to what ECS thinks it goes to."""
    live, own = scene.live, scene.primary
    if not live:
        shares = ", ".join(f"{colour} {share} %" for colour, share in scene.production.items())
        yield (
            f"Production traffic of stage {stage.name} is split ({shares}): finish or stop what moves "
            "it, see docs/runbooks/release-stuck.md."
        )
    elif own is not None and any(task.fleet != own.id for task in scene.tasks_of(live)):
        yield _elsewhere(live)


def health_problems(scene: Scene) -> Iterator[str]:
    """Yield why what takes production traffic answers nobody."""
    live, own = scene.live, scene.primary
    if not live:
        return
    if not any(target.healthy for target in scene.staying(live)):
        yield (
            f"No target of {live}, which takes production traffic, is healthy: see "
            "docs/runbooks/alarm-red.md."
        )
    if own is not None and not scene.tasks_of(live):
        yield _elsewhere(live)


def _elsewhere(live: str) -> str:
    return (
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

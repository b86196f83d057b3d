"""What runs, compared with what should: every task, not the engine's word."""

from collections.abc import Iterator

from release import fleet
from release.acts import Compared
from release.fleet import Fleet, Scene, Task
from release.patience import Patient
from release.revision import digest_of
from release.stage_facts import Stage

_RUNNING = "RUNNING"


def compare(ask: Patient, stage: Stage, digest: str) -> Compared:
    """Return why this digest is not what runs and takes the traffic, and what has not come to rest yet.

    Tasks of another version may still be ending; they take no new request then.
    """
    scene = fleet.look(ask, stage)
    own = scene.primary
    asked = digest_of(ask, own.revision, stage.container) if own else ""
    return compared(stage, scene, digest, asked)


def compared(stage: Stage, scene: Scene, digest: str, asked: str) -> Compared:
    """Return what is not as it should be.

    A version that runs wrong is one thing; a service that scales, or replaces a task, is another, which says
    nothing about the version.

    Args:
        stage: where.
        scene: what was seen there.
        digest: what should run.
        asked: the digest in the revision of the service's own tasks.
    """
    own = scene.primary
    if own is None:
        return Compared(wrong=(f"The service of stage {stage.name} has no tasks of its own.",))
    wrong = []
    if asked != digest:
        wrong.append(f"The service's own revision {own.revision} names {asked or 'no digest'}, not {digest}.")
    wrong += [*_tasks(scene, own, digest), *_traffic(stage, scene, own)]
    return Compared(wrong=tuple(wrong), unsettled=(*_steadiness(scene, own), *_targets(scene, own)))


def _tasks(scene: Scene, own: Fleet, digest: str) -> Iterator[str]:
    for task in scene.tasks:
        if task.fleet != own.id or task.status != _RUNNING:
            continue
        if task.digest != digest:
            yield f"Task {task.id} runs {task.digest or 'an unknown image'}, not {digest}."
        elif task.revision != own.revision:
            yield f"Task {task.id} is of revision {task.revision}, not {own.revision}."


def _traffic(stage: Stage, scene: Scene, own: Fleet) -> Iterator[str]:
    live = scene.live
    if not live:
        shares = ", ".join(f"{colour} {share} %" for colour, share in scene.production.items())
        yield f"Production traffic of stage {stage.name} is split: {shares}."
        return
    healthy = [target for target in scene.staying(live) if target.healthy]
    if not healthy:
        yield f"Production traffic goes to {live}, which has no healthy target."
    for target in healthy:
        if not _is_of(scene.tasks, target.address, own):
            yield f"Target {target.address} of {live} is no task of the service's own."


def _steadiness(scene: Scene, own: Fleet) -> Iterator[str]:
    listed = sum(task.fleet == own.id and task.status == _RUNNING for task in scene.tasks)
    if own.desired < 1 or own.running != own.desired or own.pending:
        yield f"The service runs {own.running} of {own.desired} tasks."
    elif not own.steady:
        yield "The service has not become steady."
    elif listed < own.desired:
        yield f"ECS lists {listed} of {own.desired} tasks of the service's own as running."


def _targets(scene: Scene, own: Fleet) -> Iterator[str]:
    live = scene.live
    staying = scene.staying(live) if live else ()
    for target in staying:
        if not target.healthy:
            reason = target.reason or "no reason given"
            yield f"Target {target.address} of {live} is {target.state} ({reason})."
    if live and len(staying) < own.desired:
        yield f"Production traffic goes to {live}, which has {len(staying)} of {own.desired} targets."


def _is_of(tasks: tuple[Task, ...], address: str, own: Fleet) -> bool:
    return any(task.address == address and task.fleet == own.id for task in tasks)

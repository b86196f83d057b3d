"""What runs, compared with what should: every task, not the engine's word."""

from collections.abc import Iterator

from release import fleet
from release.clients import Patient
from release.fleet import Fleet, Scene, Task
from release.revision import digest_of
from release.stage_facts import Stage


def problems(ask: Patient, stage: Stage, digest: str) -> tuple[str, ...]:
    """Return why this digest is not what runs and takes the traffic; nothing when it is.

    Tasks of another version may still be ending; they take no new request then.
    """
    scene = fleet.look(ask, stage)
    own = scene.primary
    asked = digest_of(ask, own.revision, stage.container) if own else ""
    return tuple(found(stage, scene, digest, asked))


def found(stage: Stage, scene: Scene, digest: str, asked: str) -> Iterator[str]:
    """Yield what is not as it should be.

    Args:
        stage: where.
        scene: what was seen there.
        digest: what should run.
        asked: the digest in the revision of the service's own tasks.
    """
    own = scene.primary
    if own is None:
        yield f"The service of stage {stage.name} has no tasks of its own."
        return
    if asked != digest:
        yield f"The service's own revision {own.revision} names {asked or 'no digest'}, not {digest}."
    yield from _steadiness(own)
    yield from _tasks(scene, own, digest)
    yield from _traffic(stage, scene, own)


def _steadiness(own: Fleet) -> Iterator[str]:
    if own.desired < 1 or own.running != own.desired or own.pending:
        yield f"The service runs {own.running} of {own.desired} tasks."
    elif not own.steady:
        yield "The service has not become steady."


def _tasks(scene: Scene, own: Fleet, digest: str) -> Iterator[str]:
    mine = [task for task in scene.tasks if task.fleet == own.id]
    if len(mine) < own.desired:
        yield f"ECS lists {len(mine)} of {own.desired} tasks of the service's own."
    for task in mine:
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
    staying = scene.staying(live)
    if not staying:
        yield f"Production traffic goes to {live}, which has no targets."
    for target in staying:
        if not target.healthy:
            reason = target.reason or "no reason given"
            yield f"Target {target.address} of {live} is {target.state} ({reason})."
        elif not _is_of(scene.tasks, target.address, own):
            yield f"Target {target.address} of {live} is no task of the service's own."
    if len(staying) < own.desired:
        yield f"Production traffic goes to {live}, which has {len(staying)} of {own.desired} targets."


def _is_of(tasks: tuple[Task, ...], address: str, own: Fleet) -> bool:
    return any(task.address == address and task.fleet == own.id for task in tasks)

"""A stage, an image and a scene of these tests' own, as they are once they were read."""

from dataclasses import replace
from typing import Any, Final

from infra.config import STAGES
from infra.settings import Engine, StageSettings, Strategy
from release.fleet import Fleet, Scene, Target, Task
from release.image_facts import Image
from release.stage_facts import Stage, Way

ACCOUNT: Final = "123456789012"
OLD: Final = f"sha256:{'1' * 64}"
NEW: Final = f"sha256:{'2' * 64}"
REPOSITORY: Final = f"{ACCOUNT}.dkr.ecr.eu-central-1.amazonaws.com/switchyard"
RELEASE: Final = "r-20261120T160000Z-0a1b2c"
GROUPS: Final = {
    colour: f"arn:aws:elasticloadbalancing:eu-central-1:{ACCOUNT}:targetgroup/{colour}/0"
    for colour in ("blue", "green")
}
FAMILY: Final = f"arn:aws:ecs:eu-central-1:{ACCOUNT}:task-definition/switchyard-dev"
SERVICE: Final = f"arn:aws:ecs:eu-central-1:{ACCOUNT}:service/switchyard-dev/Service"


def settings_with(engine: Engine = Engine.CODEDEPLOY, **release: Any) -> StageSettings:  # noqa: ANN401 - fields
    """Return dev's settings with other ones for releases."""
    dev = STAGES["dev"]
    return replace(dev, release=replace(dev.release, engine=engine, **release))


def stage(engine: Engine = Engine.CODEDEPLOY, **more: Any) -> Stage:  # noqa: ANN401 - fields
    """Return a stage; by default dev under CodeDeploy."""
    settings = more.pop("settings", None) or settings_with(engine)
    rules = engine is Engine.ECS and settings.release.strategy is not Strategy.ROLLING
    facts: dict[str, Any] = {
        "settings": settings,
        "engine_name": engine,
        "account": ACCOUNT,
        "partition": "aws",
        "service": "Service",
        "service_arn": SERVICE,
        "groups": GROUPS,
        "production": Way(arn="production", is_rule=rules),
        "test": Way(arn="test", is_rule=rules),
        "gate": f"arn:aws:lambda:eu-central-1:{ACCOUNT}:function:switchyard-dev-release-gate",
        "gate_log": "gate-log",
        "container": "service",
        "port": 8080,
    }
    return Stage(**{**facts, **more})


def image(**more: Any) -> Image:  # noqa: ANN401 - fields
    """Return an image with the digest `NEW`."""
    facts: dict[str, Any] = {
        "reference": f"{REPOSITORY}@{NEW}",
        "repository": "switchyard",
        "registry_id": ACCOUNT,
        "digest": NEW,
        "platform": "linux/amd64",
        "model_version": "a" * 64,
        "commit": "",
        "gate_document": b"{}",
        "manifest": "{}",
        "media_type": "application/vnd.oci.image.manifest.v1+json",
    }
    return Image(**{**facts, **more})


def fleet(**more: Any) -> Fleet:  # noqa: ANN401 - fields
    """Return the service's own fleet: two tasks of revision 7, steady."""
    facts: dict[str, Any] = {
        "id": "ecs-svc/1",
        "primary": True,
        "revision": f"{FAMILY}:7",
        "desired": 2,
        "running": 2,
        "pending": 0,
        "steady": True,
    }
    return Fleet(**{**facts, **more})


def task(number: int, **more: Any) -> Task:  # noqa: ANN401 - fields
    """Return a task of that fleet that runs `NEW`."""
    facts: dict[str, Any] = {
        "id": f"task-{number}",
        "fleet": "ecs-svc/1",
        "status": "RUNNING",
        "address": f"10.0.0.{number}",
        "digest": NEW,
        "revision": f"{FAMILY}:7",
    }
    return Task(**{**facts, **more})


def target(number: int, state: str = "healthy", reason: str = "") -> Target:
    """Return a target at a task's address."""
    return Target(address=f"10.0.0.{number}", state=state, reason=reason)


def scene(**more: Any) -> Scene:  # noqa: ANN401 - fields
    """Return a stage at rest: two tasks behind blue, which takes all traffic."""
    facts: dict[str, Any] = {
        "fleets": (fleet(),),
        "tasks": (task(1), task(2)),
        "targets": {"blue": (target(1), target(2)), "green": ()},
        "production": {"blue": 100, "green": 0},
        "test": {"blue": 0, "green": 100},
    }
    return Scene(**{**facts, **more})

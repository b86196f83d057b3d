"""What a teardown leaves behind on purpose: what it costs, and how to remove it by hand."""

from collections.abc import Sequence
from dataclasses import dataclass

from infra.names import PRODUCT, REGISTRY_STACK
from infra.settings import StageSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """One thing that stays."""

    what: str
    """What it is, by name."""
    why: str
    """Why it stays."""
    costs: str
    """What it costs, in words."""
    removal: str
    """The commands that remove it for good."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Leftovers:
    """The things of a stage that outlive its stacks, as far as they exist."""

    buckets: tuple[str, ...]
    """Names of its buckets."""
    log_groups: tuple[str, ...]
    """Names of its log groups."""
    live_colour: bool
    """Whether the parameter with the live colour exists."""
    task_definitions: int
    """How many revisions of the task definition are active."""


def kept(settings: StageSettings, found: Leftovers) -> tuple[Kept, ...]:
    """Return what stays of a stage, with the commands for whoever wants to be rid of it."""
    region = f"--region {settings.region}"
    buckets = [_bucket(name, region) for name in found.buckets]
    groups = [_log_group(name, region) for name in found.log_groups]
    return (
        *buckets,
        *groups,
        *_colour(settings, found, region),
        *_revisions(settings, found, region),
        _registry(),
    )


def _bucket(name: str, region: str) -> Kept:
    return Kept(
        what=f"bucket {name}",
        why="data and access logs outlive the stage; the stage made anew needs the name free, or an import",
        costs="S3 storage, old versions included",
        removal=(
            "empty it with all its versions in the S3 console (Empty), then "
            f"aws s3api delete-bucket --bucket {name} {region}"
        ),
    )


def _log_group(name: str, region: str) -> Kept:
    return Kept(
        what=f"log group {name}",
        why="logs explain what happened before",
        costs="log storage, until the retention has passed",
        removal=f"aws logs delete-log-group --log-group-name {name} {region}",
    )


def _colour(settings: StageSettings, found: Leftovers, region: str) -> Sequence[Kept]:
    if not found.live_colour:
        return ()
    name = settings.live_colour_parameter
    return (
        Kept(
            what=f"parameter {name}",
            why="it must outlive its stack: see decision 3; the stage made anew needs it gone, or imported",
            costs="nothing",
            removal=f"aws ssm delete-parameter --name {name} {region}",
        ),
    )


def _revisions(settings: StageSettings, found: Leftovers, region: str) -> Sequence[Kept]:
    if not found.task_definitions:
        return ()
    return (
        Kept(
            what=f"{found.task_definitions} revisions of task definition {settings.prefix}",
            why="a rollback may need any of them",
            costs="nothing",
            removal=(
                f"aws ecs deregister-task-definition --task-definition {settings.prefix}:REVISION {region}"
            ),
        ),
    )


def _registry() -> Kept:
    return Kept(
        what=f"repository {PRODUCT} and the rest of {REGISTRY_STACK}",
        why="all stages share them",
        costs="image storage",
        removal="keep them while there is any stage",
    )

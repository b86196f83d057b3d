"""The newest revision of the task's family, which a `cdk deploy` of the service rolls out (decision 14)."""

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from release.aws_errors import told
from release.errors import LostSight
from release.fleet import find_service, own_of
from release.patience import Patient
from release.revision import describe, given, release_of, shape_of
from release.stage_facts import Stage

if TYPE_CHECKING:
    from mypy_boto3_ecs.type_defs import DescribeTaskDefinitionResponseTypeDef

PATIENCE: Final = 60.0
"""Seconds without an answer from AWS before this is given up: a stage is not held for it."""


def supersede(ask: Patient, stage: Stage) -> str:
    """Register what runs once more, should the newest revision be a release's and not run. May be done twice.

    The Service stack names the family, which stands for its newest revision ("UpdateService", Amazon ECS API
    Reference): without this, the next `cdk deploy` that updates the service would roll out what a release had
    registered and taken back. Where nothing runs there is nothing to register.

    Returns:
        A sentence when it could not be done, else nothing: the stage is not held for it, and the end of the
        next release makes up for it.
    """
    brief = Patient(ask.clients, replace(ask.pace, patience=min(ask.pace.patience, PATIENCE)))
    try:
        _supersede(brief, stage)
    except LostSight:
        return _warning(stage, f"AWS has not answered for {brief.pace.patience:.0f} s")
    except (BotoCoreError, ClientError) as error:
        return _warning(stage, told(error))
    return ""


def once_more(
    newest: "DescribeTaskDefinitionResponseTypeDef", runs: "DescribeTaskDefinitionResponseTypeDef"
) -> Mapping[str, Any] | None:
    """Return what is to be registered for the newest revision to be like the one that runs; nothing if it is.

    That is what runs as it is, in the shape that it has proved itself in, with its own tags: the release that
    registered it first is among them. What no release registered is somebody else's, and stays.
    """
    wanted = shape_of(runs["taskDefinition"])
    if not release_of(newest) or shape_of(newest["taskDefinition"]) == wanted:
        return None
    tags = given(runs.get("tags", []))
    return {**wanted, "tags": tags} if tags else wanted


def _warning(stage: Stage, why: str) -> str:
    return (
        f"What runs could not be registered once more ({why}). Should the newest revision of {stage.family} "
        "be one that a release took back, the next `cdk deploy` that updates "
        f"{stage.service_stack} rolls that one out: before it, run `python -m release ship --stage "
        f"{stage.name} --image ...` with the image that is live, which registers it and releases nothing."
    )


def _supersede(ask: Patient, stage: Stage) -> None:
    service = find_service(ask, stage)
    own = own_of(service) if service else None
    if own is None:
        return
    newest = ask.ask(lambda clients: describe(clients, stage.family))
    runs = ask.ask(lambda clients: describe(clients, own.revision))
    wanted = once_more(newest, runs)
    if wanted is not None:
        ask.ask(lambda clients: clients.ecs.register_task_definition(**wanted))

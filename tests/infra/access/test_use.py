"""A release role may do what the release command does, and nothing that it does not."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import botocore.session
import pytest
from botocore import xform_name

from infra.config import STAGES
from infra.settings import Engine, RegistrySettings
from tests.infra.access.roles import roles
from tests.infra.assembly import synthesised
from tests.infra.variants import changed

pytestmark = pytest.mark.slow  # reads all code and templates

RELEASE: Final = Path(__file__).resolve().parents[3] / "release"
OF_ONE_ENGINE: Final = {"codedeploy.py": Engine.CODEDEPLOY, "ecs.py": Engine.ECS}
"""Modules whose calls are made with one engine only."""
PREFIXES: Final = {"elbv2": "elasticloadbalancing"}
"""Prefix of a service's actions where it is not the name of its client."""
ACTIONS: Final = {"s3:ListObjectsV2": "s3:ListBucket"}
"""Action where it is not the name of the call (service authorization reference, Amazon S3)."""
FOR_EVERYBODY: Final = {"sts:GetCallerIdentity"}
"""What needs no right."""
ASKED_WITH: Final = {
    "ecs:RegisterTaskDefinition": {"ecs:TagResource", "iam:PassRole"},
    "codedeploy:CreateDeployment": {
        "codedeploy:GetApplication",
        "codedeploy:GetApplicationRevision",
        "codedeploy:GetDeploymentConfig",
        "codedeploy:RegisterApplicationRevision",
        "codedeploy:UpdateDeploymentGroup",
    },
}
"""Rights that AWS asks for when another call is made, on whose behalf it makes them."""

_CALL: Final = re.compile(r"\bclients\.(\w+?)(?:_once)?\.(?:get_paginator\(\"(\w+)\"|(\w+)\()")


def calls(engine: Engine) -> set[str]:
    """Return the calls that the release command makes with an engine, as actions."""
    other = {name for name, its in OF_ONE_ENGINE.items() if its is not engine}
    found = {
        (service, paged or called)
        for path in RELEASE.glob("*.py")
        if path.name not in other
        for service, paged, called in _CALL.findall(path.read_text(encoding="utf-8"))
    }
    return {_action(service, called) for service, called in found if called != "get_paginator"}


def _action(service: str, called: str) -> str:
    model = botocore.session.get_session().get_service_model(service)
    (operation,) = [name for name in model.operation_names if xform_name(name) == called]
    action = f"{PREFIXES.get(service, service)}:{operation}"
    return ACTIONS.get(action, action)


def _granted(statements: tuple[Any, ...]) -> Iterator[str]:
    for statement in statements:
        actions = statement["Action"]
        yield from [actions] if isinstance(actions, str) else actions


@pytest.mark.slow
@pytest.mark.parametrize("engine", Engine)
def test_the_release_role_may_what_the_command_does_and_no_more(engine: Engine, tmp_path: Path) -> None:
    """What is granted is what the code calls, and what AWS asks for with one of those calls."""
    stage = changed(STAGES["dev"], {"release.engine": engine})
    registry = RegistrySettings(github="octo/plant")
    assembly = synthesised(stage, tmp_path, image=None, registry=registry)
    called = calls(engine) - FOR_EVERYBODY
    needed = called.union(*(more for action, more in ASKED_WITH.items() if action in called))
    assert set(_granted(roles(assembly, "Access")["Release"].statements)) == needed


def test_calls_are_found_in_the_code() -> None:
    """Those of pages and those that are sent once are among them, and each engine has its own."""
    found = {engine: calls(engine) for engine in Engine}
    assert found[Engine.CODEDEPLOY] >= {"s3:ListBucket", "codedeploy:CreateDeployment", "ecs:ListTasks"}
    assert found[Engine.CODEDEPLOY] - found[Engine.ECS] == {
        "codedeploy:BatchGetDeploymentTargets",
        "codedeploy:BatchGetDeployments",
        "codedeploy:CreateDeployment",
        "codedeploy:GetDeployment",
        "codedeploy:ListDeploymentTargets",
        "codedeploy:ListDeployments",
        "codedeploy:StopDeployment",
    }

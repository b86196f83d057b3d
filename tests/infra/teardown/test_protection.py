"""Which stacks CloudFormation refuses to delete."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from infra.config import STAGES
from infra.settings import RegistrySettings
from infra.teardown.plan import PARTS
from tests.infra.assembly import Assembly, synthesised

pytestmark = pytest.mark.slow


def protected(assembly: Assembly) -> set[str]:
    """Return the stacks that the CDK deploys with termination protection."""
    manifest = json.loads((assembly.folder / "manifest.json").read_text(encoding="utf-8"))
    return {
        name
        for name, artifact in manifest["artifacts"].items()
        if artifact.get("properties", {}).get("terminationProtection")
    }


@pytest.mark.parametrize("stage", STAGES)
def test_a_protected_stage_is_protected_whole(assemblies: Mapping[str, Assembly], stage: str) -> None:
    """On any other the live colour alone; what all stages share is protected in either case."""
    parts = [part for part in PARTS if part != "Access"] if STAGES[stage].protected else ["Colour"]
    assert protected(assemblies[stage]) == {
        "Switchyard-Registry",
        *(STAGES[stage].stack_name(part) for part in parts),
    }


def test_so_are_the_roles_of_its_workflows(tmp_path: Path) -> None:
    """Their stack is there only when a repository on GitHub is named."""
    registry = RegistrySettings(github="octo/plant")
    assembly = synthesised(STAGES["production"], tmp_path, image=None, registry=registry)
    assert "Switchyard-production-Access" in protected(assembly)

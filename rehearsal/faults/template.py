"""A changed template, as somebody's edit of the stage would bring it."""

import json
import shutil
from pathlib import Path
from typing import Any, Final

_GROUP: Final = "AWS::ElasticLoadBalancingV2::TargetGroup"


def changed(assembly: Path, folder: Path, stack: str) -> Path:
    """Copy a cloud assembly, with one attribute of a stack's target groups changed; return the copy."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(assembly, folder)
    path = _template(folder, stack)
    template = json.loads(path.read_text(encoding="utf-8"))
    for body in template["Resources"].values():
        if body["Type"] == _GROUP:
            body["Properties"]["HealthCheckIntervalSeconds"] = (
                int(body["Properties"].get("HealthCheckIntervalSeconds", 30)) + 1
            )
    path.write_text(json.dumps(template), encoding="utf-8")
    return folder


def _template(folder: Path, stack: str) -> Path:
    manifest: dict[str, Any] = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    artifact = manifest["artifacts"][stack]
    name: str = artifact["properties"]["templateFile"]
    return folder / name

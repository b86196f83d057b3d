"""A changed template, as somebody's edit of the stage would bring it."""

import hashlib
import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

_GROUP: Final = "AWS::ElasticLoadBalancingV2::TargetGroup"
_ATTRIBUTE: Final = "HealthCheckIntervalSeconds"


def changed(assembly: Path, folder: Path, stack: str) -> Path:
    """Copy a cloud assembly, with one attribute of a stack's target groups changed; return the copy.

    The CDK publishes a template under its hash, and not again what is there, so the copy's template gets a
    name of its own wherever it is named.
    """
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(assembly, folder)
    manifest = folder / "manifest.json"
    about = json.loads(manifest.read_text(encoding="utf-8"))["artifacts"][stack]["properties"]
    template = folder / about["templateFile"]
    text = json.dumps(_edited(json.loads(template.read_text(encoding="utf-8"))))
    template.write_text(text, encoding="utf-8")
    old = about["stackTemplateAssetObjectUrl"].rpartition("/")[2].removesuffix(".json")
    new = hashlib.sha256(text.encode()).hexdigest()
    for path in (manifest, *folder.glob("*.assets.json")):
        path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    return folder


def _edited(template: dict[str, Any]) -> Mapping[str, Any]:
    for body in template["Resources"].values():
        if body["Type"] == _GROUP:
            properties = body["Properties"]
            properties[_ATTRIBUTE] = int(properties.get(_ATTRIBUTE, 30)) + 1
    return template

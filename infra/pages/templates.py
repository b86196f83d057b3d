"""The shipped stages' templates as the documents read them: one entry for each resource of any stage."""

import json
import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any, Final

from infra.config import EVERY_STAGE, REGISTRY, STAGES
from infra.pages.purposes import PURPOSES

REPOSITORY: Final = "OWNER/REPOSITORY"
"""Stands for the GitHub repository, so that the roles of workflows show."""
DIGEST: Final = "sha256:" + "0" * 64
"""Stands for the image."""
NAMES: Final = (
    "AlarmName", "BucketName", "ClusterName", "DashboardName", "DeploymentGroupName", "Family",
    "FunctionName", "Name", "RepositoryName", "RoleName", "TopicName",
)  # fmt: skip
"""The properties that give a resource its physical name."""


@dataclass(frozen=True)
class Resource:
    """One resource, in all stages that have it."""

    stack: str
    path: str
    """Its construct's path in the stack, without the hash of another stack's ids."""
    type: str
    removal: str
    """What happens to it when it leaves its stack."""
    name: str
    """Its physical name with `<stage>` in it; empty when CloudFormation makes one up."""
    stages: list[str] = field(default_factory=list, compare=False)

    @property
    def purpose(self) -> str:
        """Return what it is for; empty when nobody said."""
        return next(
            (one.words for one in PURPOSES if one.stack == self.stack and fnmatchcase(self.path, one.path)),
            "",
        )


@cache
def resources() -> tuple[Resource, ...]:
    """Return the resources of the shipped stages, stack by stack as they are deployed.

    What only some stages have stands with what it belongs to, not at the end.
    """
    found: dict[tuple[str, str], Resource] = {}
    for stage, stack, entry in _entries():
        resource = _resource(stage, stack, entry)
        found.setdefault((stack, resource.path), resource).stages.append(stage)
    places = {_group(one): place for place, one in reversed(list(enumerate(found.values())))}
    return tuple(sorted(found.values(), key=lambda one: places[_group(one)]))


def _group(one: Resource) -> tuple[str, str]:
    """Return what a resource belongs to: its stack, and the construct around it."""
    return one.stack, one.path.rpartition("/")[0] or one.path


def _entries() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield the stage, the stack and the template's entry of every resource; the registry's with no stage."""
    from infra.app import build_app  # noqa: PLC0415 - starts Node, which other pages do without

    context = {"stage": EVERY_STAGE, "image": DIGEST, "aws:cdk:enable-path-metadata": True}
    with tempfile.TemporaryDirectory() as folder:
        build_app(context=context, outdir=Path(folder), registry=replace(REGISTRY, github=REPOSITORY)).synth()
        for stage in ("", *STAGES):
            for stack in (
                "Registry",
                "Data",
                "Colour",
                "Access",
                "Network",
                "Traffic",
                "Service",
                "Operations",
            ):
                name = "-".join(filter(None, ("Switchyard", stage, stack)))
                path = Path(folder) / f"{name}.template.json"
                if path.exists():
                    template = json.loads(path.read_text(encoding="utf-8"))
                    yield from ((stage, stack, entry) for entry in template["Resources"].values())


def _resource(stage: str, stack: str, entry: dict[str, Any]) -> Resource:
    path = entry["Metadata"]["aws:cdk:path"].partition("/")[2].removesuffix("/Resource")
    policy = entry.get("DeletionPolicy", "Delete")
    name = next((entry["Properties"][key] for key in NAMES if key in entry.get("Properties", {})), "")
    return Resource(
        stack=stack,
        path=re.sub(r"Switchyard[a-z]+(?:Network|Service)([A-Za-z]+?)[0-9A-F]{8}", r"\1", path),
        type=entry["Type"].removeprefix("AWS::"),
        removal="deleted" if policy == "Delete" else "stays",
        name=_without_stage(_readable(name), stage),
    )


def _without_stage(name: str, stage: str) -> str:
    """Return a name as it is on any stage; the registry's own are as they are."""
    if not stage:
        return name
    return name.replace(f"switchyard-{stage}", "switchyard-<stage>").replace(f"/{stage}/", "/<stage>/")


def _readable(name: object) -> str:
    match name:
        case str():
            return name
        case {"Fn::Join": ["", list(parts)]}:
            return "".join(_readable(part) for part in parts)
        case {"Ref": "AWS::AccountId"}:
            return "<account>"
        case _:
            return ""

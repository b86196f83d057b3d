"""Synthesised templates, read so that whole small values can be compared."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from infra.config import REGISTRY
from infra.settings import RegistrySettings, StageSettings

IMAGE = f"sha256:{'1f' * 32}"
"""A digest that no image has."""


@dataclass(frozen=True)
class Assembly:
    """The folder that one synth of a stage wrote."""

    stage: str
    folder: Path

    def texts(self) -> dict[str, bytes]:
        """Return every template's bytes by its file name."""
        return {path.name: path.read_bytes() for path in sorted(self.folder.glob("*.template.json"))}

    def template(self, part: str) -> dict[str, Any]:
        """Return one stack's template, with references written readably."""
        name = "Switchyard-Registry" if part == "Registry" else f"Switchyard-{self.stage}-{part}"
        raw = json.loads((self.folder / f"{name}.template.json").read_text(encoding="utf-8"))
        return cast("dict[str, Any]", readable(raw, raw.get("Parameters", {})))

    def resources(self, part: str, kind: str) -> dict[str, dict[str, Any]]:
        """Return the resources of one type by their readable logical ids."""
        found = self.template(part)["Resources"].items()
        return {key: resource for key, resource in found if resource["Type"] == kind}

    def only(self, part: str, kind: str) -> dict[str, Any]:
        """Return the one resource of a type."""
        (resource,) = self.resources(part, kind).values()
        return resource


def synthesised(
    settings: StageSettings, folder: Path, *, image: str | None = IMAGE, registry: RegistrySettings = REGISTRY
) -> Assembly:
    """Synthesise a stage with these settings in this process, with the context of cdk.json."""
    from infra.app import build_app  # noqa: PLC0415 - starts Node, which the quick tests do without

    context = {"stage": settings.name, **({"image": image} if image else {})}
    build_app(context=context, outdir=folder, stages={settings.name: settings}, registry=registry).synth()
    return Assembly(settings.name, folder)


def readable(value: object, parameters: Mapping[str, Any]) -> object:
    """Return a template's value with short ids: `{"Ref": "Bucket83908E77"}` becomes `<Bucket>`.

    References to SSM-typed parameters become the name of the SSM parameter, and a part of a text is
    written as Python would: `/switchyard/dev/traffic/blue.split(:)[5]`.
    """
    text = _reference(value, parameters)
    if text is not None:
        return text
    match value:
        case dict():
            return {_short(str(key)): readable(item, parameters) for key, item in value.items()}
        case list():
            return [readable(item, parameters) for item in value]
        case _:
            return value


def _reference(value: object, parameters: Mapping[str, Any]) -> str | None:
    """Return a function of CloudFormation as a short text; nothing when it is something else."""
    match value:
        case {"Ref": str(target), **rest} if not rest:
            default = parameters.get(target, {}).get("Default")
            return str(default) if default else f"<{_short(target)}>"
        case {"Fn::GetAtt": [str(target), str(attribute)], **rest} if not rest:
            return f"<{_short(target)}.{attribute}>"
        case {"Fn::Select": [index, {"Fn::Split": [str(separator), inner]}], **rest} if not rest:
            return f"{readable(inner, parameters)}.split({separator})[{index}]"
        case {"Fn::Join": [str(separator), list(parts)], **rest} if not rest:
            return separator.join(str(readable(part, parameters)) for part in parts)
        case _:
            return None


def _short(logical_id: str) -> str:
    return re.sub(r"[0-9A-F]{8}$", "", logical_id)

"""The synthesised templates, read from the cloud assembly that the CDK CLI wrote."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Template:
    """One stack's resources, by logical id."""

    stack: str
    resources: Mapping[str, Mapping[str, Any]]

    def types(self) -> dict[str, str]:
        """Return the type of each resource by its logical id."""
        return {logical: body["Type"] for logical, body in self.resources.items()}


def read(folder: Path) -> list[Template]:
    """Return the templates of every stack of a cloud assembly."""
    return list(_templates(folder))


def _templates(folder: Path) -> Iterator[Template]:
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    for name, artifact in manifest["artifacts"].items():
        if artifact["type"] == "aws:cloudformation:stack":
            text = (folder / artifact["properties"]["templateFile"]).read_text(encoding="utf-8")
            yield Template(
                artifact["properties"].get("stackName", name), json.loads(text).get("Resources", {})
            )

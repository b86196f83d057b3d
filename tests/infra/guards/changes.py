"""What a change of settings changes in the templates."""

import json
import re
from pathlib import Path
from typing import Any, NamedTuple

from tests.infra.assembly import Assembly

SECTIONS = ("Resources", "Parameters", "Conditions", "Outputs", "Mappings", "Rules")
OF_EVERY_STACK = ("BootstrapVersion", "CheckBootstrapVersion")


class Difference(NamedTuple):
    """One thing in a stage's templates that is not as it was."""

    part: str
    section: str
    id: str
    type: str
    fields: frozenset[str]
    """What differs of a resource that stayed: its properties, or `DependsOn`, `Metadata` and such."""

    def __str__(self) -> str:
        """Return the stack's part and the readable id, such as `Service/TaskDefinition`.

        A directory entry that a stack reads is named for the entry, such as `Service/reads traffichost`.
        """
        read = re.fullmatch(
            r"SsmParameterValueswitchyard[a-z]+?(network|traffic)(.*)C9658[0-9A-F]*Parameter", self.id
        )
        name = f"reads {read[1]}{read[2]}" if read else re.sub(r"[0-9A-F]{8}$", "", self.id)
        return f"{self.part}/{name}"


def differences(before: Assembly, after: Assembly) -> list[Difference]:
    """Return everything that differs between two synths of one stage."""
    old, new = _things(before.folder), _things(after.folder)
    return [
        Difference(*key, _type(old.get(key) or new[key]), _fields(old.get(key), new.get(key)))
        for key in sorted(old | new)
        if old.get(key) != new.get(key)
    ]


def _things(folder: Path) -> dict[tuple[str, str, str], Any]:
    found = {}
    for path in folder.glob("*.template.json"):
        part = path.name.split(".")[0].rpartition("-")[2]
        template = json.loads(path.read_text(encoding="utf-8"))
        for section in SECTIONS:
            for name, thing in template.get(section, {}).items():
                if name not in OF_EVERY_STACK:
                    found[part, section, name] = thing
    return found


def _type(thing: Any) -> str:  # noqa: ANN401 - a template holds anything
    return str(thing.get("Type", "")) if isinstance(thing, dict) else ""


def _fields(old: Any, new: Any) -> frozenset[str]:  # noqa: ANN401 - a template holds anything
    if not isinstance(old, dict) or not isinstance(new, dict):
        return frozenset()
    flat = [
        {**thing.get("Properties", {}), **{k: v for k, v in thing.items() if k != "Properties"}}
        for thing in (old, new)
    ]
    return frozenset(key for key in flat[0] | flat[1] if flat[0].get(key) != flat[1].get(key))

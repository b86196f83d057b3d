"""The reference of the settings: every field with its type, default and meaning."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from enum import Enum
from pathlib import Path
from typing import Final

import infra.settings
from infra.checks import RULES
from infra.checks.protected import REFUSALS, Refusal
from infra.checks.registry import RULES as REGISTRY_RULES
from infra.config import STAGES
from infra.pages.markdown import code, generated, table
from infra.pages.source import Described, Member, described
from infra.settings import StageSettings

FOLDER: Final = Path(infra.settings.__file__).parent
"""Where the settings' source is."""
GROUPS: Final = ("network", "traffic", "tasks", "release", "alarms", "operations")
"""The groups, as the stage names them and as their modules are called."""

HEAD: Final = """# Settings

What an owner of this repository decides about AWS: the registry and the stages in `infra/config.py`. Each
stage is one frozen `StageSettings`, whose groups are the sections below. What is not written has the default.

Everything is checked before a template is made, and everything that is wrong is told at once, in a sentence
each: [what is checked](#what-is-checked). A protected stage also refuses what would work and is not safe:
[what a protected stage refuses](#what-a-protected-stage-refuses).
"""


def settings_page() -> str:
    """Return `docs/reference/settings.md`."""
    sections = (_stage(), *map(_group, GROUPS), _registry(), _rules(), _refusals(), _stages())
    return "\n".join((generated("settings.py") + HEAD, *sections))


def _stage() -> str:
    stage = described(FOLDER / "stage.py")["StageSettings"]
    return f"## A stage\n\n{_class(stage)}"


def _group(name: str) -> str:
    return f"## `{name}`\n\n" + "\n".join(_parts(name))


def _registry() -> str:
    return "## The registry\n\n" + "\n".join(_parts("registry"))


def _parts(module: str) -> Iterator[str]:
    """Yield the group's own table, then one for each type that only it uses."""
    classes = sorted(described(FOLDER / f"{module}.py").values(), key=lambda each: not _is_group(each))
    for each in classes:
        yield _class(each) if _is_group(each) else f"### `{each.name}`\n\n{_class(each)}"


def _is_group(each: Described) -> bool:
    return each.name.endswith("Settings")


def _class(each: Described) -> str:
    return f"{each.meaning}\n\n{_values_of(each) if each.enumeration else _fields_of(each)}"


def _fields_of(each: Described) -> str:
    rows = [(code(one.name), code(one.kind or ""), _by_default(one), one.meaning) for one in each.members]
    return table(("setting", "type", "by default", "meaning"), rows)


def _values_of(each: Described) -> str:
    rows = [
        (code(f"{each.name}.{one.name}"), code((one.value or "").strip("'")), one.meaning)
        for one in each.members
    ]
    return table(("write", "stands for", "meaning"), rows)


def _by_default(member: Member) -> str:
    return "must be given" if member.value is None else code(member.value)


def _rules() -> str:
    refused = {(one.field, one.promise) for one in map(Refusal.rule, REFUSALS)}
    rows = [(code(one.field), one.promise) for one in RULES if (one.field, one.promise) not in refused]
    rows += [(code(rule.field), rule.promise) for rule in REGISTRY_RULES]
    text = (
        "Beside these, accounts are given for all stages and the registry or for none; no stage's name "
        "begins with another's and a hyphen; no two stages' ranges overlap; an account has one identity "
        "provider for GitHub, the registry's account has the registry's, and without a repository there is "
        "none; with one, every release ends within 720 minutes; and a stage without NAT gateways is in the "
        "registry's region."
    )
    return f"## What is checked\n\n{table(('setting', 'what it must be'), rows)}\n{text}\n"


def _refusals() -> str:
    rows = [(code(each.field), each.value, each.reason) for each in REFUSALS]
    text = (
        "They would work, and stages without `protected` may have them; public plain HTTP is for `dev` alone."
    )
    return f"## What a protected stage refuses\n\n{text}\n\n{table(('setting', 'value', 'because'), rows)}"


def _stages() -> str:
    """Return the shipped stages side by side, where they differ."""
    values = {name: dict(_values(settings)) for name, settings in STAGES.items()}
    paths = next(iter(values.values()))
    rows = [
        (code(path), *(values[name][path] for name in STAGES))
        for path in paths
        if len({values[name][path] for name in STAGES}) > 1
    ]
    text = "Where they differ; everything else is as the tables above say, or the same on each."
    return f"## The stages of this repository\n\n{text}\n\n{table(('setting', *STAGES), rows)}"


def _values(group: object, prefix: str = "") -> Iterator[tuple[str, str]]:
    """Yield each field's path with its value in words."""
    if not is_dataclass(group):
        return
    for field in fields(group):
        value = getattr(group, field.name)
        if is_dataclass(value) and prefix == "" and isinstance(group, StageSettings):
            yield from _values(value, f"{field.name}.")
        else:
            yield f"{prefix}{field.name}", _words(value)


def _words(value: object) -> str:
    match value:
        case Enum():
            return str(value.value)
        case tuple():
            return ", ".join(map(str, value))
        case None:
            return "none"
        case _:
            return str(value)

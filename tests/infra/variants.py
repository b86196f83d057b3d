"""Settings that differ from a stage's in named fields."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from infra.settings import StageSettings


def changed(settings: StageSettings, changes: Mapping[str, Any]) -> StageSettings:
    """Return settings with some fields changed, each given by its path, such as `tasks.cpu`."""
    for path, value in changes.items():
        group, _, field = path.rpartition(".")
        settings = replace(
            settings,
            **({group: replace(getattr(settings, group), **{field: value})} if group else {path: value}),
        )
    return settings

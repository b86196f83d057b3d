"""Whether each field holds a value of its declared type, so that the rules may read it."""

import types
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from types import MappingProxyType
from typing import Any, Final, get_args, get_origin, get_type_hints

from infra.checks.rules import shown

WORDS: Final[Mapping[type, str]] = MappingProxyType(
    {str: "a text", int: "a whole number", float: "a number", bool: "True or False", types.NoneType: "None"}
)
"""What a plain type is called."""


def unreadable(settings: object, prefix: str = "") -> dict[str, str]:
    """Return a clause for each field whose value is of a wrong type, by the field's path."""
    return {
        path: f"{path} must be {_words(kind)}, not {shown(value)}"
        for path, kind, value in _wrong(settings, prefix)
    }


def _wrong(settings: object, prefix: str = "") -> Iterator[tuple[str, Any, object]]:
    for name, kind in _hints(type(settings)).items():
        path, value = f"{prefix}{name}", getattr(settings, name)
        if not _is(value, kind):
            yield path, kind, value
        elif is_dataclass(value):
            yield from _wrong(value, f"{path}.")


def _hints(group: type) -> dict[str, Any]:
    """Return the types of a dataclass's fields, in order."""
    hints = get_type_hints(group)
    return {field.name: hints[field.name] for field in fields(group)}


def _is(value: object, kind: Any) -> bool:  # noqa: ANN401 - a type hint may be anything
    if get_origin(kind) is types.UnionType:
        return any(_is(value, option) for option in get_args(kind))
    if get_origin(kind) is tuple:
        return isinstance(value, tuple) and all(_is(item, get_args(kind)[0]) for item in value)
    if kind in {int, float}:
        return isinstance(value, int if kind is int else int | float) and not isinstance(value, bool)
    return isinstance(value, kind)


def _words(kind: Any) -> str:  # noqa: ANN401 - a type hint may be anything
    if get_origin(kind) is types.UnionType:
        return " or ".join(_words(option) for option in get_args(kind))
    if get_origin(kind) is tuple:
        return "a tuple of texts"
    if isinstance(kind, type) and issubclass(kind, Enum):
        return f"one of {', '.join(f'{kind.__name__}.{member.name}' for member in kind)}"
    return WORDS.get(kind) or f"{kind.__name__}(...)"

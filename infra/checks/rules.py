"""A rule: one field, what else it reads, and the words for what is wrong."""

import inspect
from collections.abc import Callable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from enum import Enum
from typing import Final, Generic, TypeVar

Settings = TypeVar("Settings")

LONGEST_VALUE: Final = 100
"""Characters of a wrong value that a clause shows."""


@dataclass(frozen=True, slots=True)
class Rule(Generic[Settings]):
    """Something that a field must fulfil."""

    field: str
    """Path of the field that is wrong when the rule is broken, such as `tasks.cpu`."""
    reads: tuple[str, ...]
    """Paths of everything that is looked at, the field included."""
    promise: str
    """What the field must fulfil, in words for the reference."""
    judge: Callable[[Settings], str | None]
    """Return what is wrong with the field, such as `must be above 0, not -1`; nothing when all is well."""


def rule(field: str, *also: str) -> Callable[[Callable[[Settings], str | None]], Rule[Settings]]:
    """Make a rule, which may read other fields as well, of a function; its docstring is the promise."""
    return lambda judge: Rule(field, (field, *also), inspect.getdoc(judge) or "", judge)


def within(
    field: str, low: float, high: float, read: Callable[[Settings], float], unit: str = ""
) -> Rule[Settings]:
    """Make the rule that a number is one of `low` to `high`; not-a-number never is."""
    words = f"{low} to {high}{f' {unit}' if unit else ''}"

    def judge(settings: Settings) -> str | None:
        value = read(settings)
        return None if low <= value <= high else f"must be {words}, not {shown(value)}"

    return Rule(field, (field,), f"{words}.".capitalize(), judge)


def broken(rules: Sequence[Rule[Settings]], settings: Settings, unread: AbstractSet[str]) -> Iterator[str]:
    """Yield a clause for each broken rule among those that read nothing of an unreadable kind."""
    for each in rules:
        if any(_overlap(path, stranger) for path in each.reads for stranger in unread):
            continue
        problem = each.judge(settings)
        if problem is not None:
            yield f"{each.field} {problem}"


def shown(value: object) -> str:
    """Return a value for a sentence: one line, of a readable length."""
    if isinstance(value, Enum):
        value = value.value
    try:
        text = repr(list(value) if isinstance(value, tuple) else value)
    except ValueError:  # Python refuses to write integers of more than 4,300 digits
        return "a number of thousands of digits"
    return text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}…"


def _overlap(path: str, other: str) -> bool:
    """Return whether one path is the other, or a part of it."""
    return f"{path}.".startswith(f"{other}.") or f"{other}.".startswith(f"{path}.")

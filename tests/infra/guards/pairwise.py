"""All pairs: few rows in which any two values that go together stand together at least once."""

import itertools
import random
from collections.abc import Callable, Mapping, Sequence

Row = dict[str, object]
"""A value for each dimension."""
Pair = tuple[tuple[str, object], tuple[str, object]]
"""Two dimensions, each with one of its values."""

CANDIDATES = 24
"""Rows among which the one with the most new pairs is chosen; more make fewer rows, more slowly."""
TRIES = 400
"""Random rows that are looked at before two values count as never going together."""


def pairs_of(row: Mapping[str, object]) -> set[Pair]:
    """Return all pairs of a row, its dimensions in their order."""
    return set(itertools.combinations(row.items(), 2))


def covering(
    dimensions: Mapping[str, Sequence[object]], allowed: Callable[[Row], bool]
) -> tuple[list[Row], list[Pair]]:
    """Return rows that cover every pair, and the pairs that no allowed row has; the same each time.

    Greedy: each pair that is still missing gets, of some random rows with it, the one that covers the most.

    Args:
        dimensions: the values of each dimension, by name.
        allowed: whether a whole row can be.
    """
    chance = random.Random(3)  # noqa: S311 - the rows have to be the same each time
    rows: list[Row] = []
    impossible: list[Pair] = []
    missing = dict.fromkeys(_all_pairs(dimensions))
    while missing:
        pair = next(iter(missing))
        found = _candidates(pair, dimensions, allowed, chance)
        if not found:
            impossible.append(pair)
            del missing[pair]
            continue
        best = max(found, key=lambda row: sum(one in missing for one in pairs_of(row)))
        rows.append(best)
        for covered in pairs_of(best):
            missing.pop(covered, None)
    return rows, impossible


def _all_pairs(dimensions: Mapping[str, Sequence[object]]) -> list[Pair]:
    return [
        ((one, value), (other, another))
        for one, other in itertools.combinations(dimensions, 2)
        for value in dimensions[one]
        for another in dimensions[other]
    ]


def _candidates(
    pair: Pair,
    dimensions: Mapping[str, Sequence[object]],
    allowed: Callable[[Row], bool],
    chance: random.Random,
) -> list[Row]:
    found: list[Row] = []
    for _ in range(TRIES):
        row = {name: chance.choice(values) for name, values in dimensions.items()} | dict(pair)
        if allowed(row):
            found.append(row)
        if len(found) == CANDIDATES:
            break
    return found

"""Bounds for listings: what is asked in portions, and how much is listened to at all."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, Final, TypeVar

from release.errors import Refused

T = TypeVar("T")

MOST_PAGES: Final = 20
"""Pages of a listing that are read."""


def portions(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """Yield the items in portions of at most so many, as an operation takes them."""
    for start in range(0, len(items), size):
        yield items[start : start + size]


def listed(pages: Iterable[Mapping[str, Any]], field: str) -> list[Any]:
    """Return what all pages of a listing have in a field.

    Raises:
        Refused: there are more pages than anyone reads.
    """
    found: list[Any] = []
    iterator = iter(pages)
    for page in islice(iterator, MOST_PAGES):
        found += page.get(field, [])
    if next(iterator, None) is not None:
        raise Refused(
            [f"AWS lists more {field} than are read ({len(found)}): look what makes so many of them."]
        )
    return found

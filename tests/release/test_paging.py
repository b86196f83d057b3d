"""Bounds of listings, and what an id tells."""

from datetime import UTC, datetime
from itertools import repeat

import pytest

from release.errors import Refused
from release.paging import MOST_PAGES, listed, portions
from release.release_id import begun
from tests.release.facts import RELEASE


def test_what_is_asked_at_once_is_asked_in_portions() -> None:
    """None is lost, and none is empty."""
    assert [list(each) for each in portions([1, 2, 3, 4, 5], 2)] == [[1, 2], [3, 4], [5]]
    assert list(portions([], 2)) == []


def test_a_listing_without_end_is_refused() -> None:
    """All of one that ends is read."""
    assert listed([{"items": [1]}, {}, {"items": [2, 3]}], "items") == [1, 2, 3]
    assert len(listed(repeat({"items": [1]}, MOST_PAGES), "items")) == MOST_PAGES
    with pytest.raises(Refused, match="lists more items than are read"):
        listed(repeat({"items": [1]}), "items")


def test_an_id_tells_when_the_release_began() -> None:
    """By the clock of the machine that began it."""
    assert begun(RELEASE) == datetime(2026, 11, 20, 16, 0, tzinfo=UTC)
    with pytest.raises(ValueError, match="does not match format"):
        begun("another")

"""The arithmetic of a rolling update."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rehearsal.ecs.rolling import Counts, Limits, wanted


@pytest.mark.parametrize(
    ("limits", "expected"),
    [
        (Limits(2, 100, 200), [(2, 2), (2, 0)]),
        (Limits(2, 50, 100), [(0, 1), (1, 1), (1, 0), (2, 0)]),
        (Limits(4, 100, 150), [(2, 4), (2, 2), (4, 2), (4, 0)]),
        (Limits(4, 50, 200), [(4, 4), (4, 0)]),
        (Limits(3, 50, 100), [(0, 2), (1, 2), (1, 1), (2, 1), (2, 0), (3, 0)]),
        (Limits(1, 100, 200), [(1, 1), (1, 0)]),
        (Limits(3, 0, 100), [(0, 0), (3, 0)]),
        (Limits(0, 100, 200), [(0, 0)]),
    ],
)
def test_a_rolling_update_keeps_its_limits(limits: Limits, expected: list[tuple[int, int]]) -> None:
    """See "Deploy Amazon ECS services by replacing tasks": minimum rounded up, maximum rounded down."""
    new, healthy, old = 0, 0, limits.desired
    seen: list[tuple[int, int]] = []
    for _ in range(9):
        step = wanted(limits, Counts(new, healthy, old))
        if not seen or seen[-1] != step:
            seen.append(step)
        healthy, (new, old) = new, step
    assert seen == expected


@given(st.integers(1, 12), st.integers(0, 100), st.integers(100, 300), st.data())
def test_a_rolling_update_ends_in_any_case(desired: int, least: int, most: int, data: st.DataObject) -> None:
    """Ours: with any limits under which it can move, never outside of them."""
    limits = Limits(desired, least, most)
    new, healthy, old = 0, 0, desired
    for _ in range(200):
        new, kept = wanted(limits, Counts(new, healthy, old))
        assert kept + healthy >= min(limits.least, old + healthy)
        assert new + kept <= max(limits.most, old + new)
        old, healthy = kept, min(new, healthy + data.draw(st.integers(1, 3)))
        if (new, healthy, old) == (desired, desired, 0):
            return
    assert limits.least == limits.most == desired, "It can move, and did not."

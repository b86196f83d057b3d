"""How evidence is put into words."""

import pytest

from rehearsal.judge.facts import clock


@pytest.mark.parametrize(
    ("seconds", "told"),
    [(0, "0:00"), (5.9, "0:05"), (125, "2:05"), (-0.4, "0:00"), (-5, "-0:05"), (-65.2, "-1:05")],
)
def test_a_time_before_the_load_began_is_told_as_such(seconds: float, told: str) -> None:
    """With one sign before minutes and seconds."""
    assert clock(seconds) == told

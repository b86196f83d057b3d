"""The time by which releases are ordered."""

from datetime import UTC, datetime, timedelta

import pytest

from release.clock import of_aws, off
from release.patience import Patient

NOW = datetime(2026, 11, 20, 16, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("headers", "ahead"),
    [
        ({"date": "Fri, 20 Nov 2026 16:10:00 GMT"}, timedelta(minutes=10)),
        ({"date": "Fri, 20 Nov 2026 15:50:00 GMT"}, timedelta(minutes=-10)),
        ({"date": "Fri, 20 Nov 2026 16:00:04 GMT"}, timedelta()),
        ({"date": "soon"}, timedelta()),
        ({"date": "Fri, 20 Nov 2026 16:10:00 -0000"}, timedelta()),
        ({}, timedelta()),
    ],
)
def test_a_clock_that_is_off_is_put_right(headers: dict[str, str], ahead: timedelta) -> None:
    """By the date of an answer of AWS's; a few seconds, or a date that is none, change nothing."""
    assert off(headers, NOW) == ahead


@pytest.mark.slow
def test_an_answer_of_aws_tells_the_time(ask: Patient) -> None:
    """Here both are one machine's, and agree."""
    assert abs(of_aws(ask)() - datetime.now(UTC)) < timedelta(seconds=5)

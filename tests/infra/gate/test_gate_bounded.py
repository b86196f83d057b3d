"""The bound on the time that the release gate spends on an examination."""

import time
from threading import Event

import pytest

from infra.hooks.gate.bounded import within
from infra.hooks.gate.errors import OutOfTimeError


def test_what_is_done_in_time_is_returned() -> None:
    """The result of the work is the caller's."""
    assert within(5.0, lambda: 42) == 42


@pytest.mark.parametrize("error", [TimeoutError("one read"), SystemExit(1)])
def test_what_the_work_raises_is_raised(error: BaseException) -> None:
    """An error in the work is no lack of time, and does not vanish in its thread."""

    def fail() -> None:
        raise error

    with pytest.raises(type(error)) as raised:
        within(5.0, fail)
    assert raised.value is error


def test_nobody_waits_for_work_that_is_late() -> None:
    """The caller is free when the time is up, though the work goes on."""
    release = Event()
    began = time.monotonic()
    with pytest.raises(OutOfTimeError):
        within(0.1, release.wait)
    assert time.monotonic() - began < 1.0
    release.set()


@pytest.mark.parametrize("seconds", [0.0, -5.0])
def test_without_time_nothing_begins(seconds: float) -> None:
    """Work that cannot end in time has no effects."""
    begun: list[str] = []
    with pytest.raises(OutOfTimeError):
        within(seconds, lambda: begun.append("work"))
    assert begun == []

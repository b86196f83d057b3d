import os
import signal
from collections.abc import Iterator
from types import FrameType

import pytest

from rehearsal.errors import Interrupted
from rehearsal.interruption import Interruptible


@pytest.fixture
def quiet() -> Iterator[None]:
    """Put the handlers back, whatever happens."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGHUP)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def interrupt(number: signal.Signals = signal.SIGINT) -> None:
    """Send this process a signal."""
    os.kill(os.getpid(), number)


def test_a_signal_becomes_one_exception_with_a_sentence() -> None:
    """Which signal it was is told."""
    with pytest.raises(Interrupted, match="by SIGTERM"), Interruptible():
        interrupt(signal.SIGTERM)


def test_an_interruption_that_a_library_swallowed_is_raised_again() -> None:
    """A Ctrl-C that came at a bad moment is not forgotten."""
    with Interruptible() as interruptible:
        try:
            interrupt()
        except KeyboardInterrupt:
            swallowed = True
        assert swallowed
        with pytest.raises(Interrupted, match="SIGINT"):
            interruptible.check()


def test_nothing_interrupts_once_it_is_disarmed() -> None:
    """Neither a second Ctrl-C nor a tenth."""
    with Interruptible() as interruptible:
        interruptible.disarm()
        for _ in range(10):
            interrupt()
        interruptible.check()


@pytest.mark.usefixtures("quiet")
def test_what_the_caller_ignores_stays_ignored() -> None:
    """`nohup` means that a closed terminal is no reason to end."""
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    with Interruptible() as interruptible:
        interrupt(signal.SIGHUP)
        interruptible.check()
    assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN


@pytest.mark.usefixtures("quiet")
def test_the_callers_handlers_come_back() -> None:
    """Outside of a run nothing has changed."""

    def handler(_number: int, _frame: FrameType | None) -> None:
        """Do nothing."""

    signal.signal(signal.SIGINT, handler)
    with Interruptible():
        pass
    assert signal.getsignal(signal.SIGINT) is handler

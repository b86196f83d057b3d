"""Work that must not take longer than it may, whatever it waits for."""

from collections.abc import Callable
from concurrent.futures import Future, wait
from threading import Thread
from typing import TypeVar

from .errors import OutOfTimeError

T = TypeVar("T")


def within(seconds: float, work: Callable[[], T]) -> T:
    """Return what the work returns, or raise what it raises, after so many seconds at the latest.

    A timeout of a socket limits one wait, not their sum, and none limits a slow name server. So the
    work gets a thread of its own; when it is late the thread is left alone, and holds up nothing.

    Raises:
        OutOfTimeError: the work is not done, or there was no time to begin it.
    """
    outcome: Future[T] = Future()
    if seconds > 0:
        Thread(target=_settle, args=(outcome, work), daemon=True).start()
        wait([outcome], seconds)
    if not outcome.done():
        raise OutOfTimeError("The examination of the release did not end in time.")
    return outcome.result()


def _settle(outcome: Future[T], work: Callable[[], T]) -> None:
    try:
        outcome.set_result(work())
    except BaseException as error:  # noqa: BLE001 - the caller's thread raises it
        outcome.set_exception(error)

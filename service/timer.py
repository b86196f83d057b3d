"""One deadline at a time."""

import asyncio
from collections.abc import Callable


class Timer:
    """Calls something once unless it is stopped first; may be started again."""

    def __init__(self) -> None:
        self._handle: asyncio.TimerHandle | None = None

    @property
    def running(self) -> bool:
        """Whether it was started and neither stopped nor due yet."""
        return self._handle is not None

    def start(self, seconds: float, action: Callable[[], object]) -> None:
        """Run an action after a time, unless one is already waiting to be run."""
        if self._handle is None:
            self._handle = asyncio.get_running_loop().call_later(seconds, self._fire, action)

    def stop(self) -> None:
        """Forget what was to be run."""
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None

    def _fire(self, action: Callable[[], object]) -> None:
        self._handle = None
        action()

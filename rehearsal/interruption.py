"""One way out for Ctrl-C, SIGTERM, a closed terminal and a parent that died."""

import os
import signal
import threading
import time
from types import FrameType
from typing import Self

from rehearsal.errors import Interrupted

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)
_POLL_SECONDS = 0.2


class Interruptible:
    """Raises `Interrupted` in the main thread, once, when somebody wants the rehearsal to end.

    `make` does not pass signals on and `kill -9` of it sends none, so the parent process is watched as well.
    What the caller has set to be ignored, as `nohup` does, stays ignored.
    """

    def __init__(self) -> None:
        self._armed = True
        self._reason = ""
        self._parent = os.getppid()

    def __enter__(self) -> Self:
        heard = [number for number in _SIGNALS if signal.getsignal(number) is not signal.SIG_IGN]
        self._previous = {number: signal.signal(number, self._interrupt) for number in heard}
        threading.Thread(target=self._watch_parent, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.disarm()
        for number, handler in self._previous.items():
            signal.signal(number, handler)

    def disarm(self) -> None:
        """From here on nothing interrupts: what was started is being ended, or left running on purpose."""
        self._armed = False

    def check(self) -> None:
        """Raise `Interrupted` again if a library's code swallowed it."""
        if self._reason:
            raise Interrupted(self._reason)

    def _interrupt(self, number: int, _frame: FrameType | None) -> None:
        if self._armed:
            self._armed = False
            name = signal.Signals(number).name
            self._reason = f"interrupted by {name}; everything it had started was ended."
            raise Interrupted(self._reason)

    def _watch_parent(self) -> None:
        while self._armed:
            if os.getppid() != self._parent:
                os.kill(os.getpid(), signal.SIGTERM)
                return
            time.sleep(_POLL_SECONDS)

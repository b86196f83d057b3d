"""Who waits for whom on a machine with few processors: what serves goes before what starts.

Linux shares processors between sessions first (`autogroup` in sched(7)) and between processes by their
nice values then; where sessions do not count, nice values do. Everybody may be nicer, but a nice value may be
taken back only by the privileged, while a session's may be by everybody. What the machine refuses is left.
"""

import contextlib
import os
import threading
from pathlib import Path
from typing import Final

NICE: Final = 3
"""For what only looks on."""
NICE_BEHIND: Final = 10
"""For what no request passes through: the control plane, CodeDeploy, the release itself."""
NICE_TO_START: Final = 5
"""For what starts: a third of the weight of what serves, so that it gets there on a busy machine too."""
_NORMAL: Final = 0


def stand_back() -> None:
    """Let the calling thread, and no other, wait for everybody else."""
    with contextlib.suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICE)


def stand_back_as_session() -> None:
    """Let this program's session wait for all others; the sessions of what it starts do not."""
    if os.getsid(0) == os.getpid():
        _set_session(os.getpid(), NICE)


def keep_behind(pid: int) -> None:
    """Let a program that has just been started, and leads a session, wait for everybody else for good."""
    _set_session(pid, NICE_BEHIND)
    with contextlib.suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, pid, NICE_BEHIND)


def hold_back(pid: int) -> None:
    """Let a program that leads a session wait for everybody else, as far as that can be undone."""
    _set_session(pid, NICE_TO_START)
    if can_undo():
        _set_threads(pid, NICE_TO_START)


def let_go(pid: int) -> None:
    """Undo `hold_back`."""
    _set_session(pid, _NORMAL)
    if can_undo():
        _set_threads(pid, _NORMAL)


def can_undo() -> bool:
    """Return whether this process may take a nice value back; tried once, on a thread that ends."""
    if not _tried:
        thread = threading.Thread(target=_try)
        thread.start()
        thread.join()
    return _tried[0]


_tried: list[bool] = []


def _try() -> None:
    thread = threading.get_native_id()
    try:
        before = os.getpriority(os.PRIO_PROCESS, thread)
        os.setpriority(os.PRIO_PROCESS, thread, before + 1)
        os.setpriority(os.PRIO_PROCESS, thread, before)
    except OSError:
        _tried.append(False)
    else:
        _tried.append(True)


def _set_session(pid: int, nice: int) -> None:
    with contextlib.suppress(OSError):
        Path(f"/proc/{pid}/autogroup").write_text(str(nice), encoding="ascii")


def _set_threads(pid: int, nice: int) -> None:
    with contextlib.suppress(OSError):
        for entry in os.scandir(f"/proc/{pid}/task"):
            os.setpriority(os.PRIO_PROCESS, int(entry.name), nice)

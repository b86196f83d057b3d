"""How much memory a task uses."""

import contextlib
import os
from pathlib import Path
from typing import Final

MIB: Final = 1024 * 1024
_PAGE: Final = os.sysconf("SC_PAGE_SIZE")


def used(pid: int) -> int:
    """Return the bytes that a process and its descendants hold in memory; 0 once it has ended."""
    return _resident(pid) + sum(used(child) for child in _children(pid))


def _resident(pid: int) -> int:
    with contextlib.suppress(OSError, IndexError):
        return int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]) * _PAGE
    return 0


def _children(pid: int) -> list[int]:
    with contextlib.suppress(OSError):
        return [
            int(child)
            for thread in os.scandir(f"/proc/{pid}/task")
            for child in Path(thread.path, "children").read_text(encoding="ascii").split()
        ]
    return []

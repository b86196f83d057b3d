"""A version that takes more memory than its task has, some moments after it was started."""

import sys
import threading
import time

from service import server

MEBIBYTE = 1 << 20
kept: list[bytearray] = []


def grow() -> None:
    """Take thirty-two mebibytes, ten times a second, and touch every page of them."""
    while True:
        kept.append(bytearray(b"x") * (32 * MEBIBYTE))
        time.sleep(0.1)


threading.Thread(target=grow, daemon=True).start()
sys.exit(server.main())

"""A version that takes more memory than its task has, soon after it was started."""

import sys
import threading
import time

from service import server

MEBIBYTE = 1 << 20
kept: list[bytearray] = []


def grow() -> None:
    """Take a hundred mebibytes, as often as the processor lets it, and touch every page of them."""
    while True:
        kept.append(bytearray(b"x") * (100 * MEBIBYTE))
        time.sleep(0.02)


threading.Thread(target=grow, daemon=True).start()
sys.exit(server.main())

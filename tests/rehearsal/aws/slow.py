"""`python -m tests.rehearsal.aws.slow`: the control plane, whose updates rest a second after each resource.

So others see a stack half done.
"""

import runpy
import time
from typing import Any

from rehearsal.aws.updates import _Update

_step = _Update._step


def _slowly(update: _Update, *change: Any) -> bool:  # noqa: ANN401 - a resource and what becomes of it
    done = _step(update, *change)
    time.sleep(1)
    return done


if __name__ == "__main__":
    _Update._step = _slowly  # type: ignore[method-assign, assignment]
    runpy.run_module("rehearsal.aws", run_name="__main__")

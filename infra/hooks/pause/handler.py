"""The function: compare what is with what should be, and put right what differs."""

import logging
import os

from . import scaling
from .releases import release_runs

log = logging.getLogger("pause")
log.setLevel(logging.INFO)


def handle(event: object, context: object) -> None:  # noqa: ARG001 - what is true now decides, not the event
    """Lambda handler: suspend scale-in when a release is in progress, resume it when none is.

    It never reads the event that woke it. So it does not matter in which order events come or whether
    one is lost: the next one, or the clock, leads to the same state. Any failure is raised, and Lambda
    tries again.
    """
    resource = os.environ["RESOURCE"]
    releasing = release_runs(os.environ)
    state = scaling.wanted(scaling.read(resource), releasing=releasing)
    if state is None:
        return
    log.info("%s scale-in of %s.", "Suspending" if releasing else "Resuming", resource)
    scaling.write(resource, state)

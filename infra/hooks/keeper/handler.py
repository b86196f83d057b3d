"""The function: compare what is with what should be, and put right what differs."""

import logging
import os

from . import scaling, traffic
from .releases import release_runs

logging.getLogger("keeper").setLevel(logging.INFO)


def handle(event: object, context: object) -> None:  # noqa: ARG001 - what is true now decides, not the event
    """Lambda handler: pause scale-in for a release, and keep the live colour true between two.

    It never reads the event that woke it. So it does not matter in which order events come or whether
    one is lost: the next one, or the clock, leads to the same state. A duty that fails does not keep the
    other from being done; then the failure is raised, and Lambda tries again. So is traffic that somebody
    has to look at, since errors are what an alarm counts.
    """
    releasing = release_runs(os.environ)
    try:
        scaling.keep(os.environ["RESOURCE"], releasing=releasing)
    finally:
        if not releasing:
            traffic.keep(os.environ)

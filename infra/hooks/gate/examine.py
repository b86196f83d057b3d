"""The examination itself, whichever engine asks for it: find what is released, ask it, say yes or no."""

import logging
import os
import time
from collections.abc import Callable
from functools import partial
from typing import Final, Protocol

from .addresses import find_endpoints
from .bounded import within
from .errors import GateError
from .gate import Deadline, find_faults
from .node import HttpNode
from .release import fetch_document, find_digest
from .settings import GateSettings

LAST_ANSWER: Final = 10.0
"""Seconds at the end in which nothing more is asked, so that the last two answers can still come."""

log = logging.getLogger("gate")
log.setLevel(logging.INFO)


class LambdaContext(Protocol):
    """What the gate uses of the context that Lambda hands to a handler."""

    def get_remaining_time_in_millis(self) -> int:
        """Return the milliseconds left until Lambda ends the function."""


def passes(find_task: Callable[[], str], *, seconds: float) -> bool:
    """Return whether a new version may take traffic; it raises nothing, and takes no longer than it may.

    Whatever keeps the gate from looking, the version does not pass, and the log says why.

    Args:
        find_task: returns the task definition that is being released.
        seconds: the time there is; without any, nothing passes.
    """
    deadline = Deadline(time.monotonic() + seconds - LAST_ANSWER)
    try:
        faults = within(seconds, partial(_examine, find_task, deadline))
    except GateError as error:
        faults = (str(error),)
    except (Exception, SystemExit):
        log.exception("The gate could not examine the release.")
        return False
    for fault in faults:
        log.error(fault)
    return not faults


def _examine(find_task: Callable[[], str], deadline: Deadline) -> tuple[str, ...]:
    settings = GateSettings.read(os.environ)
    digest = find_digest(find_task(), settings.container)
    document = fetch_document(digest, settings)
    endpoints = find_endpoints(settings.address)
    log.info(
        "Asking %d probes of version %s, image %s, at %s.",
        len(document.probes),
        document.version,
        digest,
        ", ".join(endpoints),
    )
    nodes = [
        HttpNode(endpoint, settings.ready_path, settings.version_path, settings.predict_path)
        for endpoint in endpoints
    ]
    return find_faults(nodes, document, tolerance=settings.tolerance, deadline=deadline)

"""The gate as a CodeDeploy lifecycle hook: examine the release in the time there is, report in every case."""

import logging
import os
import time
from collections.abc import Mapping
from functools import partial
from typing import Final, Protocol

from .addresses import find_endpoints
from .bounded import within
from .clients import client
from .errors import GateError
from .gate import Deadline, find_faults
from .node import HttpNode
from .release import fetch_probes, find_digest
from .settings import GateSettings

REPORT_RESERVE: Final = 20.0
"""Seconds kept back for two attempts at the report, each of which may take eight."""
LAST_ANSWER: Final = 10.0
"""Seconds before that in which nothing more is asked, so that the last answer can still come."""

log = logging.getLogger("gate")
log.setLevel(logging.INFO)


class LambdaContext(Protocol):
    """What the gate uses of the context that Lambda hands to a handler."""

    def get_remaining_time_in_millis(self) -> int:
        """Return the milliseconds left until Lambda ends the function."""


def handle(event: Mapping[str, str], context: LambdaContext) -> None:
    """Lambda handler: report Succeeded when every probe is answered rightly, Failed in any other case.

    CodeDeploy waits for the report for up to an hour, so neither an exception nor a wait may swallow it.
    """
    seconds = context.get_remaining_time_in_millis() / 1000 - REPORT_RESERVE
    deadline = Deadline(time.monotonic() + seconds - LAST_ANSWER)
    status = "Failed"
    try:
        settings = GateSettings.read(os.environ)
        faults = within(seconds, partial(_examine, event["DeploymentId"], settings, deadline))
        for fault in faults:
            log.error(fault)
        status = "Failed" if faults else "Succeeded"
    except GateError as error:
        log.error("%s", error)  # noqa: TRY400 - the sentence says it all
    except Exception:
        log.exception("The gate could not examine the release.")
    finally:
        _report(event, status)


def _examine(deployment: str, settings: GateSettings, deadline: Deadline) -> tuple[str, ...]:
    digest = find_digest(deployment, settings)
    probes = fetch_probes(digest, settings)
    endpoints = find_endpoints(settings.address)
    log.info("Asking %d probes of image %s at %s.", len(probes), digest, ", ".join(endpoints))
    nodes = [HttpNode(endpoint, settings.ready_path, settings.predict_path) for endpoint in endpoints]
    return find_faults(nodes, probes, tolerance=settings.tolerance, deadline=deadline)


def _report(event: Mapping[str, str], status: str) -> None:
    log.info("Reporting %s for deployment %s.", status, event["DeploymentId"])
    client("codedeploy").put_lifecycle_event_hook_execution_status(
        deploymentId=event["DeploymentId"],
        lifecycleEventHookExecutionId=event["LifecycleEventHookExecutionId"],
        status=status,
    )

"""The gate as a hook of CodeDeploy: called after test traffic was allowed, it reports in every case."""

import os
from collections.abc import Mapping
from typing import Final

from .clients import client
from .examine import LambdaContext, log, passes
from .release import find_task

REPORT_RESERVE: Final = 20.0
"""Seconds kept back for two attempts at the report, each of which may take eight."""


def handle(event: Mapping[str, str], context: LambdaContext) -> None:
    """Lambda handler: report Succeeded when every probe is answered rightly, Failed in any other case.

    CodeDeploy waits for the report for up to an hour, so neither an exception nor a wait may swallow it.
    """
    passed = passes(
        lambda: find_task(
            event["DeploymentId"], cluster=os.environ["CLUSTER"], service=os.environ["SERVICE"]
        ),
        seconds=context.get_remaining_time_in_millis() / 1000 - REPORT_RESERVE,
    )
    _report(event, "Succeeded" if passed else "Failed")


def _report(event: Mapping[str, str], status: str) -> None:
    log.info("Reporting %s for deployment %s.", status, event["DeploymentId"])
    client("codedeploy").put_lifecycle_event_hook_execution_status(
        deploymentId=event["DeploymentId"],
        lifecycleEventHookExecutionId=event["LifecycleEventHookExecutionId"],
        status=status,
    )

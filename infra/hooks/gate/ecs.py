"""The gate as a lifecycle hook of Amazon ECS: called after the test traffic moved, it answers in every case.

The event and the answer are those of "Lambda hooks for Amazon ECS service deployments" in ECS's developer
guide. Without a valid `hookStatus` ECS turns back as well, but nobody would read why.
"""

from collections.abc import Mapping
from typing import Any, Final

from .examine import LambdaContext, log, passes
from .release import find_revision_task

ANSWER_RESERVE: Final = 5.0
"""Seconds kept back for the answer to leave the function."""


def handle(event: Mapping[str, Any], context: LambdaContext) -> dict[str, str]:
    """Lambda handler: answer SUCCEEDED when every probe is answered rightly, FAILED in any other case.

    It never answers IN_PROGRESS, after which ECS would call again for up to a day: what is not proved
    within the function's time does not pass.
    """
    passed = passes(
        lambda: find_revision_task(event["executionDetails"]["targetServiceRevisionArn"]),
        seconds=context.get_remaining_time_in_millis() / 1000 - ANSWER_RESERVE,
    )
    status = "SUCCEEDED" if passed else "FAILED"
    log.info("Reporting %s for %s.", status, event.get("resourceArn"))
    return {"hookStatus": status}

"""Asking a hook: the event that its function is given, and what its answer means.

Amazon ECS Developer Guide, "Lambda hooks for Amazon ECS service deployments": the event tells the stage, the
service deployment (`resourceArn`), the target revision and the weights by revision; the answer is an object
with `hookStatus`, and `callBackDelay` and `hookDetails` where it wants to be called again.
"""

import json
import uuid
from collections.abc import Callable, Mapping
from typing import Any, Final

from rehearsal.ecs.records import ServiceDeployment
from rehearsal.ecs.state import Answered, Invoke, Verdict

_LEFT: Final = 100.0


def event(deployment: ServiceDeployment, question: Invoke) -> dict[str, Any]:
    """Return what a function is given."""
    state = deployment.state
    details = {} if question.details is None else {"hookDetails": dict(question.details)}
    return {
        "executionDetails": {
            "testTrafficWeights": weights(deployment, state.test_weight),
            "productionTrafficWeights": weights(deployment, state.weight),
            "serviceArn": deployment.service.arn,
            "targetServiceRevisionArn": deployment.target.arn,
        },
        "executionId": str(uuid.uuid4()),
        "lifecycleStage": str(question.stage),
        "resourceArn": deployment.arn,
        **details,
    }


def weights(deployment: ServiceDeployment, percent: float) -> dict[str, float]:
    """Return how traffic is shared, by revision, when the target gets so much of it."""
    source = {} if deployment.source is None else {deployment.source.arn: _LEFT - percent}
    return {**source, deployment.target.arn: percent}


def read(question: Invoke, payload: bytes, *, failed: bool, real: Callable[[float], float]) -> Answered:
    """Return what a function's answer means; one without a valid status is a failure."""
    try:
        said = json.loads(payload or b"null")
    except ValueError:
        said = None
    if failed:
        message = said.get("errorMessage", "") if isinstance(said, Mapping) else ""
        return broken(question, f"its function failed{': ' + message if message else ''}")
    if not isinstance(said, Mapping) or said.get("hookStatus") not in set(Verdict):
        return broken(question, "its function answered without a valid hookStatus")
    delay, details = said.get("callBackDelay"), said.get("hookDetails")
    return Answered(
        question.step,
        question.hook,
        Verdict(said["hookStatus"]),
        delay=real(float(delay)) if isinstance(delay, int | float) else None,
        details=details if isinstance(details, Mapping) else None,
    )


def broken(question: Invoke, error: str) -> Answered:
    """Return the answer of a function that gave none."""
    return Answered(question.step, question.hook, None, error=error)

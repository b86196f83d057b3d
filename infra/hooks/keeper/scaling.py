"""The service's scalable target: whether it may scale in."""

import logging
from collections.abc import Mapping
from typing import Any, Final

from .clients import client

log = logging.getLogger("keeper")
_SCALE_IN: Final = "DynamicScalingInSuspended"
_DIMENSION: Final = "ecs:service:DesiredCount"

SuspendedState = Mapping[str, bool]
"""What is suspended, as Application Auto Scaling writes it; what is not mentioned is not suspended."""


class TargetMissingError(Exception):
    """The service has no scalable target: the stack is being built or torn down."""


def keep(resource: str, *, releasing: bool) -> None:
    """Suspend the scale-in of a service, given as `service/<cluster>/<name>`, when a release is in progress.

    Raises:
        TargetMissingError: nothing scales the service.
        botocore.exceptions.ClientError: Application Auto Scaling does not answer, or refuses.
    """
    state = wanted(_read(resource), releasing=releasing)
    if state is None:
        return
    log.info("%s scale-in of %s.", "Suspending" if releasing else "Resuming", resource)
    _write(resource, state)


def wanted(now: SuspendedState, *, releasing: bool) -> SuspendedState | None:
    """Return what is to be suspended, or nothing when it is so already.

    Scale-out and scheduled scaling stay as somebody left them.
    """
    if now.get(_SCALE_IN, False) is releasing:
        return None
    return {**now, _SCALE_IN: releasing}


def _read(resource: str) -> SuspendedState:
    answer = client("application-autoscaling").describe_scalable_targets(**_one(resource, plural=True))
    for target in answer["ScalableTargets"]:
        return dict(target.get("SuspendedState") or {})
    raise TargetMissingError(f"Nothing scales {resource}.")


def _write(resource: str, state: SuspendedState) -> None:
    """Suspend exactly this; the capacities stay as they are."""
    client("application-autoscaling").register_scalable_target(
        **_one(resource, plural=False), SuspendedState=dict(state)
    )


def _one(resource: str, *, plural: bool) -> dict[str, Any]:
    which = {"ResourceIds": [resource]} if plural else {"ResourceId": resource}
    return {"ServiceNamespace": "ecs", "ScalableDimension": _DIMENSION, **which}

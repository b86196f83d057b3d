"""Which mends there are, and for which moto they were written."""

from typing import TYPE_CHECKING, Final

import moto

from rehearsal.aws import (
    alarms,
    changes,
    codedeploy_resources,
    events,
    functions,
    interfaces,
    load_balancing,
    metric_data,
    objects,
    parameters,
    references,
    registry,
    target_health,
    updates,
)
from rehearsal.aws.ecs import mends as ecs
from rehearsal.ecs import api as service_deployments
from rehearsal.errors import StepFailed

if TYPE_CHECKING:
    from rehearsal.aws.launch import Launch
    from rehearsal.aws.server import Routes

MOTO: Final = "5.2.5"
"""The version whose code the mends were read against: another one asks for another look at each."""


def apply(launch: "Launch") -> "Routes":
    """Mend moto in this process, before it answers its first request.

    Returns:
        The private routes that the mends answer.

    Raises:
        StepFailed: another version of moto is installed.
    """
    if moto.__version__ != MOTO:
        raise StepFailed(
            f"The mends of rehearsal/aws are for moto {MOTO}, and {moto.__version__} is installed: "
            "read each of them against the new code, then change MOTO in rehearsal/aws/mends.py."
        )
    references.mend()
    parameters.mend()
    load_balancing.mend()
    updates.mend()
    alarms.mend()
    metric_data.mend()
    objects.mend()
    events.mend(functions.mend(launch))
    changes.mend(launch.changes)
    if launch.codedeploy:
        codedeploy_resources.mend(launch.codedeploy)
    service_deployments.mend(launch)
    return {
        **ecs.apply(),
        **interfaces.mend(launch),
        **target_health.mend(launch),
        **registry.mend(launch),
    }

"""The sentences and codes of a deployment that ends early, and of its rollback.

The codes are those of ErrorInformation in the AWS CodeDeploy API Reference. The sentences of hooks, of the
replacement and of the wait for a notification are those of "Troubleshoot Amazon ECS deployment issues" in
the User Guide. Those of alarms and rollbacks are as people quote GetDeployment; `STOPPED`, `BLIND` and the
codes of `HOOK_SILENT` and of `refused` are this rehearsal's own, since nothing public shows them.
"""

from collections.abc import Sequence
from typing import Final

from rehearsal.codedeploy.state import Problem

HOOK_FAILED: Final = Problem(
    "HOOK_EXECUTION_FAILURE",
    "The deployment failed because one or more of the lifecycle event validation functions failed.",
)
HOOK_SILENT: Final = Problem(
    "TIMEOUT",
    "The deployment timed out while waiting for a status callback. CodeDeploy expects a status callback "
    "within one hour after a deployment hook is invoked.",
)
NEVER_HEALTHY: Final = Problem(
    "TIMEOUT",
    "The deployment timed out while waiting for the replacement task set to become healthy. This time out "
    "period is 60 minutes.",
)
STOPPED: Final = Problem("MANUAL_STOP", "The deployment was stopped by a user.")
BLIND: Final = Problem(
    "INTERNAL_ERROR", "The state of the deployment's alarms cannot be read from Amazon CloudWatch."
)


def not_continued(minutes: int) -> Problem:
    """Return why a deployment that nobody continued was stopped."""
    return Problem(
        "TIMEOUT",
        "The deployment timed out while waiting for a notification to continue. This time out period is "
        f"{minutes} minutes.",
    )


def alarms_active(names: Sequence[str]) -> Problem:
    """Return why a deployment was stopped by its alarms."""
    listed = " ".join(f"<{name}>" for name in names)
    return Problem(
        "ALARM_ACTIVE",
        "One or more alarms have been activated according to the Amazon CloudWatch metrics you selected, and "
        f"the affected deployments have been stopped. Activated alarms: {listed}",
    )


def rolled_back(triggering: str, rollback: str) -> str:
    """Return what a deployment says of the rollback that it caused."""
    return (
        f"Deployment {triggering} terminated. Automatic rollback is triggered with a DeploymentId {rollback}."
    )


def rolls_back(rollback: str, triggering: str) -> str:
    """Return what a rollback says of the deployment that it takes back."""
    return f"Deployment {rollback} is triggered to roll back deployment {triggering}."

"""Who else is told of a service deployment: EventBridge, the service's events, and the run's timeline.

Amazon ECS Developer Guide, "Amazon ECS service deployment state change events": in progress, for a deployment
and for its rollback; completed when the service is steady after one; failed.
"""

import json
from typing import Final

from rehearsal.aws.ecs.model import now
from rehearsal.aws.launch import Launch
from rehearsal.ecs.control import Control
from rehearsal.ecs.plan import Stage
from rehearsal.ecs.progress import current, steps
from rehearsal.ecs.records import ServiceDeployment
from rehearsal.ecs.state import State, Status
from rehearsal.eventbridge import Event, EventSender
from rehearsal.timeline import Timeline

IN_PROGRESS: Final = "SERVICE_DEPLOYMENT_IN_PROGRESS"
COMPLETED: Final = "SERVICE_DEPLOYMENT_COMPLETED"
FAILED: Final = "SERVICE_DEPLOYMENT_FAILED"


def events(before: State, after: State) -> list[str]:
    """Return the names of the events that a change of a deployment's status is told by; pure."""
    told: list[str] = []
    if after.status is before.status:
        return told
    if before.status is Status.PENDING and after.started is not None:
        told.append(IN_PROGRESS)
    if before.back_since is None and after.back_since is not None:
        told += [FAILED] if after.status.ended else [FAILED, IN_PROGRESS]
    elif after.status in {Status.STOPPED, Status.ROLLBACK_FAILED}:
        told.append(FAILED)
    elif after.status in {Status.SUCCESSFUL, Status.ROLLBACK_SUCCESSFUL}:
        told.append(COMPLETED)
    return told


class News:
    """Tells of every change once."""

    def __init__(self, launch: Launch, control: Control) -> None:
        self._timeline = Timeline.of(launch.folder) if launch.folder else None
        self._sender = EventSender(lambda: control.client("events"))

    def tell(self, deployment: ServiceDeployment, before: State) -> None:
        """Tell what has changed; called with the store's lock held."""
        after = deployment.state
        for name in events(before, after):
            self._sender.send(_event(deployment, name))
            words = {IN_PROGRESS: "in progress", COMPLETED: "completed", FAILED: "failed"}
            deployment.service.tell(f"(deployment {deployment.target.fleet.id}) deployment {words[name]}.")
        if self._timeline is not None:
            for stage, status in stages(deployment, before):
                self._timeline.add(
                    "lifecycle",
                    f"{stage} {status}",
                    release=deployment.release,
                    deployment=deployment.arn,
                    event=str(stage),
                    status=status,
                )


def stages(deployment: ServiceDeployment, before: State) -> list[tuple[Stage, str]]:
    """Return which stages began, and which came to their end how; pure."""
    plan, after = deployment.plan, deployment.state
    turned = (before.back_since is None) is not (after.back_since is None)
    told: list[tuple[Stage, str]] = []
    if turned and (step := current(plan, before)) is not None and step.stage:
        told.append((step.stage, "Failed"))
    first = 0 if turned else max(before.step, 0)
    passed = [step.stage for step in steps(plan, after)[first : after.step + 1] if step.stage]
    through = list(dict.fromkeys(passed))
    known = not turned and before.step >= 0
    for index, stage in enumerate(through):
        if index > 0 or not known:
            told.append((stage, "InProgress"))
        if index + 1 < len(through):
            told.append((stage, "Succeeded"))
    if through and after.status.ended and not before.status.ended:
        good = after.status in {Status.SUCCESSFUL, Status.ROLLBACK_SUCCESSFUL}
        told.append((through[-1], "Succeeded" if good else "Failed"))
    return told


def _event(deployment: ServiceDeployment, name: str) -> Event:
    service, fleet = deployment.service, deployment.target.fleet
    return {
        "Source": "aws.ecs",
        "DetailType": "ECS Deployment State Change",
        "Resources": [service.arn],
        "Detail": json.dumps(
            {
                "eventType": "ERROR" if name == FAILED else "INFO",
                "eventName": name,
                "deploymentId": fleet.id,
                "updatedAt": now().strftime("%Y-%m-%dT%H:%M:%SZ"),
                "reason": deployment.state.reason or f"ECS deployment {fleet.id} in progress.",
            }
        ),
    }

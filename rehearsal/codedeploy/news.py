"""Who else is told of a deployment: EventBridge, and the timeline of the run.

AWS CodeDeploy User Guide, "Monitoring deployments with Amazon CloudWatch Events", and the Amazon EventBridge
Events Reference, "AWS CodeDeploy events": a `CodeDeploy Deployment State-change Notification` for each state,
delivered at best effort.
"""

import json
import threading
from collections.abc import Mapping
from typing import Any, Final

from rehearsal.codedeploy.clients import Clients
from rehearsal.codedeploy.state import Event, Status
from rehearsal.codedeploy.store import Deployment, Store
from rehearsal.eventbridge import EventSender
from rehearsal.isolation import ACCOUNT, REGION
from rehearsal.timeline import Timeline

_STATES: Final[Mapping[Status, str]] = {
    Status.IN_PROGRESS: "START",
    Status.READY: "READY",
    Status.SUCCEEDED: "SUCCESS",
    Status.FAILED: "FAILURE",
    Status.STOPPED: "STOP",
}


class News:
    """Tells of every change once."""

    def __init__(self, clients: Clients, store: Store, timeline: Timeline | None = None) -> None:
        self._store = store
        self._timeline = timeline
        self._told: dict[str, tuple[str, tuple[Event, ...]]] = {}
        self._lock = threading.Lock()
        self._sender = EventSender(lambda: clients.events)

    def tell(self, deployment: Deployment) -> None:
        """Tell what has changed since a deployment was told of last."""
        state = deployment.state
        with self._lock:
            status, events = self._told.get(deployment.id, ("", ()))
            self._told[deployment.id] = (_STATES.get(state.status, ""), state.events)
        if self._timeline is not None:
            for event in set(state.events) - set(events):
                self._note(self._timeline, deployment, event)
        named = _STATES.get(state.status, "")
        if named and named != status:
            self._sender.send(self._event(deployment, named))

    def _note(self, timeline: Timeline, deployment: Deployment, event: Event) -> None:
        if event.started is None:
            return
        timeline.add(
            "lifecycle",
            f"{event.name} {event.progress}",
            at=event.ended or event.started,
            release=(deployment.triggering or deployment).description.removeprefix("release "),
            deployment=deployment.id,
            event=event.name,
            status=str(event.progress),
        )

    def _event(self, deployment: Deployment, state: str) -> Mapping[str, Any]:
        application, group = deployment.application, deployment.group
        prefix = f"arn:aws:codedeploy:{REGION}:{ACCOUNT}"
        known = self._store.applications.get(application)
        id_ = known.groups[group].id if known is not None and group in known.groups else ""
        return {
            "Source": "aws.codedeploy",
            "DetailType": "CodeDeploy Deployment State-change Notification",
            "Resources": [
                f"{prefix}:application:{application}",
                f"{prefix}:deploymentgroup:{application}/{group}",
            ],
            "Detail": json.dumps(
                {
                    "instanceGroupId": id_,
                    "region": REGION,
                    "application": application,
                    "deploymentId": deployment.id,
                    "state": state,
                    "deploymentGroup": group,
                }
            ),
        }

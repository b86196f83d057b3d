"""CodeDeploy as the engine of a stage's releases.

Source: CreateDeployment, ListDeployments, BatchGetDeployments, BatchGetDeploymentTargets and StopDeployment,
AWS CodeDeploy API Reference; "Redeploy and roll back a deployment with CodeDeploy", User Guide.
"""

import hashlib
import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

from release.appspec import content
from release.aws_errors import code_of
from release.clients import Clients
from release.codedeploy_reading import (
    UNFINISHED,
    deployment_of,
    description_of,
    events_of,
    expects_rollback,
    waiting_for_rollback,
    way_back_of,
)
from release.deployment import Deployment, Event
from release.errors import Refused
from release.paging import listed, portions
from release.patience import Patient
from release.release_id import begun
from release.stage_facts import Stage

if TYPE_CHECKING:
    from mypy_boto3_codedeploy.literals import DeploymentStatusType
    from mypy_boto3_codedeploy.type_defs import (
        DeploymentInfoTypeDef,
        ListDeploymentsInputPaginateTypeDef,
        RevisionLocationTypeDef,
    )

_AT_ONCE: Final = 25
"""Deployments that one BatchGetDeployments describes (AWS CodeDeploy API Reference)."""
_SKEW: Final = timedelta(days=1)
"""How far this machine's clock and AWS's may be apart when a deployment is looked for by its time."""


class CodeDeployEngine:
    """One deployment at a time by the stage's deployment group, whatever becomes of an answer on its way."""

    name = "codedeploy"

    def __init__(self, ask: Patient, stage: Stage) -> None:
        self._ask = ask
        self._stage = stage
        self._ended: dict[str, float] = {}
        """When each deployment whose rollback has no name yet was first seen to have ended."""

    def running(self) -> Sequence[Deployment]:
        """Return the deployments of the group that have not ended, whoever began them."""
        return tuple(deployment_of(info) for info in self._ask.ask(self._unfinished))

    def find(self, *, task_definition: str, release: str) -> str | None:
        """Return the id of the deployment that was begun for a release, ended or not.

        It is known by its description: one revision could be deployed twice, one release is not.
        """
        del task_definition
        return self._ask.ask(lambda clients: self._begun(clients, release))

    def begin(self, *, task_definition: str, release: str, past_alarms: bool = False) -> str:
        """Begin a deployment for a release, or find the one that was begun for it before; return its id.

        The question is sent once and never again by itself: an answer that was lost may have been a yes. So
        it is looked for before each attempt. CodeDeploy lets a group have one deployment at a time, so
        that even one that is not listed yet cannot be begun twice.

        Args:
            task_definition: ARN of the revision.
            release: its id.
            past_alarms: whether the group's alarms are to be left out ("CreateDeployment",
                overrideAlarmConfiguration): red ones would turn back what is to make them green.

        Raises:
            Refused: another deployment runs.
            LostSight: one does that is not listed for as long as patience lasts; it may be this one.
        """
        return self._ask.until(
            lambda clients: self._begin(clients, task_definition, release, past_alarms=past_alarms),
            "CodeDeploy says that it deploys already, and does not list what",
        )

    def look(self, deployment: str) -> Deployment:
        """Return how it stands, with the rollback that it caused."""
        info, events = self._described(deployment)
        back = way_back_of(info)
        found = deployment_of(info, events, deployment_of(*self._described(back)) if back else None)
        return waiting_for_rollback(found) if self._still_expects(info) else found

    def stop(self, deployment: str) -> None:
        """Stop it and have traffic go back; one that has ended stays as it is."""
        try:
            self._ask.ask(
                lambda clients: clients.codedeploy.stop_deployment(
                    deploymentId=deployment, autoRollbackEnabled=True
                )
            )
        except ClientError as error:
            if code_of(error) != "DeploymentAlreadyCompletedException":
                raise

    def _begin(
        self, clients: Clients, task_definition: str, release: str, *, past_alarms: bool
    ) -> str | None:
        """Return the deployment; None when CodeDeploy has one and does not list it yet."""
        if found := self._begun(clients, release):
            return found
        more: dict[str, Any] = {"overrideAlarmConfiguration": {"enabled": False}} if past_alarms else {}
        try:
            answer = clients.codedeploy_once.create_deployment(
                applicationName=self._stage.application,
                deploymentGroupName=self._stage.deployment_group,
                description=description_of(release),
                revision=self._revision(task_definition),
                **more,
            )
        except ClientError as error:
            if code_of(error) != "DeploymentLimitExceededException":
                raise
            if found := self._begun(clients, release):
                return found
            if unfinished := self._unfinished(clients):
                raise self._taken(unfinished) from error
            return None
        return answer["deploymentId"]

    def _revision(self, task_definition: str) -> "RevisionLocationTypeDef":
        text = content(self._stage, task_definition)
        checksum = hashlib.sha256(text.encode()).hexdigest()
        return {"revisionType": "AppSpecContent", "appSpecContent": {"content": text, "sha256": checksum}}

    def _taken(self, unfinished: "Sequence[DeploymentInfoTypeDef]") -> Refused:
        what = ", ".join(f"{info['deploymentId']} ({info['status']})" for info in unfinished)
        reason = (
            f"CodeDeploy already deploys to stage {self._stage.name}: {what}. "
            "Wait for it, or stop it, and release again."
        )
        return Refused([reason])

    def _unfinished(self, clients: Clients) -> "list[DeploymentInfoTypeDef]":
        return self._infos(clients, statuses=UNFINISHED, since=None)

    def _begun(self, clients: Clients, release: str) -> str | None:
        """Return the deployment of a release; the first, should there ever be two."""
        infos = self._infos(clients, statuses=(), since=begun(release) - _SKEW)
        mine = [info for info in infos if info.get("description") == description_of(release)]
        return min(mine, key=lambda info: info["createTime"])["deploymentId"] if mine else None

    def _infos(
        self, clients: Clients, *, statuses: "Sequence[DeploymentStatusType]", since: datetime | None
    ) -> "list[DeploymentInfoTypeDef]":
        asked: ListDeploymentsInputPaginateTypeDef = {
            "applicationName": self._stage.application,
            "deploymentGroupName": self._stage.deployment_group,
        }
        if statuses:
            asked["includeOnlyStatuses"] = list(statuses)
        if since:
            asked["createTimeRange"] = {"start": since}
        pages = clients.codedeploy.get_paginator("list_deployments").paginate(**asked)
        found: list[DeploymentInfoTypeDef] = []
        for ids in portions(listed(pages, "deployments"), _AT_ONCE):
            answer = clients.codedeploy.batch_get_deployments(deploymentIds=list(ids))
            found += answer["deploymentsInfo"]
        return found

    def _described(self, deployment: str) -> "tuple[DeploymentInfoTypeDef, tuple[Event, ...]]":
        return self._ask.ask(lambda clients: (_info(clients, deployment), _events(clients, deployment)))

    def _still_expects(self, info: "DeploymentInfoTypeDef") -> bool:
        """Return whether a rollback is still to come, for which a lease's time is waited at most."""
        if not expects_rollback(info):
            return False
        seen = self._ended.setdefault(info["deploymentId"], time.monotonic())
        return time.monotonic() < seen + self._ask.pace.lease


def _info(clients: Clients, deployment: str) -> "DeploymentInfoTypeDef":
    return clients.codedeploy.get_deployment(deploymentId=deployment)["deploymentInfo"]


def _events(clients: Clients, deployment: str) -> tuple[Event, ...]:
    """Return the lifecycle events; a deployment that has just been created has no target yet."""
    try:
        ids = clients.codedeploy.list_deployment_targets(deploymentId=deployment).get("targetIds", [])
        if not ids:
            return ()
        answer = clients.codedeploy.batch_get_deployment_targets(deploymentId=deployment, targetIds=ids[:1])
    except ClientError as error:
        if code_of(error) not in {"DeploymentNotStartedException", "DeploymentTargetDoesNotExistException"}:
            raise
        return ()
    return events_of(answer.get("deploymentTargets", []))

"""Amazon ECS itself as the engine of a stage's releases.

Source: UpdateService, ListServiceDeployments, DescribeServiceDeployments, DescribeServiceRevisions and
StopServiceDeployment, Amazon ECS API Reference; "Amazon ECS blue/green deployments", Developer Guide.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from botocore.exceptions import ClientError

from release.aws_errors import code_of
from release.clients import Clients
from release.deployment import Deployment
from release.ecs_reading import ASKED_BACK, UNFINISHED, deployment_of, stages_of
from release.errors import Refused
from release.paging import listed, portions
from release.patience import Patient
from release.release_id import begun
from release.stage_facts import Stage

if TYPE_CHECKING:
    from mypy_boto3_ecs.literals import ServiceDeploymentStatusType
    from mypy_boto3_ecs.type_defs import (
        ListServiceDeploymentsRequestTypeDef,
        ListServiceDeploymentsResponseTypeDef,
        ServiceDeploymentBriefTypeDef,
        ServiceDeploymentTypeDef,
    )

_AT_ONCE: Final = 20
"""Service deployments, or revisions, that are described at once (Amazon ECS API Reference)."""
_PAGE: Final = 100
_SKEW: Final = timedelta(days=1)
"""How far this machine's clock and AWS's may be apart when a deployment is looked for by its time."""


class EcsEngine:
    """One service deployment at a time. A release's is the one that rolls its own revision out."""

    name = "ecs"

    def __init__(self, ask: Patient, stage: Stage) -> None:
        self._ask = ask
        self._stage = stage
        self._task_definitions: dict[str, str] = {}
        """Task definition of each service revision that was looked up; neither ever changes."""
        self._forward: dict[str, str] = {}
        """The last lifecycle stage at which each deployment was seen on its way forward."""
        self._stopped: set[str] = set()
        """The deployments that somebody was seen to stop."""

    def running(self) -> Sequence[Deployment]:
        """Return the deployments of the service that have not ended, whoever began them."""
        found = self._ask.ask(lambda clients: self._list(clients, statuses=UNFINISHED))
        return tuple(self.look(item["serviceDeploymentArn"]) for item in found)

    def find(self, *, task_definition: str, release: str) -> str | None:
        """Return the ARN of the service deployment that rolls out the revision of a release."""
        return self._ask.ask(lambda clients: self._found(clients, task_definition, release))

    def begin(self, *, task_definition: str, release: str, past_alarms: bool = False) -> str:
        """Have the service take the revision, unless it was told before; return the deployment's ARN.

        Telling it twice is telling it once: ECS begins nothing for what the service has already. An alarm
        that is red when a deployment begins is ignored for as long as that lasts (Amazon ECS Developer Guide,
        "How CloudWatch alarms detect Amazon ECS deployment failures"), so there is nothing to get past.

        Raises:
            Refused: another deployment runs.
        """
        del past_alarms
        if found := self.find(task_definition=task_definition, release=release):
            return found
        self._refuse_second()
        self._ask.ask(
            lambda clients: clients.ecs.update_service(
                cluster=self._stage.cluster, service=self._stage.service, taskDefinition=task_definition
            )
        )
        return self._ask.until(
            lambda clients: self._found(clients, task_definition, release),
            f"ECS took {task_definition} and shows no deployment of it",
        )

    def look(self, deployment: str) -> Deployment:
        """Return how it stands; ECS's own way back is told as one."""
        found = self._ask.ask(lambda clients: self._described(clients, deployment))
        if (at := found.get("lifecycleStage")) and not found.get("rollback"):
            self._forward[deployment] = at
        if found["status"] in ASKED_BACK:
            self._stopped.add(deployment)
        return deployment_of(
            found,
            self._task_definitions.get(found["targetServiceRevision"]["arn"], ""),
            stages=stages_of(self._stage.settings.release),
            forward=self._forward.get(deployment, ""),
            stopped=deployment in self._stopped,
        )

    def stop(self, deployment: str) -> None:
        """Stop it and have traffic go back; one that has ended stays as it is."""
        try:
            self._ask.ask(
                lambda clients: clients.ecs.stop_service_deployment(
                    serviceDeploymentArn=deployment, stopType="ROLLBACK"
                )
            )
        except ClientError as error:
            if code_of(error) != "ConflictException" and not self.look(deployment).state.ended:
                raise
        else:
            self._stopped.add(deployment)

    def _refuse_second(self) -> None:
        if running := self.running():
            names = ", ".join(f"{item.id.rpartition('/')[2]} ({item.status})" for item in running)
            reason = (
                f"ECS already deploys to stage {self._stage.name}: {names}. "
                "Wait for it, or stop it, and release again."
            )
            raise Refused([reason])

    def _list(
        self,
        clients: Clients,
        *,
        statuses: "Sequence[ServiceDeploymentStatusType]" = (),
        since: datetime | None = None,
    ) -> "list[ServiceDeploymentBriefTypeDef]":
        asked: ListServiceDeploymentsRequestTypeDef = {
            "cluster": self._stage.cluster,
            "service": self._stage.service_arn,
            "maxResults": _PAGE,
        }
        if statuses:
            asked["status"] = list(statuses)
        if since:
            asked["createdAt"] = {"after": since}
        return listed(_pages(clients, asked), "serviceDeployments")

    def _found(self, clients: Clients, task_definition: str, release: str) -> str | None:
        """Return the first deployment of a revision that was begun since the release was."""
        since = begun(release) - _SKEW
        recent = [item for item in self._list(clients, since=since) if item["createdAt"] >= since]
        self._learn(clients, [item["targetServiceRevisionArn"] for item in recent])
        mine = [
            item
            for item in recent
            if self._task_definitions.get(item["targetServiceRevisionArn"]) == task_definition
        ]
        return min(mine, key=lambda item: item["createdAt"])["serviceDeploymentArn"] if mine else None

    def _described(self, clients: Clients, deployment: str) -> "ServiceDeploymentTypeDef":
        answer = clients.ecs.describe_service_deployments(serviceDeploymentArns=[deployment])
        if not answer["serviceDeployments"]:
            raise Refused([f"ECS knows no service deployment {deployment}: it keeps them for 90 days."])
        found = answer["serviceDeployments"][0]
        self._learn(clients, [found["targetServiceRevision"]["arn"]])
        return found

    def _learn(self, clients: Clients, revisions: Sequence[str]) -> None:
        """Look up the task definitions of the revisions that are not known yet."""
        unknown = sorted(set(revisions) - set(self._task_definitions))
        for arns in portions(unknown, _AT_ONCE):
            answer = clients.ecs.describe_service_revisions(serviceRevisionArns=list(arns))
            for item in answer["serviceRevisions"]:
                self._task_definitions[item["serviceRevisionArn"]] = item["taskDefinition"]


def _pages(
    clients: Clients, asked: "ListServiceDeploymentsRequestTypeDef"
) -> "Iterator[ListServiceDeploymentsResponseTypeDef]":
    """Yield the pages of ListServiceDeployments, for which botocore has no paginator."""
    while True:
        page = clients.ecs.list_service_deployments(**asked)
        yield page
        if not (token := page.get("nextToken")):
            return
        asked["nextToken"] = token

"""What CreateService and UpdateService reach: every deployment begins here, and takes the place of the last.

Amazon ECS Developer Guide, "View service history using Amazon ECS service deployments": a deployment begins
when a service is created, when a property that needs one is changed, and when a new deployment is forced. One
that is under way then is stopped for it; the new one rolls back to the revision that was completed last.
"""

from datetime import datetime
from typing import Final

from rehearsal.aws.ecs.model import Deployment, Document, Service, new_id
from rehearsal.aws.launch import Launch
from rehearsal.aws.original import Moto, cloudwatch
from rehearsal.ecs import messages, planning, traffic
from rehearsal.ecs.control import Control
from rehearsal.ecs.description import revision_summary
from rehearsal.ecs.news import News
from rehearsal.ecs.records import Records, Revision, ServiceDeployment, deployment_arn, revision_arn
from rehearsal.ecs.runner import Runner
from rehearsal.ecs.state import Status, Stop, Superseded
from rehearsal.isolation import ACCOUNT, REGION

_RELEASE_TAG: Final = "switchyard:release"
_PATIENCE: Final = 3 * 3600.0
"""AWS's seconds for which CloudFormation waits for a service to become stable."""


class Deployer:
    """The engine behind services with the controller ECS; called with the store's lock held."""

    def __init__(self, launch: Launch) -> None:
        self.records = Records()
        self._launch = launch
        self._control = Control(launch)
        self._news = News(launch, self._control)
        self._runners: dict[str, Runner] = {}
        """The newest runner of each service."""

    def created(self, kept: Moto, service: Service) -> None:
        """Begin the first deployment of a service."""
        self.records.forget(service.arn)
        self._runners.pop(service.arn, None)
        self._begin(kept, service, service.task_definition)

    def updated(self, kept: Moto, service: Service, revision: str) -> None:
        """Begin a deployment of a task definition's revision, in the place of one that is under way."""
        self._begin(kept, service, revision)

    def more(self, kept: Moto, service: Service) -> Document:
        """Return what DescribeServices says of deployments and revisions beside the tasks."""
        deployments = self.records.of(service.arn).deployments
        if not deployments:
            return {}
        newest = deployments[-1]
        ended = newest.state.status.ended
        revisions = [newest.target] if ended or newest.source is None else [newest.target, newest.source]
        if ended and newest.state.back_since is not None and newest.source is not None:
            revisions = [newest.source]
        return {
            "currentServiceDeployment": newest.arn,
            "currentServiceRevisions": [revision_summary(kept, service, item) for item in revisions],
        }

    def settled(self, service: Service, since: datetime) -> str:
        """Wait for a deployment's end, as long as CloudFormation does; return why it failed, or nothing."""
        runner = self._runners.get(service.arn)
        if runner is None or runner.deployment.created_at < since:
            return ""
        runner.join(self._launch.clock.real(_PATIENCE))
        state = runner.deployment.state
        if not state.status.ended:
            return "Exceeded attempts to wait: the service did not become stable."
        return "" if state.status is Status.SUCCESSFUL else state.reason

    def stop(self, deployment: ServiceDeployment, *, rollback: bool) -> None:
        """Stop a deployment that is under way."""
        runner = self._runners[deployment.service.arn]
        if runner.deployment is deployment:
            runner.happen(Stop(rollback))

    def _begin(self, kept: Moto, service: Service, task_definition: str) -> None:
        history = self.records.of(service.arn)
        before = self._runners.get(service.arn)
        if before is not None:
            before.happen(Superseded(messages.SUPERSEDED))
        source = history.completed
        spared = None if source is None else source.fleet
        left = [item for item in service.deployments if item is not spared and item.status != "DRAINING"]
        target = self._revision(service, source, task_definition)
        history.revisions.append(target)
        configuration = dict(service.asked.get("deploymentConfiguration", {}))
        deployment = ServiceDeployment(
            arn=deployment_arn(service),
            service=service,
            source=source,
            target=target,
            plan=planning.plan(
                configuration,
                returns=source is not None,
                reconciles=bool(left),
                alarm_bake=_alarm_bake(configuration),
                real=self._launch.clock.real,
            ),
            configuration=configuration,
            release=_release(kept, task_definition),
        )
        history.deployments.append(deployment)
        self._announce(service, target)
        runner = Runner(
            deployment,
            launch=self._launch,
            records=self.records,
            control=self._control,
            news=self._news,
            after=before,
        )
        self._runners[service.arn] = runner
        runner.start()

    def _revision(self, service: Service, source: Revision | None, task_definition: str) -> Revision:
        """Return a new revision, whose tasks go to the target group that the source's are not in."""
        asked = service.asked.get("loadBalancers", [])
        taken = [] if source is None else source.fleet.asked.get("loadBalancers", [])
        placed = {"loadBalancers": traffic.placed(asked, taken)} if asked else {}
        fleet = Deployment(
            id=new_id(),
            task_definition=task_definition,
            asked={**service.asked, **placed},
            wanted=0,
            rollout_state="IN_PROGRESS",
        )
        return Revision(
            arn=revision_arn(service),
            service_arn=service.arn,
            cluster_arn=service.cluster_arn,
            fleet=fleet,
            load_balancers=list(asked),
        )

    def _announce(self, service: Service, target: Revision) -> None:
        """Show the new revision as the primary deployment, although nothing of it runs yet."""
        for other in service.deployments:
            if other.status == "PRIMARY":
                other.status = "ACTIVE"
        service.deployments.insert(0, target.fleet)
        service.task_definition = target.fleet.task_definition


def _release(kept: Moto, task_definition: str) -> str:
    """Return the release that registered a revision; empty when none did."""
    tags = {tag["key"]: tag["value"] for tag in kept.describe_task_definition(task_definition).tags or []}
    return str(tags.get(_RELEASE_TAG, ""))


def _alarm_bake(configuration: Document) -> float:
    """Return AWS's seconds in which each of a configuration's alarms could have turned red."""
    alarms = cloudwatch.cloudwatch_backends[ACCOUNT][REGION].alarms
    names = configuration.get("alarms", {}).get("alarmNames", ())
    found = [alarms[name] for name in names if name in alarms]
    return float(max((_period(alarm) * (alarm.evaluation_periods or 0) for alarm in found), default=0))


def _period(alarm: Moto) -> int:
    """Return the longest period of an alarm's metrics in seconds."""
    queries = alarm.metric_data_queries or []
    stats = [query.metric_stat for query in queries if query.metric_stat is not None]
    return int(max([alarm.period or 0, *(stat.period or 0 for stat in stats)]))

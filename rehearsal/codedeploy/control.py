"""What a deployment does to the control plane, one command at a time; every one may be given twice.

AWS CodeDeploy User Guide, "Deployments on an Amazon ECS compute platform": the target group of the service's
PRIMARY task set is the original's, the other one of the pair is the replacement's. Without its own value in
the AppSpec, the replacement has the service's network, capacity and platform version ("AppSpec 'resources'
section").
"""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from rehearsal.codedeploy import planning, refused
from rehearsal.codedeploy.clients import Clients
from rehearsal.codedeploy.errors import Unusable
from rehearsal.codedeploy.listeners import Listeners
from rehearsal.codedeploy.scene import Place, Scene
from rehearsal.codedeploy.service import Counts
from rehearsal.codedeploy.state import Command, Create, Invoke, Move, MoveTest, Promote, Remove, Side
from rehearsal.codedeploy.store import Deployment
from rehearsal.codedeploy.targets import execution_id

if TYPE_CHECKING:
    from mypy_boto3_ecs.type_defs import ServiceTypeDef

_ALL: Final = 100
_STEADY: Final = "STEADY_STATE"


class Control:
    """Carries commands out."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients
        self._listeners = Listeners(clients)

    def look(self, deployment: Deployment) -> Scene:
        """Find the two sides of a deployment that is beginning.

        Raises:
            Unusable: The service is not there, has no primary task set, or its listener leads elsewhere.
        """
        with refused.as_("ECS_UPDATE_ERROR", refused.ECS):
            service = self._service(deployment.service)
        with refused.as_("ELASTIC_LOAD_BALANCING_INVALID", refused.ELB):
            scene = self._scene(deployment, service)
            groups = self._listeners.groups_behind(scene.production)
        if scene.original.target_group not in groups:
            raise Unusable(
                "ELASTIC_LOAD_BALANCING_INVALID",
                "The ELB could not be updated due to the following error: Primary taskset target group must "
                "be behind listener",
            )
        return scene

    def carry_out(self, command: Command, deployment: Deployment, scene: Scene) -> Scene:
        """Do what a deployment wants, and return its scene as it is then.

        Raises:
            Unusable: The control plane has refused it for good.
        """
        match command:
            case Create():
                with refused.as_("ECS_UPDATE_ERROR", refused.ECS):
                    return self._create(deployment, scene)
            case Invoke(event, function):
                with refused.function(function):
                    self._invoke(function, deployment.id, event)
            case Move(percent):
                with refused.as_("ELASTIC_LOAD_BALANCING_INVALID", refused.ELB):
                    self._listeners.move(scene, percent)
            case MoveTest(side):
                with refused.as_("ELASTIC_LOAD_BALANCING_INVALID", refused.ELB):
                    self._listeners.move_test(scene, side)
            case Promote(side):
                with refused.as_("ECS_UPDATE_ERROR", refused.ECS):
                    self._promote(scene, side)
            case Remove(side):
                with refused.as_("ECS_UPDATE_ERROR", refused.ECS):
                    self._remove(scene, side)
        return scene

    def is_steady(self, scene: Scene) -> bool | None:
        """Return whether all tasks of the replacement run and are healthy, or None when ECS does not say."""
        try:
            found = self._clients.ecs.describe_task_sets(
                cluster=scene.cluster, service=scene.service, taskSets=[scene.replacement.task_set]
            )["taskSets"]
        except (BotoCoreError, ClientError):
            return None
        return bool(found) and all(
            item["stabilityStatus"] == _STEADY and item["runningCount"] >= item["computedDesiredCount"]
            for item in found
        )

    def changes(self) -> int | None:
        """Return how many changes the control plane has seen, or None when it does not say."""
        return self._clients.changes()

    def active_alarms(self, names: tuple[str, ...]) -> tuple[str, ...] | None:
        """Return which alarms are red, or None when CloudWatch does not say."""
        try:
            answer = self._clients.cloudwatch.describe_alarms(
                AlarmNames=list(names), AlarmTypes=["MetricAlarm", "CompositeAlarm"]
            )
        except (BotoCoreError, ClientError):
            return None
        found = [*answer.get("MetricAlarms", []), *answer.get("CompositeAlarms", [])]
        red = {str(alarm["AlarmName"]) for alarm in found if alarm["StateValue"] == "ALARM"}
        return tuple(name for name in names if name in red)

    def task_sets(self, scene: Scene) -> tuple[Counts, ...]:
        """Describe the task sets of a scene's service; nothing when ECS does not answer."""
        try:
            services = self._clients.ecs.describe_services(cluster=scene.cluster, services=[scene.service])
        except (BotoCoreError, ClientError):
            return ()
        return tuple(
            Counts(
                id=item["id"],
                arn=item["taskSetArn"],
                status=item["status"],
                desired=item.get("computedDesiredCount", 0),
                pending=item.get("pendingCount", 0),
                running=item.get("runningCount", 0),
            )
            for service in services["services"]
            for item in service.get("taskSets", [])
        )

    def _service(self, named: Mapping[str, Any]) -> "ServiceTypeDef":
        found = self._clients.patiently(
            lambda: self._clients.ecs.describe_services(
                cluster=named["clusterName"], services=[named["serviceName"]]
            )
        )["services"]
        if not found or found[0]["status"] != "ACTIVE":
            raise Unusable("INVALID_ECS_SERVICE", "The ECS service of the deployment group is not active.")
        if found[0].get("deploymentController", {}).get("type") != "CODE_DEPLOY":
            raise Unusable(
                "INVALID_ECS_SERVICE", "The ECS service's deployment controller is not CODE_DEPLOY."
            )
        return found[0]

    def _scene(self, deployment: Deployment, service: "ServiceTypeDef") -> Scene:
        pair = deployment.settings["loadBalancerInfo"]["targetGroupPairInfoList"][0]
        names = [group["name"] for group in pair["targetGroups"]]
        described = self._clients.patiently(lambda: self._clients.elbv2.describe_target_groups(Names=names))
        groups = [group["TargetGroupArn"] for group in described["TargetGroups"]]
        primary = next((item for item in service.get("taskSets", []) if item["status"] == "PRIMARY"), None)
        if primary is None:
            raise Unusable("INVALID_ECS_SERVICE", "The ECS service has no primary task set.")
        balancers = primary.get("loadBalancers") or service.get("loadBalancers", [])
        live = next(
            (item["targetGroupArn"] for item in balancers if item.get("targetGroupArn") in groups), ""
        )
        if not live:
            raise Unusable(
                "INVALID_ECS_SERVICE",
                "The primary task set is in neither target group of the deployment group.",
            )
        return Scene(
            cluster=service["clusterArn"],
            service=service["serviceArn"],
            production=pair["prodTrafficRoute"]["listenerArns"][0],
            test=planning.test_listener(deployment.settings),
            original=Place(task_set=primary["taskSetArn"], target_group=live),
            replacement=Place(task_set="", target_group=next(arn for arn in groups if arn != live)),
        )

    def _create(self, deployment: Deployment, scene: Scene) -> Scene:
        service = self._service(deployment.service)
        appspec = deployment.appspec
        asked: dict[str, Any] = {
            "networkConfiguration": appspec.network or service.get("networkConfiguration"),
            "platformVersion": appspec.platform_version or service.get("platformVersion"),
        }
        capacity = appspec.capacity or service.get("capacityProviderStrategy")
        if capacity:
            asked["capacityProviderStrategy"] = capacity
        else:
            asked["launchType"] = service.get("launchType", "FARGATE")
        balancer = {
            "targetGroupArn": scene.replacement.target_group,
            "containerName": appspec.container,
            "containerPort": appspec.port,
        }
        made = self._clients.patiently(
            lambda: self._clients.ecs.create_task_set(
                cluster=scene.cluster,
                service=scene.service,
                externalId=deployment.id,
                clientToken=deployment.id,
                taskDefinition=appspec.task_definition,
                loadBalancers=[balancer],  # type: ignore[list-item]
                scale={"unit": "PERCENT", "value": float(_ALL)},
                **{name: value for name, value in asked.items() if value},
            )
        )["taskSet"]
        return replace(scene, replacement=replace(scene.replacement, task_set=made["taskSetArn"]))

    def _invoke(self, function: str, deployment: str, event: str) -> None:
        payload = {
            "DeploymentId": deployment,
            "LifecycleEventHookExecutionId": execution_id(deployment, event),
        }
        self._clients.patiently(
            lambda: self._clients.functions.invoke(
                FunctionName=function, InvocationType="Event", Payload=json.dumps(payload).encode()
            )
        )

    def _promote(self, scene: Scene, side: Side) -> None:
        place = scene.at(side)
        self._clients.patiently(
            lambda: self._clients.ecs.update_service_primary_task_set(
                cluster=scene.cluster, service=scene.service, primaryTaskSet=place.task_set
            )
        )

    def _remove(self, scene: Scene, side: Side) -> None:
        place = scene.at(side)
        if not place.task_set:
            return
        try:
            self._clients.patiently(
                lambda: self._clients.ecs.delete_task_set(
                    cluster=scene.cluster, service=scene.service, taskSet=place.task_set, force=True
                )
            )
        except self._clients.ecs.exceptions.TaskSetNotFoundException:
            return

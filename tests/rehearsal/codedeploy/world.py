"""A service under CODE_DEPLOY with its deployment group, and an agent that stands in for the region."""

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final
from urllib.error import HTTPError

from botocore.exceptions import ClientError

from tests.rehearsal.aws.estate import Estate
from tests.rehearsal.planes import until

if TYPE_CHECKING:
    from mypy_boto3_codedeploy import CodeDeployClient

SPEED: Final = 900.0
"""AWS's hour takes four seconds."""
ENDED: Final = frozenset({"Succeeded", "Failed", "Stopped"})
EVENTS: Final = (
    "BeforeInstall",
    "Install",
    "AfterInstall",
    "AllowTestTraffic",
    "AfterAllowTestTraffic",
    "BeforeAllowTraffic",
    "AllowTraffic",
    "AfterAllowTraffic",
)


def appspec(revision: str, **hooks: str) -> str:
    """Return the AppSpec of a revision."""
    properties = {
        "TaskDefinition": revision,
        "LoadBalancerInfo": {"ContainerName": "service", "ContainerPort": 8080},
    }
    return json.dumps(
        {
            "version": 0.0,
            "Resources": [{"TargetService": {"Type": "AWS::ECS::Service", "Properties": properties}}],
            "Hooks": [{event: function} for event, function in hooks.items()],
        }
    )


@dataclass
class World:
    """An estate, its CodeDeploy names and a client."""

    estate: Estate
    codedeploy: "CodeDeployClient"
    test_listener: str = field(init=False)
    first: str = field(init=False)
    """The revision that runs at the beginning."""

    def __post_init__(self) -> None:
        """Create the test listener, the service, the application and its group."""
        estate = self.estate
        self.test_listener = estate.plane.elbv2.create_listener(
            LoadBalancerArn=estate.balancer,
            Port=9000,
            Protocol="HTTP",
            DefaultActions=[{"Type": "forward", "TargetGroupArn": estate.groups["green"]}],
        )["Listeners"][0]["ListenerArn"]
        self.first = estate.create()["taskDefinition"]
        self.codedeploy.create_application(applicationName=estate.name, computePlatform="ECS")
        self.codedeploy.create_deployment_group(**self.group())

    def group(self, **changes: object) -> Any:  # noqa: ANN401 - the request's own shape
        """Return the request for the deployment group, as the CDK's template has it."""
        estate = self.estate
        names = [{"name": arn.split("/")[1]} for arn in estate.groups.values()]
        pair = {
            "targetGroups": names,
            "prodTrafficRoute": {"listenerArns": [estate.listener]},
            "testTrafficRoute": {"listenerArns": [self.test_listener]},
        }
        return {
            "applicationName": estate.name,
            "deploymentGroupName": estate.name,
            "serviceRoleArn": "arn:aws:iam::123456789012:role/deploys",
            "deploymentConfigName": "CodeDeployDefault.ECSCanary10Percent5Minutes",
            "ecsServices": [{"clusterName": estate.name, "serviceName": "service"}],
            "deploymentStyle": {
                "deploymentType": "BLUE_GREEN",
                "deploymentOption": "WITH_TRAFFIC_CONTROL",
            },
            "loadBalancerInfo": {"targetGroupPairInfoList": [pair]},
            "autoRollbackConfiguration": {
                "enabled": True,
                "events": ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM", "DEPLOYMENT_STOP_ON_REQUEST"],
            },
            "blueGreenDeploymentConfiguration": {
                "terminateBlueInstancesOnDeploymentSuccess": {
                    "action": "TERMINATE",
                    "terminationWaitTimeInMinutes": 10,
                },
                "deploymentReadyOption": {"actionOnTimeout": "CONTINUE_DEPLOYMENT", "waitTimeInMinutes": 0},
            },
            **changes,
        }

    def change_group(self, **changes: object) -> None:
        """Update the deployment group."""
        name = self.estate.name
        request: Any = {"applicationName": name, "currentDeploymentGroupName": name, **changes}
        self.codedeploy.update_deployment_group(**request)

    def deploy(self, revision: str = "", *, hooks: Mapping[str, str] = {}, **more: object) -> str:
        """Begin a deployment, of a new revision by default, and return its id."""
        text = appspec(revision or self.estate.register(), **hooks)
        request: Any = {
            "applicationName": self.estate.name,
            "deploymentGroupName": self.estate.name,
            "revision": {"revisionType": "AppSpecContent", "appSpecContent": {"content": text}},
            **more,
        }
        return self.codedeploy.create_deployment(**request)["deploymentId"]

    def slow_canary(self) -> str:
        """Return a configuration that gives four seconds for whatever shall happen in the middle."""
        name = f"slow-{self.estate.name}"
        self.codedeploy.create_deployment_config(
            deploymentConfigName=name,
            computePlatform="ECS",
            trafficRoutingConfig={
                "type": "TimeBasedCanary",
                "timeBasedCanary": {"canaryPercentage": 10, "canaryInterval": 60},
            },
        )
        return name

    def info(self, deployment: str) -> Any:  # noqa: ANN401 - compared as it is
        """Return what GetDeployment says."""
        return self.codedeploy.get_deployment(deploymentId=deployment)["deploymentInfo"]

    def ended(self, deployment: str, *, within: float = 8.0) -> Any:  # noqa: ANN401 - compared as it is
        """Wait for a deployment's end, and return what GetDeployment says then."""
        until(lambda: self.info(deployment)["status"] in ENDED, within=within)
        return self.info(deployment)

    def target(self, deployment: str) -> Any:  # noqa: ANN401 - compared as it is
        """Return the deployment's one target."""
        found = self.codedeploy.get_deployment_target(
            deploymentId=deployment, targetId=f"{self.estate.name}:service"
        )
        return found["deploymentTarget"]["ecsTarget"]

    def events(self, deployment: str) -> dict[str, str]:
        """Return the lifecycle events with their status."""
        return {
            event["lifecycleEventName"]: event["status"]
            for event in self.target(deployment)["lifecycleEvents"]
        }

    def weights(self, listener: str = "") -> dict[str, int]:
        """Return where a listener leads, by colour; the production listener by default."""
        colours = {arn: colour for colour, arn in self.estate.groups.items()}
        found = self.estate.plane.elbv2.describe_listeners(ListenerArns=[listener or self.estate.listener])
        action: Any = found["Listeners"][0]["DefaultActions"][0]
        groups = action.get("ForwardConfig", {}).get("TargetGroups")
        groups = groups or [{"TargetGroupArn": action["TargetGroupArn"], "Weight": 100}]
        return {colours[group["TargetGroupArn"]]: group["Weight"] for group in groups}

    def task_sets(self) -> list[tuple[str, str, str]]:
        """Return the task sets that are not draining: status, external id, revision."""
        return sorted(
            (item["status"], item.get("externalId", ""), item["taskDefinition"])
            for item in self.estate.service().get("taskSets", [])
            if item["status"] != "DRAINING"
        )

    def _start(self, fleet: str, colour: str, *, healthy: bool) -> None:
        if healthy:
            self.estate.run(fleet, colour)
            return
        task, place = self.estate.start(fleet), self.estate.address(self.estate._tasks)
        target: Any = {"Id": place, "Port": 8080}
        group = self.estate.groups[colour]
        self.estate.plane.elbv2.register_targets(TargetGroupArn=group, Targets=[target])
        self.estate.judge(colour, f"{place}:8080", "unhealthy", reason="Target.FailedHealthChecks")
        self.estate.tell("task-health", {"task": task, "container": "service", "health": "HEALTHY"})
        self.estate.report(task, "RUNNING")

    def _still_wants(self, fleet: str) -> bool:
        return any(found["id"] == fleet and found["count"] for found in self.estate.fleets())

    @contextmanager
    def tasks(self, *, sick: str = "") -> Iterator[None]:
        """Let every fleet have its tasks at once, for as long as the context lasts.

        They run and are healthy, save to the load balancer those in the target group of the colour `sick`.
        """
        done = threading.Event()
        started: dict[str, int] = {}

        def work() -> None:
            while not done.wait(0.05):
                for fleet in self.estate.fleets():
                    if fleet["service"].split("/")[1] != self.estate.name:
                        continue
                    group = fleet["targetGroups"][0]["arn"]
                    colour = next(name for name, arn in self.estate.groups.items() if arn == group)
                    while started.setdefault(fleet["id"], 0) < fleet["count"]:
                        try:
                            self._start(fleet["id"], colour, healthy=colour != sick)
                        except (HTTPError, ClientError) as error:
                            if isinstance(error, HTTPError):
                                error.close()
                            if self._still_wants(fleet["id"]):
                                raise
                            break  # its task set was deleted meanwhile
                        started[fleet["id"]] += 1

        thread = threading.Thread(target=work)
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()

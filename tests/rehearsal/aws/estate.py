"""A service behind a load balancer, and an agent that reports what its tasks do."""

import json
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from rehearsal.control_plane import ControlPlane

CONTAINER = {
    "name": "service",
    "image": "registry.example/switchyard@sha256:" + "1" * 64,
    "portMappings": [{"containerPort": 8080}],
    "healthCheck": {"command": ["CMD", "true"]},
}
REVISION: Mapping[str, Any] = {
    "containerDefinitions": [CONTAINER],
    "networkMode": "awsvpc",
    "requiresCompatibilities": ["FARGATE"],
    "cpu": "256",
    "memory": "512",
    "runtimePlatform": {"cpuArchitecture": "ARM64", "operatingSystemFamily": "LINUX"},
}


@dataclass
class Estate:
    """A cluster, two target groups of which blue has a listener, and one service."""

    plane: ControlPlane
    name: str
    vpc: str
    subnets: Sequence[str]
    groups: dict[str, str] = field(init=False)
    balancer: str = field(init=False)
    listener: str = field(init=False)
    _tasks: int = 0

    def __post_init__(self) -> None:
        """Create all but the service."""
        elbv2 = self.plane.elbv2
        balancers = elbv2.create_load_balancer(Name=self.name, Subnets=self.subnets)["LoadBalancers"]
        self.balancer = balancers[0]["LoadBalancerArn"]
        self.groups = {colour: self._group(colour) for colour in ("blue", "green")}
        self.listener = elbv2.create_listener(
            LoadBalancerArn=self.balancer,
            Port=80,
            Protocol="HTTP",
            DefaultActions=[{"Type": "forward", "TargetGroupArn": self.groups["blue"]}],
        )["Listeners"][0]["ListenerArn"]
        self.plane.ecs.create_cluster(clusterName=self.name)
        self.register()

    def _group(self, colour: str) -> str:
        elbv2 = self.plane.elbv2
        made = elbv2.create_target_group(
            Name=f"{self.name[-20:]}-{colour}", Port=8080, Protocol="HTTP", TargetType="ip", VpcId=self.vpc
        )["TargetGroups"][0]["TargetGroupArn"]
        delay: Any = [{"Key": "deregistration_delay.timeout_seconds", "Value": "30"}]
        elbv2.modify_target_group_attributes(TargetGroupArn=made, Attributes=delay)
        return made

    def register(self, **properties: object) -> str:
        """Register the next revision."""
        asked: Any = {**REVISION, "family": self.name, **properties}
        return self.plane.ecs.register_task_definition(**asked)["taskDefinition"]["taskDefinitionArn"]

    def balancing(self, colour: str) -> list[Any]:
        """Return what a service or task set says of a target group."""
        return [{"targetGroupArn": self.groups[colour], "containerName": "service", "containerPort": 8080}]

    def create(self, controller: str = "CODE_DEPLOY", **properties: object) -> Mapping[str, Any]:
        """Create the service."""
        asked: Any = {
            "cluster": self.name,
            "serviceName": "service",
            "taskDefinition": self.name,
            "loadBalancers": self.balancing("blue"),
            "launchType": "FARGATE",
            "networkConfiguration": {"awsvpcConfiguration": {"subnets": self.subnets}},
            "deploymentController": {"type": controller},
            "desiredCount": 2,
            **properties,
        }
        given = {name: value for name, value in asked.items() if value is not None}
        return self.plane.ecs.create_service(**given)["service"]

    def service(self, **more: Any) -> Mapping[str, Any]:  # noqa: ANN401 - whatever DescribeServices takes
        """Return what DescribeServices says."""
        found = self.plane.ecs.describe_services(cluster=self.name, services=["service"], **more)
        return found["services"][0]

    def create_set(self, **properties: object) -> Mapping[str, Any]:
        """Create a task set behind green."""
        asked: Any = {
            "cluster": self.name,
            "service": "service",
            "taskDefinition": self.name,
            "loadBalancers": self.balancing("green"),
            "scale": {"unit": "PERCENT", "value": 100},
            **properties,
        }
        return self.plane.ecs.create_task_set(**asked)["taskSet"]

    def set(self, id_: str) -> Mapping[str, Any]:
        """Return what DescribeTaskSets says of one."""
        return self.plane.ecs.describe_task_sets(cluster=self.name, service="service", taskSets=[id_])[
            "taskSets"
        ][0]

    def fleets(self) -> list[Mapping[str, Any]]:
        """Return the fleets of this service."""
        found = self.ask("fleets")["fleets"]
        return [fleet for fleet in found if f"/{self.name}/" in fleet["service"]]

    def start(self, fleet: str) -> str:
        """Start a task for a fleet, as the region does, and return its ARN."""
        self._tasks += 1
        return str(self.tell("tasks", {"fleet": fleet, "address": self.address(self._tasks)})["taskArn"])

    def address(self, number: int) -> str:
        """Return the address of the task that was started as this one."""
        return f"127.9.0.{number}"

    def run(self, fleet: str, colour: str) -> str:
        """Start a task and report it running and healthy, everywhere."""
        task, place = self.start(fleet), self.address(self._tasks)
        self.report(task, "RUNNING")
        self.tell("task-health", {"task": task, "container": "service", "health": "HEALTHY"})
        target: Any = {"Id": place, "Port": 8080}
        self.plane.elbv2.register_targets(TargetGroupArn=self.groups[colour], Targets=[target])
        self.judge(colour, f"{place}:8080", "healthy")
        return task

    def report(self, task: str, status: str, because: str = "", /, **container: object) -> None:
        """Report a task's state, as its agent does."""
        containers: Any = [{"containerName": "service", "status": status, **container}]
        self.plane.ecs.submit_task_state_change(
            cluster=self.name, task=task, status=status, reason=because, containers=containers
        )

    def judge(self, colour: str, target: str, state: str, **more: str) -> None:
        """Tell the health of a target, as the load balancer does."""
        self.tell("target-health", {self.groups[colour]: {target: {"state": state, **more}}})

    def task(self, arn: str) -> Mapping[str, Any]:
        """Return what DescribeTasks says of one."""
        return self.plane.ecs.describe_tasks(cluster=self.name, tasks=[arn])["tasks"][0]

    def health(self, colour: str) -> list[tuple[str, Mapping[str, Any]]]:
        """Return what DescribeTargetHealth says of each target, by address."""
        found = self.plane.elbv2.describe_target_health(TargetGroupArn=self.groups[colour])
        return [(item["Target"]["Id"], item["TargetHealth"]) for item in found["TargetHealthDescriptions"]]

    def ask(self, route: str) -> Any:  # noqa: ANN401 - a document
        """Ask a private route."""
        return _send(f"{self.plane.endpoint}/rehearsal/{route}", None)

    def tell(self, route: str, document: object) -> Any:  # noqa: ANN401 - a document
        """Tell a private route something."""
        return _send(f"{self.plane.endpoint}/rehearsal/{route}", document)


def _send(url: str, document: object) -> Any:  # noqa: ANN401 - a document
    body = None if document is None else json.dumps(document).encode()
    request = urllib.request.Request(  # noqa: S310 - our own
        url, data=body, method="GET" if body is None else "PUT", headers={"Content-Type": "application/json"}
    )
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request, timeout=10) as answer:
        return json.load(answer)

"""A region on a control plane of its own: what is registered there, and what answers."""

import contextlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, Final

from rehearsal import addresses, image
from rehearsal.addresses import Subnet, unprivileged
from rehearsal.control_plane import ControlPlane
from rehearsal.processes import Program
from rehearsal.timeline import Timeline
from rehearsal.web import Answer, get
from tests.rehearsal import planes

ROOT: Final = Path(__file__).resolve().parents[3]
SPEED: Final = 30.0
CLUSTER: Final = "harbour"
PORT: Final = 80
PATIENCE: Final = 40.0
SMALL: Final = (Path(__file__).parent / "small_service.py").read_bytes()
_CHECK: Final = "import urllib.request as r; r.urlopen('http://127.0.0.1:8080/health/live', timeout=3)"


until = partial(planes.until, within=PATIENCE, rest=0.15)
"""Waits until something is true, and returns it."""


@dataclass
class World:
    """A load balancer with two colours, a service, and the region that plays them."""

    plane: ControlPlane
    subnet: Subnet
    folder: Path
    region: Program
    balancer: str
    groups: dict[str, str]
    listeners: dict[str, str]
    family: str
    digests: dict[str, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        """Where the production listener stands."""
        return self.subnet.url(PORT)

    def get(self, path: str = "/") -> Answer:
        """Ask the production listener over a connection of its own."""
        return get(self.url + path)

    def connect(self) -> HTTPConnection:
        """Return a client's connection to the production listener."""
        return HTTPConnection(self.subnet.load_balancer, unprivileged(PORT), timeout=10)

    def register(self, digest: str, *, memory: int = 512, **environment: str) -> str:
        """Register a task definition and return its ARN."""
        registered = self.plane.ecs.register_task_definition(
            family=self.family,
            networkMode="awsvpc",
            requiresCompatibilities=["FARGATE"],
            cpu="256",
            memory=str(memory),
            containerDefinitions=[
                {
                    "name": "service",
                    "image": f"registry/switchyard@{digest}",
                    "essential": True,
                    "command": ["python", "-m", "service"],
                    "environment": [{"name": name, "value": value} for name, value in environment.items()],
                    "portMappings": [{"containerPort": 8080}],
                    "stopTimeout": 60,
                    "healthCheck": {
                        "command": ["CMD", "python", "-c", _CHECK],
                        "interval": 15,
                        "timeout": 5,
                        "retries": 3,
                        "startPeriod": 60,
                    },
                }
            ],
        )
        return registered["taskDefinition"]["taskDefinitionArn"]

    def task_set(self, definition: str, colour: str, *, count: int = 2) -> str:
        """Create a task set of the service in a colour and return its id."""
        created = self.plane.ecs.create_task_set(
            cluster=CLUSTER,
            service=self.family,
            taskDefinition=definition,
            launchType="FARGATE",
            loadBalancers=[_attached(self.groups[colour])],
            scale={"unit": "PERCENT", "value": 50.0 * count},
        )
        return created["taskSet"]["id"]

    def end_task_set(self, id_: str) -> None:
        """Delete a task set, as CodeDeploy does when it terminates the original tasks."""
        self.plane.ecs.delete_task_set(cluster=CLUSTER, service=self.family, taskSet=id_, force=True)

    def send(self, **weights: int) -> None:
        """Let the production listener forward by these weights."""
        groups: Any = [
            {"TargetGroupArn": self.groups[colour], "Weight": weight} for colour, weight in weights.items()
        ]
        action: Any = {"Type": "forward", "ForwardConfig": {"TargetGroups": groups}}
        self.plane.elbv2.modify_listener(ListenerArn=self.listeners["production"], DefaultActions=[action])

    def tasks(self) -> list[dict[str, Any]]:
        """Return the tasks that should run, as they are described."""
        arns = self.plane.ecs.list_tasks(cluster=CLUSTER)["taskArns"]
        return self._described(arns) if arns else []

    def stopped(self, *, started_by: str | None = None) -> list[dict[str, Any]]:
        """Return the tasks that have stopped, of one task set if it is named."""
        named: dict[str, Any] = {"startedBy": started_by} if started_by else {}
        arns = self.plane.ecs.list_tasks(cluster=CLUSTER, desiredStatus="STOPPED", **named)["taskArns"]
        return [task for task in (self._described(arns) if arns else []) if task["lastStatus"] == "STOPPED"]

    def _described(self, arns: list[str]) -> list[dict[str, Any]]:
        described: Any = self.plane.ecs.describe_tasks(cluster=CLUSTER, tasks=arns)["tasks"]
        return list(described)

    def health(self, colour: str) -> list[str]:
        """Return how a colour's targets stand."""
        described = self.plane.elbv2.describe_target_health(TargetGroupArn=self.groups[colour])
        return [item["TargetHealth"]["State"] for item in described["TargetHealthDescriptions"]]

    def until_healthy(self, colour: str, count: int = 2) -> None:
        """Wait until so many targets of a colour are healthy and no others are there."""
        until(lambda: self.health(colour) == ["healthy"] * count)

    def restart(self, *arguments: str) -> None:
        """Let a region with other arguments take the place of this one."""
        (live,) = [colour for colour in self.groups if "healthy" in self.health(colour)]
        self.region.process.terminate()
        self.region.process.wait(PATIENCE)
        for task in self.tasks():
            self.plane.ecs.submit_task_state_change(
                cluster=CLUSTER, task=task["taskArn"], status="STOPPED", reason="Scaling activity"
            )
        for group in self.groups.values():
            described = self.plane.elbv2.describe_target_health(TargetGroupArn=group)
            targets: Any = [item["Target"] for item in described["TargetHealthDescriptions"]]
            if targets:
                self.plane.elbv2.deregister_targets(TargetGroupArn=group, Targets=targets)
        self.region = start_region(self, *arguments)
        self.until_healthy(live)

    def events_of(self, task: str) -> list[Mapping[str, Any]]:
        """Return what the timeline says became of one task."""
        return [event for event in Timeline.of(self.folder).read() if event.get("task") == task]

    def pid_of(self, task: str) -> int:
        """Return the process of a task."""
        return int(self.events_of(task)[0]["pid"])

    def events(self, what: str) -> list[Mapping[str, Any]]:
        """Return what the timeline says became of tasks."""
        found = Timeline.of(self.folder).read()
        return [event for event in found if event["kind"] == "task" and event["what"] == what]


def build(folder: Path, **overlay: bytes) -> str:
    """Build an image that runs the small service and return its digest."""
    package = folder / "package"
    package.mkdir(exist_ok=True)
    (package / "manifest.json").write_text(json.dumps({"version": "v"}), encoding="utf-8")
    files = {"service/__main__.py": SMALL} | {name.replace("__", "/"): text for name, text in overlay.items()}
    return image.build(ROOT, package=package, store=folder / "images", overlay=files).digest


@contextlib.contextmanager
def opened(folder: Path, *arguments: str) -> Iterator[World]:
    """Start a control plane, create what a stage has, and start the region."""
    with planes.started(folder, "--speed", str(SPEED)) as plane:
        subnet = addresses.choose((8080, unprivileged(PORT), 9000))
        groups, listeners, balancer = _balance(plane)
        world = World(plane, subnet, folder, plane.program, balancer, groups, listeners, "ferry")
        world.digests["small"] = build(folder)
        _serve(world)
        world.region = start_region(world, *arguments)
        try:
            world.until_healthy("blue")
            yield world
        finally:
            world.region.process.terminate()
            world.region.process.wait(PATIENCE)


def start_region(world: World, *arguments: str) -> Program:
    """Start a region for what is there."""
    colours = [word for colour, arn in world.groups.items() for word in ("--colour", colour, arn)]
    own = ["--endpoint", world.plane.endpoint, "--speed", str(SPEED), "--load-balancer", world.balancer]
    own += ["--address", world.subnet.load_balancer, "--folder", str(world.folder)]
    own += ["--images", str(world.folder / "images"), *colours, *arguments]
    return planes.run(world.folder, "rehearsal.region", *own)


def _balance(plane: ControlPlane) -> tuple[dict[str, str], dict[str, str], str]:
    """Create a load balancer with two listeners and two target groups."""
    subnets = planes.subnets(plane)
    names = [item["SubnetId"] for item in subnets]
    balancer = plane.elbv2.create_load_balancer(Name="harbour", Subnets=names)["LoadBalancers"][0]
    groups = {colour: _group(plane, colour, subnets[0]["VpcId"]) for colour in ("blue", "green")}
    listeners = {}
    for name, port, colour in (("production", PORT, "blue"), ("test", 9000, "green")):
        forward: Any = [{"Type": "forward", "TargetGroupArn": groups[colour]}]
        made = plane.elbv2.create_listener(
            LoadBalancerArn=balancer["LoadBalancerArn"], Port=port, Protocol="HTTP", DefaultActions=forward
        )
        listeners[name] = made["Listeners"][0]["ListenerArn"]
    return groups, listeners, balancer["LoadBalancerArn"]


def _group(plane: ControlPlane, name: str, vpc: str) -> str:
    group = plane.elbv2.create_target_group(
        Name=name,
        Port=8080,
        Protocol="HTTP",
        VpcId=vpc,
        TargetType="ip",
        HealthCheckPath="/health/ready",
        HealthCheckIntervalSeconds=10,
        HealthCheckTimeoutSeconds=5,
        HealthyThresholdCount=2,
        UnhealthyThresholdCount=3,
        Matcher={"HttpCode": "200"},
    )["TargetGroups"][0]
    plane.elbv2.modify_target_group_attributes(
        TargetGroupArn=group["TargetGroupArn"],
        Attributes=[{"Key": "deregistration_delay.timeout_seconds", "Value": "30"}],
    )
    return group["TargetGroupArn"]


def _serve(world: World) -> None:
    """Create a service that releases may move between colours."""
    world.plane.ecs.create_cluster(clusterName=CLUSTER)
    world.register(world.digests["small"], COLOUR="blue")
    world.plane.ecs.create_service(
        cluster=CLUSTER,
        serviceName=world.family,
        taskDefinition=world.family,
        desiredCount=2,
        launchType="FARGATE",
        deploymentController={"type": "CODE_DEPLOY"},
        loadBalancers=[_attached(world.groups["blue"])],
        networkConfiguration={"awsvpcConfiguration": {"subnets": ["subnet-1"]}},
    )


def _attached(group: str) -> Any:  # noqa: ANN401 - one of boto3's many
    return {"targetGroupArn": group, "containerName": "service", "containerPort": 8080}

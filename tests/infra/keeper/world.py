"""A small region for the release keeper: a service that scales, its releases, its traffic.

moto answers for everything but ECS's service deployments, which it does not know.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import boto3
import pytest

from infra.hooks.keeper.handler import handle

ACCOUNT, REGION = "123456789012", "eu-central-1"
GROUP = "switchyard-dev"
RESOURCE = f"service/{GROUP}/yield"
SERVICE = f"arn:aws:ecs:{REGION}:{ACCOUNT}:{RESOURCE}"
PARAMETER = "/switchyard/dev/live-colour"
STARTED = {"detail-type": "CodeDeploy Deployment State-change Notification", "detail": {"state": "START"}}
ENDED = {"detail-type": "CodeDeploy Deployment State-change Notification", "detail": {"state": "SUCCESS"}}
CLOCK = {"detail-type": "Scheduled Event", "detail": {}}


@dataclass
class Ecs:
    """The answers of a small ECS to `ListServiceDeployments`, page by page, and what it was asked."""

    pages: list[dict[str, Any]] = field(default_factory=list)
    asked: list[dict[str, Any]] = field(default_factory=list)


@dataclass
class Refusal:
    """An API that throttles its first requests, and then answers that nothing runs."""

    left: int
    requests: int = 0


@cache
def client(service: str) -> Any:  # noqa: ANN401 - boto3 makes its clients at run time
    """Return a client of a service, the same for all tests: making one takes a while."""
    return boto3.client(service)


def build_service() -> None:
    """Create the service and its scalable target."""
    ecs = client("ecs")
    ecs.create_cluster(clusterName=GROUP)
    ecs.register_task_definition(
        family=GROUP, containerDefinitions=[{"name": "service", "image": "an/image", "memory": 64}]
    )
    ecs.create_service(cluster=GROUP, serviceName="yield", taskDefinition=GROUP, desiredCount=2)
    scaling().register_scalable_target(**TARGET, MinCapacity=2, MaxCapacity=10)


def build_group(name: str) -> None:
    """Create an application and its one deployment group."""
    codedeploy = client("codedeploy")
    codedeploy.create_application(applicationName=name, computePlatform="ECS")
    codedeploy.create_deployment_group(
        applicationName=name, deploymentGroupName=name, serviceRoleArn=f"arn:aws:iam::{ACCOUNT}:role/any"
    )


TARGET = {"ServiceNamespace": "ecs", "ResourceId": RESOURCE, "ScalableDimension": "ecs:service:DesiredCount"}


def scaling() -> Any:  # noqa: ANN401 - boto3 makes its clients at run time
    """Return a client of Application Auto Scaling."""
    return client("application-autoscaling")


def target() -> dict[str, Any]:
    """Return the scalable target."""
    (found,) = scaling().describe_scalable_targets(ServiceNamespace="ecs")["ScalableTargets"]
    return dict(found)


def suspended() -> bool:
    """Return whether scale-in is suspended."""
    return bool((target().get("SuspendedState") or {}).get("DynamicScalingInSuspended", False))


def release(status: str, *, group: str = GROUP) -> None:
    """Put a deployment of a group into a status; moto leaves every deployment where it began."""
    from moto.backends import get_backend  # noqa: PLC0415

    codedeploy = client("codedeploy")
    created = codedeploy.create_deployment(
        applicationName=group,
        deploymentGroupName=group,
        revision={"revisionType": "String", "string": {"content": "{}", "sha256": "0" * 64}},
    )
    backend: Any = get_backend("codedeploy")[ACCOUNT][REGION]
    backend.deployments[created["deploymentId"]].status = status


def finish() -> None:
    """Let every deployment succeed."""
    from moto.backends import get_backend  # noqa: PLC0415

    backend: Any = get_backend("codedeploy")[ACCOUNT][REGION]
    for deployment in backend.deployments.values():
        deployment.status = "Succeeded"


def build_traffic() -> dict[str, str]:
    """Create colours with a healthy target each, a listener and a rule; return all their ARNs."""
    from moto.backends import get_backend  # noqa: PLC0415

    network: Any = get_backend("ec2")[ACCOUNT][REGION]  # boto3 would read ec2's model for seconds
    (vpc,) = network.vpcs
    subnets = [name for zone in network.subnets.values() for name in zone]
    balancing = client("elbv2")
    balancer = balancing.create_load_balancer(Name=GROUP, Scheme="internal", Subnets=subnets)[
        "LoadBalancers"
    ][0]["LoadBalancerArn"]
    groups = {
        name: balancing.create_target_group(
            Name=name, Protocol="HTTP", Port=8080, VpcId=vpc, TargetType="ip"
        )["TargetGroups"][0]["TargetGroupArn"]
        for name in ("blue", "green", "other")
    }
    for number, arn in enumerate(groups.values()):
        balancing.register_targets(TargetGroupArn=arn, Targets=[{"Id": f"10.0.0.{number + 10}"}])
    listener = balancing.create_listener(
        LoadBalancerArn=balancer, Protocol="HTTP", Port=80, DefaultActions=[to(groups["blue"])]
    )["Listeners"][0]["ListenerArn"]
    rule = balancing.create_rule(
        ListenerArn=listener,
        Priority=1,
        Conditions=[{"Field": "path-pattern", "Values": ["/*"]}],
        Actions=[shared({groups["blue"]: 100, groups["green"]: 0})],
    )["Rules"][0]["RuleArn"]
    return {"LISTENER": listener, "RULE": rule, **{name.upper(): arn for name, arn in groups.items()}}


def to(group: str) -> dict[str, Any]:
    """Return the action that sends everything to one target group, as the templates write it."""
    return {"Type": "forward", "TargetGroupArn": group}


def shared(weights: Mapping[str, int]) -> dict[str, Any]:
    """Return the action that shares traffic between target groups by weight, as the engines write it."""
    groups = [{"TargetGroupArn": group, "Weight": weight} for group, weight in weights.items()]
    return {"Type": "forward", "ForwardConfig": {"TargetGroups": groups}}


def reset(moto: str) -> None:
    """Forget everything."""
    import httpx  # noqa: PLC0415

    httpx.post(f"{moto}/moto-api/reset", timeout=10).raise_for_status()


def with_ecs(monkeypatch: pytest.MonkeyPatch, ecs: Ecs, event: object) -> None:
    """Call the handler under the engine `ecs`, with this ECS."""
    for endpoint in serve(listing(ecs)):
        with monkeypatch.context() as patched:
            for name, value in (("ENGINE", "ecs"), ("CLUSTER", GROUP), ("SERVICE", SERVICE)):
                patched.setenv(name, value)
            patched.setenv("AWS_ENDPOINT_URL_ECS", endpoint)
            handle(event, None)


class Quiet(BaseHTTPRequestHandler):
    """A small API of AWS: JSON in, JSON out, nothing printed."""

    def read(self) -> dict[str, Any]:
        """Return what is asked."""
        body = self.rfile.read(int(self.headers["content-length"]))
        return dict(json.loads(body))

    def answer(self, status: int, document: object) -> None:
        """Send a document."""
        body = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Stay silent."""


def throttling(refusal: Refusal) -> type[BaseHTTPRequestHandler]:
    """Return an API that refuses its first requests."""

    class Handler(Quiet):
        def do_POST(self) -> None:
            self.read()
            refusal.requests += 1
            if refusal.requests <= refusal.left:
                self.answer(400, {"__type": "ThrottlingException", "message": "Rate exceeded"})
            else:
                self.answer(200, {"deployments": []})

    return Handler


def listing(ecs: Ecs) -> type[BaseHTTPRequestHandler]:
    """Return an ECS that lists service deployments."""

    class Handler(Quiet):
        def do_POST(self) -> None:
            ecs.asked.append(self.read())
            self.answer(200, ecs.pages[len(ecs.asked) - 1])

    return Handler


def serve(handler: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    """Run a server on a free port for as long as one loop lasts."""
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()

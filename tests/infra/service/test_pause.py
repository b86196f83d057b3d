"""The scale-in pause's handler: the real one, with moto for scaling and for CodeDeploy, and a small ECS."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from infra.hooks.pause.handler import handle
from infra.hooks.pause.scaling import TargetMissingError, wanted

pytestmark = pytest.mark.slow

ACCOUNT, REGION = "123456789012", "eu-central-1"
GROUP = "switchyard-dev"
RESOURCE = f"service/{GROUP}/yield"
SERVICE = f"arn:aws:ecs:{REGION}:{ACCOUNT}:{RESOURCE}"
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


@pytest.fixture(scope="module")
def moto() -> Iterator[str]:
    """Run moto in this process, on a free port."""
    from moto.server import ThreadedMotoServer  # noqa: PLC0415 - takes a second, which quick runs save

    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def world(moto: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Return the URL of a region with a service that scales and a deployment group without deployments."""
    environment = {
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ENDPOINT_URL": moto,
        "RESOURCE": RESOURCE,
        "ENGINE": "codedeploy",
        "APPLICATION": GROUP,
        "GROUP": GROUP,
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    build_service()
    build_group(GROUP)
    yield moto
    reset(moto)


def build_service() -> None:
    """Create the service and its scalable target."""
    ecs: Any = boto3.client("ecs")
    ecs.create_cluster(clusterName=GROUP)
    ecs.register_task_definition(
        family=GROUP, containerDefinitions=[{"name": "service", "image": "an/image", "memory": 64}]
    )
    ecs.create_service(cluster=GROUP, serviceName="yield", taskDefinition=GROUP, desiredCount=2)
    scaling().register_scalable_target(**TARGET, MinCapacity=2, MaxCapacity=10)


def build_group(name: str) -> None:
    """Create an application and its one deployment group."""
    codedeploy: Any = boto3.client("codedeploy")
    codedeploy.create_application(applicationName=name, computePlatform="ECS")
    codedeploy.create_deployment_group(
        applicationName=name, deploymentGroupName=name, serviceRoleArn=f"arn:aws:iam::{ACCOUNT}:role/any"
    )


TARGET = {"ServiceNamespace": "ecs", "ResourceId": RESOURCE, "ScalableDimension": "ecs:service:DesiredCount"}


def scaling() -> Any:  # noqa: ANN401 - boto3 makes its clients at run time
    """Return a client of Application Auto Scaling."""
    return boto3.client("application-autoscaling")


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

    codedeploy: Any = boto3.client("codedeploy")
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


def reset(moto: str) -> None:
    """Forget everything."""
    import httpx  # noqa: PLC0415

    httpx.post(f"{moto}/moto-api/reset", timeout=10).raise_for_status()


@pytest.mark.parametrize("status", ["Created", "Queued", "InProgress", "Baking", "Ready"])
@pytest.mark.usefixtures("world")
def test_scale_in_stops_for_a_release(status: str) -> None:
    """In every state of a deployment that has not ended; the capacities stay as they were."""
    release(status)
    handle(STARTED, None)
    assert suspended()
    assert (target()["MinCapacity"], target()["MaxCapacity"]) == (2, 10)


@pytest.mark.parametrize("status", ["Succeeded", "Failed", "Stopped"])
@pytest.mark.usefixtures("world")
def test_scale_in_goes_on_after_every_outcome(status: str) -> None:
    """Whatever became of the release."""
    scaling().register_scalable_target(**TARGET, SuspendedState={"DynamicScalingInSuspended": True})
    release(status)
    handle(ENDED, None)
    assert not suspended()


@pytest.mark.usefixtures("world")
def test_another_groups_release_is_none_of_its_business() -> None:
    """Only this service's deployment group counts."""
    build_group("switchyard-staging")
    release("InProgress", group="switchyard-staging")
    handle(STARTED, None)
    assert not suspended()


@pytest.mark.usefixtures("world")
def test_a_lost_event_is_made_good_by_the_clock() -> None:
    """The end of the release was never told, and scale-in goes on all the same."""
    release("InProgress")
    handle(STARTED, None)
    finish()
    handle(CLOCK, None)
    assert not suspended()


@pytest.mark.usefixtures("world")
def test_the_order_of_events_does_not_matter() -> None:
    """A start that arrives after the end changes nothing, nor does an end that belongs to an earlier one."""
    release("Succeeded")
    handle(ENDED, None)
    handle(STARTED, None)
    assert not suspended()
    release("InProgress")
    handle(ENDED, None)
    assert suspended()


@pytest.mark.usefixtures("world")
def test_what_somebody_else_suspended_stays_suspended() -> None:
    """Scale-out and scheduled scaling are not the pause's."""
    theirs = {"DynamicScalingOutSuspended": True, "ScheduledScalingSuspended": True}
    scaling().register_scalable_target(**TARGET, SuspendedState=theirs)
    release("InProgress")
    handle(STARTED, None)
    assert target()["SuspendedState"] == {**theirs, "DynamicScalingInSuspended": True}
    finish()
    handle(ENDED, None)
    assert target()["SuspendedState"] == {**theirs, "DynamicScalingInSuspended": False}


@pytest.mark.parametrize("releasing", [True, False])
def test_nothing_is_written_when_nothing_differs(releasing: bool) -> None:  # noqa: FBT001
    """The clock calls every ten minutes, and nearly always there is nothing to do."""
    assert wanted({"DynamicScalingInSuspended": releasing}, releasing=releasing) is None


def test_a_target_that_was_never_suspended_scales_in() -> None:
    """What Application Auto Scaling does not mention is not suspended."""
    assert wanted({}, releasing=False) is None
    assert wanted({}, releasing=True) == {"DynamicScalingInSuspended": True}


@pytest.mark.usefixtures("world")
def test_a_service_that_nothing_scales_is_an_error() -> None:
    """Lambda then tells its metrics, instead of a silence that looks like success."""
    scaling().deregister_scalable_target(**TARGET)
    with pytest.raises(TargetMissingError, match=RESOURCE):
        handle(CLOCK, None)


@pytest.mark.parametrize("api", ["CODEDEPLOY", "APPLICATION_AUTO_SCALING"])
@pytest.mark.usefixtures("world")
def test_a_throttled_api_is_raised_so_that_lambda_tries_again(
    api: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three attempts, then the error; nothing is changed on a guess."""
    release("InProgress")
    refusal = Refusal(left=100)
    for endpoint in serve(throttling(refusal)):
        monkeypatch.setenv(f"AWS_ENDPOINT_URL_{api}", endpoint)
        with pytest.raises(ClientError, match="ThrottlingException"):
            handle(STARTED, None)
        monkeypatch.delenv(f"AWS_ENDPOINT_URL_{api}")
    assert refusal.requests == 3
    assert not suspended()


@pytest.mark.usefixtures("world")
def test_an_api_that_throttles_once_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """The second attempt answers, and no error is raised."""
    refusal = Refusal(left=1)
    for endpoint in serve(throttling(refusal)):
        monkeypatch.setenv("AWS_ENDPOINT_URL_CODEDEPLOY", endpoint)
        handle(STARTED, None)
    assert refusal.requests == 2


@pytest.mark.usefixtures("world")
def test_under_ecs_the_service_deployments_decide(monkeypatch: pytest.MonkeyPatch) -> None:
    """They are asked page by page, since a page may be empty before the last one."""
    unfinished = {"serviceDeploymentArn": f"{SERVICE}/deployment", "status": "IN_PROGRESS"}
    ecs = Ecs(pages=[{"serviceDeployments": [], "nextToken": "more"}, {"serviceDeployments": [unfinished]}])
    with_ecs(monkeypatch, ecs, CLOCK)
    assert suspended()
    ecs = Ecs(pages=[{"serviceDeployments": []}])
    with_ecs(monkeypatch, ecs, CLOCK)
    assert not suspended()
    assert ecs.asked == [
        {
            "cluster": GROUP,
            "service": SERVICE,
            "status": [
                "PENDING",
                "IN_PROGRESS",
                "STOP_REQUESTED",
                "ROLLBACK_REQUESTED",
                "ROLLBACK_IN_PROGRESS",
            ],
        }
    ]


@pytest.mark.usefixtures("world")
def test_an_unknown_engine_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is never taken for one that has nothing in progress."""
    monkeypatch.setenv("ENGINE", "external")
    with pytest.raises(ValueError, match="external"):
        handle(CLOCK, None)


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

"""The hook's handler: the real one, with moto for ECS and S3 and a small endpoint for CodeDeploy."""

import json
import logging
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import boto3
import httpx
import pytest

from infra.hooks.gate.codedeploy import LAST_ANSWER, REPORT_RESERVE, handle
from tests.infra.assembly import IMAGE
from tests.infra.drip import dripping

pytestmark = pytest.mark.slow

DIGEST = IMAGE.removeprefix("sha256:")
EVENT = {"DeploymentId": "d-RELEASE01", "LifecycleEventHookExecutionId": "execution-1"}
BALANCER = "arn:aws:elasticloadbalancing:eu-central-1:123456789012:loadbalancer/app/switch/50dc6c495c0c9188"
INSIDE = "127.20.1.5"
"""Stands for a private address of the load balancer."""
PROBES = {"probes": [{"name": "typical", "record": {"B1": 320.0}, "prediction": 0.93}]}


@dataclass
class World:
    """Everything that the handler talks to."""

    url: str
    prediction: float = 0.93
    told: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    def statuses(self) -> list[str]:
        """Return the statuses that CodeDeploy was told."""
        return [body["status"] for _, body in self.told]


class Context:
    """Lambda's context with a given time left."""

    def __init__(self, seconds: float = 30.0) -> None:
        self._seconds = REPORT_RESERVE + LAST_ANSWER + seconds

    def get_remaining_time_in_millis(self) -> int:
        """Return the time left."""
        return int(self._seconds * 1000)


def serve(handler: type[BaseHTTPRequestHandler], host: str = "127.0.0.1") -> Iterator[str]:
    """Run a server on a free port."""
    with ThreadingHTTPServer((host, 0), handler) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"{host}:{server.server_port}"
        server.shutdown()
        thread.join()


def handler_of(world: World) -> type[BaseHTTPRequestHandler]:
    """Return the service on the test listener and the CodeDeploy API, in one server."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer({})

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            target = self.headers.get("x-amz-target")
            if target:
                world.told.append((target, body))
                self._answer({"lifecycleEventHookExecutionId": "execution-1"})
            else:
                self._answer({"prediction": world.prediction})

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
            pass

        def _answer(self, document: object) -> None:
            body = json.dumps(document).encode()
            self.send_response(200)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    return Handler


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
def world(moto: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """Return a release in progress: its task set exists and its probes are uploaded."""
    world = World(moto)
    endpoints = serve(handler_of(world))
    endpoint = next(endpoints)
    environment = {
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": "eu-central-1",
        "AWS_ENDPOINT_URL": moto,
        "AWS_ENDPOINT_URL_CODEDEPLOY": f"http://{endpoint}",
        "CLUSTER": "switchyard-dev",
        "SERVICE": "yield",
        "CONTAINER": "service",
        "PROBES_BUCKET": "switchyard-data",
        "PROBES_PREFIX": "releases/probes/",
        "TEST_ENDPOINT": endpoint,
        "READY_PATH": "/health/ready",
        "PREDICT_PATH": "/predict",
        "TOLERANCE": "1e-09",
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    start_release(f"registry/switchyard@{IMAGE}")
    upload(PROBES)
    yield world
    reset(moto)
    next(endpoints, None)


def start_release(image: str) -> None:
    """Create the service and the replacement task set of a deployment."""
    ecs: Any = boto3.client("ecs")
    ecs.create_cluster(clusterName="switchyard-dev")
    task = ecs.register_task_definition(
        family="switchyard-dev",
        containerDefinitions=[
            {"name": "sidecar", "image": "registry/sidecar:latest", "memory": 64},
            {"name": "service", "image": image, "memory": 64},
        ],
    )["taskDefinition"]["taskDefinitionArn"]
    ecs.create_service(
        cluster="switchyard-dev",
        serviceName="yield",
        desiredCount=1,
        deploymentController={"type": "EXTERNAL"},  # the one whose task sets moto lets others make
    )
    for deployment in ("d-EARLIER", EVENT["DeploymentId"]):
        ecs.create_task_set(
            cluster="switchyard-dev", service="yield", taskDefinition=task, externalId=deployment
        )


def upload(probes: object) -> None:
    """Put the release's probes into the data bucket."""
    s3: Any = boto3.client("s3")
    where = {"LocationConstraint": "eu-central-1"}
    s3.create_bucket(Bucket="switchyard-data", CreateBucketConfiguration=where)
    s3.put_object(
        Bucket="switchyard-data", Key=f"releases/probes/{DIGEST}.json", Body=json.dumps(probes).encode()
    )


def add_interface(subnet: str, host: str, description: str) -> str:
    """Create a network interface and return its id."""
    ec2: Any = boto3.client("ec2")
    answer = ec2.create_network_interface(SubnetId=subnet, PrivateIpAddress=host, Description=description)
    return str(answer["NetworkInterface"]["NetworkInterfaceId"])


def use_interface(subnet: str, interface: str) -> None:
    """Attach a network interface, which makes it one in use."""
    ec2: Any = boto3.client("ec2")
    image = ec2.describe_images()["Images"][0]["ImageId"]
    launched = ec2.run_instances(ImageId=image, MinCount=1, MaxCount=1, SubnetId=subnet)
    instance = launched["Instances"][0]["InstanceId"]
    ec2.attach_network_interface(NetworkInterfaceId=interface, InstanceId=instance, DeviceIndex=1)


def refuse(status: int, code: str) -> type[BaseHTTPRequestHandler]:
    """Return an S3 that answers every request with an error."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = f"<Error><Code>{code}</Code><Message>No</Message></Error>".encode()
            self.send_response(status)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
            pass

    return Handler


def reset(moto: str) -> None:
    """Forget everything in moto."""
    httpx.post(f"{moto}/moto-api/reset").raise_for_status()


def test_right_answers_let_the_release_pass(world: World) -> None:
    """The report that CodeDeploy gets is exactly this one, once."""
    handle(EVENT, Context())
    assert world.told == [
        (
            "CodeDeploy_20141006.PutLifecycleEventHookExecutionStatus",
            {
                "deploymentId": "d-RELEASE01",
                "lifecycleEventHookExecutionId": "execution-1",
                "status": "Succeeded",
            },
        )
    ]


def test_wrong_answers_stop_it(world: World, caplog: pytest.LogCaptureFixture) -> None:
    """A wrong answer is reported as Failed, and the log says which one."""
    world.prediction = 0.5
    handle(EVENT, Context())
    assert world.statuses() == ["Failed"]
    assert "Probe 'typical' was answered with 0.5 instead of 0.93." in caplog.text


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PROBES_PREFIX", "elsewhere/"),
        ("PROBES_BUCKET", "nowhere"),
        ("CLUSTER", "nowhere"),
        ("SERVICE", "nothing"),
        ("CONTAINER", "nothing"),
        ("TOLERANCE", "none"),
        ("TEST_ENDPOINT", "127.0.0.1:not-a-port"),
    ],
)
def test_a_crash_is_reported_too(
    world: World,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    name: str,
    value: str,
) -> None:
    """Whatever keeps the gate from looking, CodeDeploy is told Failed within seconds."""
    monkeypatch.setenv(name, value)
    with caplog.at_level(logging.CRITICAL):
        handle(EVENT, Context())
    assert world.statuses() == ["Failed"]


def test_a_missing_setting_is_reported_too(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Even a function that was configured wrongly answers."""
    monkeypatch.delenv("CLUSTER")
    handle(EVENT, Context())
    assert world.statuses() == ["Failed"]


def test_no_time_left_is_reported_too(world: World) -> None:
    """With too little time for the probes there is still time for the report."""
    handle(EVENT, Context(seconds=-LAST_ANSWER - 5.0))
    assert world.statuses() == ["Failed"]


def test_an_unknown_deployment_is_reported_too(world: World) -> None:
    """A deployment without a task set of its own is not let through on another's answers."""
    handle({**EVENT, "DeploymentId": "d-UNKNOWN"}, Context())
    assert world.statuses() == ["Failed"]


def test_an_image_by_tag_is_reported_too(world: World) -> None:
    """Without a digest nobody knows which probes belong to the image."""
    reset(world.url)
    start_release("registry/switchyard:latest")
    upload(PROBES)
    handle(EVENT, Context())
    assert world.statuses() == ["Failed"]


def test_a_public_stage_is_asked_inside_the_network(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The question goes to the private address of the load balancer's interface in use, and no other."""
    ec2: Any = boto3.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="127.20.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="127.20.1.0/24")["Subnet"]["SubnetId"]
    ours = "ELB app/switch/50dc6c495c0c9188"
    use_interface(subnet, add_interface(subnet, INSIDE, ours))
    use_interface(subnet, add_interface(subnet, "127.20.1.6", "ELB app/other/60dc6c495c0c9188"))
    add_interface(subnet, "127.20.1.7", ours)
    inside = serve(handler_of(world), INSIDE)
    monkeypatch.delenv("TEST_ENDPOINT")
    monkeypatch.setenv("LOAD_BALANCER", BALANCER)
    monkeypatch.setenv("TEST_PORT", next(inside).rpartition(":")[2])
    handle(EVENT, Context())
    next(inside, None)
    assert world.statuses() == ["Succeeded"]


def test_a_load_balancer_without_addresses_is_reported(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Where nobody can be asked, nothing passes."""
    monkeypatch.delenv("TEST_ENDPOINT")
    monkeypatch.setenv("LOAD_BALANCER", BALANCER)
    monkeypatch.setenv("TEST_PORT", "9000")
    handle(EVENT, Context())
    assert world.statuses() == ["Failed"]
    assert f"Load balancer {BALANCER} has no network interface in use." in caplog.messages


def test_missing_probes_are_named(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A release that left no probes reads a sentence, not a traceback."""
    monkeypatch.setenv("PROBES_PREFIX", "elsewhere/")
    handle(EVENT, Context())
    assert world.statuses() == ["Failed"]
    assert (
        f"No probes were uploaded for image {IMAGE}: "
        f"S3 answered NoSuchKey for s3://switchyard-data/elsewhere/{DIGEST}.json."
    ) in caplog.messages
    assert "Traceback" not in caplog.text


@pytest.mark.parametrize(("code", "named"), [("AccessDenied", True), ("InvalidObjectState", False)])
def test_missing_probes_look_denied_on_aws(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, code: str, *, named: bool
) -> None:
    """S3 denies access to what is not there to a role that may not list; other errors stay what they are."""
    servers = serve(refuse(403, code))
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", f"http://{next(servers)}")
    handle(EVENT, Context())
    next(servers, None)
    assert world.statuses() == ["Failed"]
    assert (f"No probes were uploaded for image {IMAGE}: S3 answered {code}" in caplog.text) is named


@pytest.mark.parametrize("setting", ["TEST_ENDPOINT", "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL_ECS"])
def test_whoever_drips_the_report_is_in_time(
    world: World, monkeypatch: pytest.MonkeyPatch, setting: str
) -> None:
    """One byte at a time never times out a read, from the new version or from AWS, yet Failed is told."""
    with dripping(b"HTTP/1.1 200 OK\r\ncontent-length: 99999\r\n\r\n") as endpoint:
        monkeypatch.setenv(setting, endpoint if setting == "TEST_ENDPOINT" else f"http://{endpoint}")
        began = time.monotonic()
        handle(EVENT, Context(seconds=1.0 - LAST_ANSWER))
        assert time.monotonic() - began < 2.0
        assert world.statuses() == ["Failed"]

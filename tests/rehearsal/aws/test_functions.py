"""Lambda, EventBridge and the interfaces of load balancers, asked of the mended control plane."""

import base64
import io
import json
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
import pytest
from botocore.exceptions import ClientError

from rehearsal import isolation, sessions
from rehearsal.aws.events import period
from rehearsal.clock import Clock
from rehearsal.control_plane import ControlPlane
from rehearsal.private import Private
from tests.rehearsal import planes

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient

CODE = """
import json, logging, os, socket, sys, time
from helper import GREETING

calls = 0
logging.getLogger().setLevel(logging.INFO)

def handle(event, context):
    global calls
    calls += 1
    print("asked for", event.get("what"))
    match event.get("what"):
        case "environment":
            return {name: os.environ.get(name) for name in event["names"]}
        case "context":
            return [context.function_name, context.get_remaining_time_in_millis(), context.log_group_name]
        case "calls":
            return [GREETING, calls, os.getpid()]
        case "fail":
            raise ValueError("this is wrong")
        case "sleep":
            time.sleep(30)
        case "exit":
            os._exit(3)
        case "resolve":
            return [list(socket.getaddrinfo(*place)[0][4]) for place in event["places"]]
        case "nothing":
            return None
    if "source" in event:
        open(os.environ["SEEN"], "a").write(json.dumps(event) + "\\n")
        if event.get("detail", {}).get("fail") and calls < 3:
            raise RuntimeError("try again")
"""
SPEED = 600.0
PLACES = {"it": "127.9.8.1", "other": "127.9.8.2"}
"""Where load balancers stand."""


def _zip(code: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("deployed.py", code)
        archive.writestr("helper.py", "GREETING = 'hello'\n")
    return packed.getvalue()


class Deployed:
    """A control plane of these tests' own, that plays fast, with one function."""

    def __init__(self, plane: ControlPlane, folder: Path) -> None:
        self.plane, self.folder = plane, folder
        self.seen = folder / "seen"
        self.functions: LambdaClient = self.client("lambda")
        self.role = planes.role(plane, "runs")
        self.arn = self.create("deployed", self.seen)
        self.ticks = folder / "ticks"
        self.rule("clock", self.create("ticking", self.ticks), ScheduleExpression="rate(10 minutes)")

    def client(self, service: str) -> Any:  # noqa: ANN401 - a client
        """Return a client of a service."""
        return sessions.client(service, self.plane.endpoint)

    def create(self, name: str, seen: Path) -> str:
        """Create a function that writes down the events that it is called with; return its ARN."""
        return self.functions.create_function(
            FunctionName=name,
            Runtime="python3.14",
            Role=self.role,
            Handler="deployed.handle",
            Code={"ZipFile": _zip(CODE)},
            Timeout=1,
            Environment={"Variables": {"OWN": "value", "SEEN": str(seen)}},
        )["FunctionArn"]

    def rule(self, name: str, function: str, **when: str) -> None:
        """Create a rule that calls a function."""
        events = self.client("events")
        events.put_rule(Name=name, **when)
        events.put_targets(Rule=name, Targets=[{"Id": "it", "Arn": function}])

    def balancer(self, name: str, address: str) -> Any:  # noqa: ANN401 - as it is described
        """Create a load balancer that is played at an address."""
        subnets = [item["SubnetId"] for item in self.client("ec2").describe_subnets()["Subnets"][:2]]
        made = self.plane.elbv2.create_load_balancer(Name=name, Subnets=subnets)["LoadBalancers"][0]
        Private(self.plane.endpoint).tell_load_balancer(made["LoadBalancerArn"], address=address)
        return made

    def invoke(self, **event: object) -> Any:  # noqa: ANN401 - whatever the handler returns
        """Return what the function answers."""
        answer: Any = self.functions.invoke(FunctionName="deployed", Payload=json.dumps(event).encode())
        assert (answer["StatusCode"], answer.get("FunctionError")) == (200, None)
        return json.loads(answer["Payload"].read())

    def failure(self, **event: object) -> Any:  # noqa: ANN401 - as JSON
        """Return the error that the function answers."""
        answer = self.functions.invoke(FunctionName="deployed", Payload=json.dumps(event).encode())
        assert (answer["StatusCode"], answer["FunctionError"]) == (200, "Unhandled")
        return json.loads(answer["Payload"].read())

    def events(self, seen: Path, *, count: int) -> list[Any]:
        """Return the events that a function was called with, once there are so many."""
        lines: list[str] = []
        until = time.monotonic() + 10
        while len(lines) < count:
            assert time.monotonic() < until, f"The function was not called {count} times."
            time.sleep(0.02)
            lines = seen.read_text(encoding="utf-8").splitlines() if seen.exists() else []
        return [json.loads(line) for line in lines]


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    """A control plane with one function and one that ticks."""
    folder = tmp_path_factory.mktemp("functions")
    own = ("--codedeploy", "http://localhost:9")
    with planes.started(folder, "--speed", str(SPEED), "--folder", str(folder), *own) as plane:
        yield Deployed(plane, folder)


@pytest.fixture
def deployed(shared: Deployed) -> Deployed:
    """The function, not yet called by an event."""
    shared.seen.unlink(missing_ok=True)
    return shared


@pytest.mark.slow
def test_a_function_runs_the_code_that_was_deployed_and_is_kept(deployed: Deployed) -> None:
    """Lambda Developer Guide, "Understanding the Lambda execution environment lifecycle"."""
    greeting, first, process = deployed.invoke(what="calls")
    assert deployed.invoke(what="calls") == [greeting, first + 1, process]
    assert greeting == "hello"
    assert psutil.Process(process).environ()[isolation.MARKER] == str(deployed.folder)


@pytest.mark.slow
def test_a_function_sees_its_own_environment_and_no_aws_but_the_local_one(deployed: Deployed) -> None:
    """Lambda Developer Guide, "Working with Lambda environment variables"."""
    names = ["OWN", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_CODEDEPLOY", "AWS_REGION", "AWS_ACCESS_KEY_ID"]
    assert deployed.invoke(what="environment", names=names) == {
        "OWN": "value",
        "AWS_ENDPOINT_URL": deployed.plane.endpoint,
        "AWS_ENDPOINT_URL_CODEDEPLOY": "http://localhost:9",
        "AWS_REGION": isolation.REGION,
        "AWS_ACCESS_KEY_ID": "rehearsal",
    }


@pytest.mark.slow
def test_a_function_knows_how_long_it_may_still_run(deployed: Deployed) -> None:
    """Lambda Developer Guide, "Using the Lambda context object to retrieve Python function information"."""
    name, left, group = deployed.invoke(what="context")
    assert (name, group) == ("deployed", "/aws/lambda/deployed")
    assert 0 < left <= 1000


@pytest.mark.slow
def test_an_exception_is_the_payload_of_a_failed_call(deployed: Deployed) -> None:
    """Lambda Developer Guide, "AWS Lambda function errors in Python"."""
    error = deployed.failure(what="fail")
    assert (error["errorType"], error["errorMessage"]) == ("ValueError", "this is wrong")
    assert "deployed.py" in error["stackTrace"][-1]


@pytest.mark.slow
def test_a_function_is_ended_at_its_timeout(deployed: Deployed) -> None:
    """Lambda Developer Guide, "Configure Lambda function timeout"; the next call finds a new process."""
    error = deployed.failure(what="sleep")
    assert error["errorType"] == "Sandbox.Timedout"
    assert error["errorMessage"].endswith("Task timed out after 1.00 seconds")
    assert deployed.invoke(what="nothing") is None


@pytest.mark.slow
def test_a_function_that_exits_is_told(deployed: Deployed) -> None:
    """So is one whose handler is not there (Lambda Developer Guide, "Troubleshoot invocation issues")."""
    error = deployed.failure(what="exit")
    assert error["errorType"] == "Runtime.ExitError"
    assert error["errorMessage"].endswith("Runtime exited with error: exit status 3")
    deployed.functions.update_function_configuration(FunctionName="deployed", Handler="deployed.nothing")
    assert deployed.failure()["errorType"] == "Runtime.HandlerNotFound"
    deployed.functions.update_function_configuration(FunctionName="deployed", Handler="deployed.handle")


@pytest.mark.slow
def test_what_a_function_prints_is_logged(deployed: Deployed) -> None:
    """In its group of CloudWatch Logs, and in the answer to who asks for the tail of it."""
    payload = json.dumps({"what": "nothing"}).encode()
    answer = deployed.functions.invoke(FunctionName="deployed", LogType="Tail", Payload=payload)
    tail = base64.b64decode(answer["LogResult"]).decode().splitlines()
    assert tail[1] == "asked for nothing"
    logged = deployed.client("logs").filter_log_events(logGroupName="/aws/lambda/deployed")["events"]
    assert {line for line in tail if line} <= {event["message"] for event in logged}
    assert "asked for nothing" in (deployed.folder / "lambda-deployed.log").read_text(encoding="utf-8")


@pytest.mark.slow
def test_the_name_of_a_load_balancer_leads_to_where_it_stands(deployed: Deployed) -> None:
    """Each at its own, at a port that no root is needed for; other addresses are left alone."""
    names = [deployed.balancer(name, address)["DNSName"] for name, address in PLACES.items()]
    places = [[names[0], 9000], [names[0], "80"], [names[1], 80]]
    assert deployed.invoke(what="resolve", places=places) == [
        ["127.9.8.1", 9000],
        ["127.9.8.1", 8080],
        ["127.9.8.2", 8080],
    ]
    places = [["nobody-plays-it.eu-central-1.elb.amazonaws.com", 9000], ["127.0.0.1", 80]]
    assert deployed.invoke(what="resolve", places=places) == [["127.0.0.1", 9000], ["127.0.0.1", 80]]


@pytest.mark.slow
def test_a_load_balancer_has_an_interface_in_use(deployed: Deployed) -> None:
    """EC2 API Reference, DescribeNetworkInterfaces; it is found by its description, and goes with it."""
    ec2, arn = deployed.client("ec2"), deployed.balancer("described", "127.9.8.3")["LoadBalancerArn"]
    wanted = [{"Name": "description", "Values": ["ELB " + arn.partition(":loadbalancer/")[2]]}]
    (found,) = ec2.describe_network_interfaces(Filters=wanted)["NetworkInterfaces"]
    assert (found["PrivateIpAddress"], found["Status"]) == ("127.9.8.3", "in-use")
    (again,) = ec2.describe_network_interfaces(NetworkInterfaceIds=[found["NetworkInterfaceId"]])[
        "NetworkInterfaces"
    ]
    assert again == found
    deployed.plane.elbv2.delete_load_balancer(LoadBalancerArn=arn)
    assert ec2.describe_network_interfaces(Filters=wanted)["NetworkInterfaces"] == []


@pytest.mark.slow
def test_a_function_that_is_not_there_cannot_be_called(deployed: Deployed) -> None:
    """Lambda API Reference, Invoke, Errors."""
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        deployed.functions.invoke(FunctionName="nobody")


@pytest.mark.slow
def test_a_call_that_nobody_waits_for_is_repeated_twice(deployed: Deployed) -> None:
    """Lambda Developer Guide, "How Lambda handles errors and retries with asynchronous invocation"."""
    deployed.functions.update_function_code(FunctionName="deployed", ZipFile=_zip(CODE + "# fresh\n"))
    event = {"source": "me", "detail": {"fail": True}}
    answer = deployed.functions.invoke(
        FunctionName="deployed", InvocationType="Event", Payload=json.dumps(event).encode()
    )
    assert answer["StatusCode"] == 202
    assert deployed.events(deployed.seen, count=3) == [event, event, event]


@pytest.mark.slow
def test_an_event_calls_the_functions_of_the_rules_that_it_matches(deployed: Deployed) -> None:
    """EventBridge User Guide, "Amazon EventBridge event patterns": how CodeDeploy tells of a deployment."""
    bus = deployed.client("events")
    pattern = json.dumps({"source": ["aws.codedeploy"], "detail": {"application": ["switchyard"]}})
    deployed.rule("releases", deployed.arn, EventPattern=pattern)
    for application in ("other", "switchyard"):
        entry = {"Source": "aws.codedeploy", "DetailType": "Deployment"}
        bus.put_events(Entries=[entry | {"Detail": json.dumps({"application": application})}])
    (event,) = deployed.events(deployed.seen, count=1)
    assert (event["source"], event["detail"]) == ("aws.codedeploy", {"application": "switchyard"})


@pytest.mark.slow
def test_a_clock_calls_a_function_when_its_time_has_passed(deployed: Deployed) -> None:
    """EventBridge User Guide, "Creating an Amazon EventBridge rule that runs on a schedule"."""
    stroke = deployed.events(deployed.ticks, count=1)[0]
    assert (stroke["source"], stroke["detail-type"]) == ("aws.events", "Scheduled Event")


@pytest.mark.parametrize(
    ("expression", "speed", "seconds"),
    [
        ("rate(10 minutes)", 30, 20.0),
        ("rate(1 hour)", 60, 60.0),
        ("rate(10 minutes)", 1000, 5.0),
        ("cron(0 4 * * ? *)", 30, None),
        (None, 30, None),
    ],
)
def test_a_clock_strikes_faster_but_not_too_fast(
    expression: str | None, speed: float, seconds: float | None
) -> None:
    """EventBridge User Guide, "Creating an Amazon EventBridge rule that runs on a schedule"."""
    assert period(expression, Clock(speed).real) == seconds

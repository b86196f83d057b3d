"""Which calls go wrong and how: the rules, the requests that they speak of, and a server that heeds them."""

import json
import threading
from collections.abc import Iterator
from http import HTTPStatus
from io import BytesIO
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from botocore.exceptions import ClientError, ConnectionClosedError, HTTPClientError
from werkzeug.serving import make_server

from rehearsal import mishaps, sessions
from rehearsal.calls import Call, call_of
from rehearsal.mishaps import Kind, Mishaps, Rule
from rehearsal.refusals import throttled

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

REGISTER = Call("ecs", "RegisterTaskDefinition", "Boto3 switchyard-release/1")


def environ(method: str = "POST", path: str = "/", body: bytes = b"", **headers: str) -> "WSGIEnvironment":
    """Return a request as a server hands it to an application."""
    named = {f"HTTP_{name}": value for name, value in headers.items()}
    return {
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "QUERY_STRING": "",
        "CONTENT_TYPE": headers.get("CONTENT_TYPE", ""),
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": BytesIO(body),
        **named,
    }


def signed(service: str) -> str:
    """Return the header that a client of a service sends."""
    return f"AWS4-HMAC-SHA256 Credential=me/20261120/eu-central-1/{service}/aws4_request, SignedHeaders=host"


FORM = "application/x-www-form-urlencoded; charset=utf-8"


@pytest.mark.parametrize(
    ("request_", "name"),
    [
        (
            environ(AUTHORIZATION=signed("ecs"), X_AMZ_TARGET="AmazonEC2ContainerServiceV20141113.RunTask"),
            "ecs:RunTask",
        ),
        (
            environ(
                body=b"Action=ModifyListener&Version=1",
                AUTHORIZATION=signed("elasticloadbalancing"),
                CONTENT_TYPE=FORM,
            ),
            "elbv2:ModifyListener",
        ),
        (environ("PUT", "/data/a/b.json", AUTHORIZATION=signed("s3")), "s3:PutObject"),
        (environ("PUT", "/a.json", AUTHORIZATION=signed("s3"), HOST="data.localhost:80"), "s3:PutObject"),
        (environ("HEAD", "/data", AUTHORIZATION=signed("s3")), "s3:HeadBucket"),
        (
            environ("POST", "/2015-03-31/functions/gate/invocations", AUTHORIZATION=signed("lambda")),
            "lambda:Invoke",
        ),
        (environ("GET", "/blobs/1"), ":GET /blobs/1"),
    ],
)
def test_a_request_tells_which_call_it_is(request_: "WSGIEnvironment", name: str) -> None:
    """By its credential's scope, and by header, form, or method and path."""
    assert call_of(request_).name == name


def test_a_request_that_was_looked_at_can_still_be_read() -> None:
    """The form of a query service is in the body."""
    request_ = environ(body=b"Action=A&Name=n", CONTENT_TYPE=FORM)
    call_of(request_)
    assert request_["wsgi.input"].read() == b"Action=A&Name=n"


@pytest.mark.parametrize(
    ("rule", "matches"),
    [
        ({"kind": "error"}, True),
        ({"kind": "error", "service": "ecs", "action": "RegisterTaskDefinition"}, True),
        ({"kind": "error", "service": "ecr"}, False),
        ({"kind": "error", "action": "RunTask"}, False),
        ({"kind": "error", "agent": "switchyard-release"}, True),
        ({"kind": "error", "agent": "aws-sdk-js"}, False),
        ({"kind": "error", "path": "/current.json"}, False),
    ],
)
def test_a_rule_speaks_of_service_action_and_agent(rule: dict[str, Any], *, matches: bool) -> None:
    """A star, or nothing, is anything."""
    assert Rule.parse(rule).matches(REGISTER) is matches


def test_a_rule_can_tell_one_object_of_a_bucket_from_the_others() -> None:
    """So that the claim of a release is struck, and nothing else that it writes."""
    rule = Rule.parse({"kind": "error", "service": "s3", "path": "releases/current.json"})
    claim, record = (
        call_of(environ("PUT", f"/data/releases/{name}.json", AUTHORIZATION=signed("s3")))
        for name in ("current", "records/1")
    )
    assert (rule.matches(claim), rule.matches(record)) == (True, False)


def test_a_rule_can_let_the_first_calls_through() -> None:
    """So that the second of two like calls is struck."""
    rules = Mishaps()
    rules.replace([Rule(kind=Kind.ERROR, skip=2, times=1)])
    assert [rules.strike(REGISTER) for _ in range(4)] == [None, None, Kind.ERROR, None]


def test_what_a_rule_cannot_say_is_refused() -> None:
    """A misspelled rule would strike other calls than meant."""
    with pytest.raises(ValueError, match="says nothing else"):
        Rule.parse({"kind": "error", "rat": 0.5})
    with pytest.raises(ValueError, match="explode"):
        Rule.parse({"kind": "explode"})


def test_a_rate_strikes_the_same_calls_each_time() -> None:
    """So that a run that failed can be played again."""
    struck = []
    for seed in (1, 1, 2):
        rules = Mishaps(seed)
        rules.replace([Rule(kind=Kind.THROTTLE, rate=0.3)])
        struck.append([rules.strike(REGISTER) for _ in range(200)])
    assert struck[0] == struck[1] != struck[2]
    assert 40 < struck[0].count(Kind.THROTTLE) < 80


def test_a_rule_strikes_so_many_times_and_then_the_next_one_does() -> None:
    """And what it has struck is told."""
    rules = Mishaps()
    rules.replace([Rule(kind=Kind.THROTTLE, times=2), Rule(kind=Kind.ERROR, times=1)])
    assert [rules.strike(REGISTER) for _ in range(4)] == [Kind.THROTTLE, Kind.THROTTLE, Kind.ERROR, None]
    assert rules.told()["hits"] == {"ecs:RegisterTaskDefinition": 3}


@pytest.mark.parametrize(
    ("service", "status", "code"),
    [
        ("ecs", "400", "ThrottlingException"),
        ("elbv2", "400", "Throttling"),
        ("s3", "503", "SlowDown"),
        ("lambda", "429", "TooManyRequestsException"),
    ],
)
def test_each_service_throttles_in_its_own_words(service: str, status: str, code: str) -> None:
    """By which its client knows that it may try again."""
    refusal = throttled(service)
    assert refusal.status.startswith(status)
    assert code in refusal.body.decode()


class Served:
    """A server with rules whose every call registers one more revision."""

    def __init__(self) -> None:
        self.effects = 0
        self._server = make_server("127.0.0.1", 0, mishaps.around(self, Mishaps()), threaded=True)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()
        self.ecs = sessions.client("ecs", self.url, retries={"total_max_attempts": 1}, read_timeout=10)

    def __call__(self, _environ: "WSGIEnvironment", start_response: "StartResponse") -> list[bytes]:
        """Answer a call."""
        self.effects += 1
        start_response("200 OK", [("Content-Type", "application/x-amz-json-1.1")])
        return [json.dumps({"taskDefinition": {"revision": self.effects}}).encode()]

    def rules(self, *rules: dict[str, Any]) -> int:
        """Set the rules and return the status."""
        return httpx.put(self.url + mishaps.PATH, json={"rules": rules}).status_code

    def told(self) -> dict[str, Any]:
        """Return what the server tells of its rules."""
        return dict(httpx.get(self.url + mishaps.PATH).json())

    def register(self) -> int:
        """Register a revision and return its number."""
        answer = self.ecs.register_task_definition(family="f", containerDefinitions=[])
        revision: int = answer["taskDefinition"]["revision"]
        return revision

    def end(self) -> None:
        """End it."""
        self.rules()
        self.ecs.close()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@pytest.fixture(scope="module")
def shared() -> Iterator[Served]:
    """One server for all."""
    started = Served()
    yield started
    started.end()


@pytest.fixture
def served(shared: Served) -> Iterator[Served]:
    """The server with no rules, before and after."""
    shared.rules()
    shared.effects = 0
    yield shared
    shared.rules()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "code"), [("throttle", "ThrottlingException"), ("error", "ServiceUnavailable")]
)
def test_a_struck_call_fails_without_effect(served: Served, kind: str, code: str) -> None:
    """As the real client reads it, and the next one passes."""
    served.rules({"kind": kind, "service": "ecs", "times": 1})
    with pytest.raises(ClientError, match=code):
        served.register()
    assert served.register() == 1


@pytest.mark.slow
def test_an_answer_is_lost_though_the_call_took_effect(served: Served) -> None:
    """What a release must expect of every call that it makes."""
    served.rules({"kind": "drop-answer", "action": "RegisterTaskDefinition", "times": 1})
    with pytest.raises(ConnectionClosedError):
        served.register()
    assert served.register() == 2


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "effects"), [("stall-before", 0), ("stall-after", 1)])
def test_a_call_hangs_until_the_rules_change(served: Served, kind: str, effects: int) -> None:
    """Before or after it took effect; so a client can be killed in the middle of it."""
    served.rules({"kind": kind, "times": 1})
    ended: list[object] = []

    def call() -> None:
        try:
            ended.append(served.register())
        except (ClientError, HTTPClientError) as error:
            ended.append(error)

    hanging = threading.Thread(target=call)
    hanging.start()
    while served.told()["stalled"] != ["ecs:RegisterTaskDefinition"]:
        assert not ended
    assert served.effects == effects
    served.rules()
    hanging.join()
    assert served.effects == effects
    assert (ended == [1]) is (effects == 1)


@pytest.mark.slow
def test_rules_that_are_none_are_refused_and_the_old_ones_hold(served: Served) -> None:
    """A test that sets them must notice."""
    served.rules({"kind": "throttle"})
    assert served.rules({"kind": "explode"}) == HTTPStatus.BAD_REQUEST
    assert [rule["kind"] for rule in served.told()["rules"]] == ["throttle"]

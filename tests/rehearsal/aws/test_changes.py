"""The count of changes that others wait for."""

import threading
import time
from io import BytesIO
from typing import Any

import pytest

from rehearsal.aws.changes import Changes, action_of, counted, may_change

from .estate import Estate
from .stacks import Stacks


def request(method: str = "POST", *, target: str = "", form: str = "", path: str = "/") -> dict[str, Any]:
    """Return a request as WSGI has it."""
    return {
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "HTTP_X_AMZ_TARGET": target,
        "CONTENT_TYPE": "application/x-www-form-urlencoded" if form else "application/json",
        "CONTENT_LENGTH": str(len(form)),
        "wsgi.input": BytesIO(form.encode()),
    }


@pytest.mark.parametrize(
    ("asked", "action", "changing"),
    [
        (request(target="AmazonEC2ContainerServiceV20141113.CreateTaskSet"), "CreateTaskSet", True),
        (request(target="AmazonEC2ContainerServiceV20141113.DescribeTaskSets"), "DescribeTaskSets", False),
        (request(form="Action=ModifyListener&Version=2015-12-01"), "ModifyListener", True),
        (request(form="Version=2015-12-01&Action=DescribeListeners"), "DescribeListeners", False),
        (request(path="/service/Granite/operation/SetAlarmState"), "SetAlarmState", True),
        (request(path="/service/Granite/operation/PutMetricData"), "PutMetricData", False),
        (request("PUT", path="/bucket/key"), "", True),
        (request("GET", path="/bucket/key"), "", False),
    ],
)
def test_a_call_that_changes_something_is_known_by_its_action(
    asked: dict[str, Any],
    action: str,
    changing: bool,  # noqa: FBT001
) -> None:
    """Whichever protocol its service speaks; a form can be read again afterwards."""
    body = asked["wsgi.input"].getvalue()
    assert (action_of(asked), asked["wsgi.input"].read()) == (action, body)
    asked["wsgi.input"] = BytesIO(body)
    assert may_change(asked) is changing


@pytest.mark.parametrize(("status", "count"), [("200 OK", 1), ("400 Bad Request", 0)])
def test_only_a_call_that_succeeded_counts(status: str, count: int) -> None:
    """A refused one has changed nothing."""
    changes = Changes()

    def refusing(_environ: Any, start_response: Any) -> list[bytes]:  # noqa: ANN401 - WSGI's
        start_response(status, [])
        return [b""]

    counted(refusing, changes)(request("PUT"), lambda *_: lambda _: None)
    assert changes.count == count


def test_who_waits_is_woken_by_the_next_change() -> None:
    """And is answered at once when there was one already, or when the time is over."""
    changes = Changes()
    threading.Timer(0.05, changes.note).start()
    assert changes.wait(0, 60.0) == 1
    assert changes.wait(0, 60.0) == 1
    began = time.monotonic()
    assert changes.wait(1, 0.05) == 1
    assert time.monotonic() - began >= 0.05


@pytest.mark.slow
def test_calls_stacks_and_private_puts_are_counted(estate: Estate, stacks: Stacks) -> None:
    """Looking counts nothing."""

    def grown(since: int) -> int:
        return int(estate.ask("changes")["count"]) - since

    since = grown(0)
    estate.health("blue")
    estate.fleets()
    assert grown(since) == 0
    estate.register()
    estate.tell("target-health", {})
    assert grown(since) == 2
    stacks.create()
    stacks.template["Resources"]["Blue"]["Properties"]["HealthCheckPath"] = "/health/ready"
    since = grown(0)
    stacks.update()
    assert grown(since) > 2  # one for each event of the stack

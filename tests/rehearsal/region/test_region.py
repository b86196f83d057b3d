"""Against a real control plane, a real Envoy and tasks that are real processes."""

import http.client
import json
import os
import signal
import threading
import time
from collections.abc import Iterator
from typing import Any, Self

import psutil
import pytest

from rehearsal import due, processes
from rehearsal.clock import Clock
from rehearsal.judge.judgement import judge
from rehearsal.judge.played import Due, Played
from rehearsal.judge.requests import Requests
from rehearsal.timeline import Timeline

from .world import CLUSTER, PATIENCE, SPEED, World, opened, until

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Two tasks in blue, which take production's traffic."""
    with opened(tmp_path_factory.mktemp("region")) as found:
        yield found


class Clients:
    """Clients that ask on and on: two over kept connections, two over new ones, one slowly."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._done = threading.Event()
        self.answers: list[str] = []
        self.lost: list[str] = []
        self._threads = [
            threading.Thread(target=self._ask, args=(path, kept))
            for path, kept in (
                ("/", True),
                ("/", True),
                ("/", False),
                ("/", False),
                ("/slow?seconds=0.4", True),
            )
        ]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        for thread in self._threads:
            thread.join()

    def _ask(self, path: str, kept: bool) -> None:  # noqa: FBT001 - a thread's argument
        connection = self._world.connect()
        while not self._done.wait(0.01):
            try:
                connection.request("GET", path)
                answer = connection.getresponse()
                body = answer.read().decode()
                (self.answers if answer.status == 200 else self.lost).append(f"{answer.status} {body}")
            except (OSError, http.client.HTTPException) as error:
                self.lost.append(repr(error))
                connection.close()
            if not kept:
                connection.close()
        connection.close()


def release(world: World, colour: str, other: str) -> None:
    """Move production to a new task set in a colour, by a tenth first, and end the one before."""
    before = {task["startedBy"] for task in world.tasks()}
    started = world.task_set(world.register(world.digests["small"], COLOUR=colour), colour)
    world.until_healthy(colour)
    world.send(**{colour: 10, other: 90})
    time.sleep(0.5)
    world.send(**{colour: 100, other: 0})
    until(lambda: takes_all(world, colour))
    world.plane.ecs.update_service_primary_task_set(
        cluster=CLUSTER, service=world.family, primaryTaskSet=started
    )
    time.sleep(0.5)
    leaving = [task for task in world.tasks() if task["startedBy"] in before]
    for id_ in before:
        world.end_task_set(id_)
    until(lambda: all(has_stopped(world, task) for task in leaving))


def takes_all(world: World, colour: str) -> bool:
    """Whether the load balancer sends all that production gets to a colour, as the timeline says."""
    told = [event for event in Timeline.of(world.folder).read() if event["kind"] == "weights"]
    return bool(told[-1]["production"][colour] == 100)


def has_stopped(world: World, task: dict[str, Any]) -> bool:
    """Whether the timeline says so."""
    return "stopped" in [event["what"] for event in world.events_of(task["taskArn"])]


def is_at_rest(world: World) -> bool:
    """Whether all that was released has taken the place of what was there before."""
    (service,) = world.plane.ecs.describe_services(cluster=CLUSTER, services=[world.family])["services"]
    return len(service["taskSets"]) == 1


def due_in(world: World) -> Due:
    """How long a task's end must take there."""
    clock, service = Clock(SPEED), world.family
    return due.of(world.plane, clock, load_balancer=world.balancer, cluster=CLUSTER, service=service)


def drained(world: World, since: float) -> tuple[str, str]:
    """The judge's verdict on how tasks were ended since a point in time, and what it rests on."""
    events = [event for event in Timeline.of(world.folder).read() if event["at"] >= since]
    played = Played(
        start=since, end=time.time(), first="", releases=(), faults=(), events=events, due=due_in(world)
    )
    (found,) = [one for one in judge(played, Requests.of([])).promises if one.name == "draining"]
    return found.verdict, found.evidence


def test_what_a_task_has_for_its_end_is_read_from_what_is_described(world: World) -> None:
    """30 s to drain and 60 s to stop on AWS; the latter is never less than 10 s of this machine."""
    assert due_in(world) == Due(drain=1.0, stop=10.0)


def test_a_service_has_as_many_tasks_as_it_should(world: World) -> None:
    """Running, found healthy by container and load balancer, by the digest that is registered."""
    until(lambda: [task.get("healthStatus") for task in world.tasks()] == ["HEALTHY"] * 2)
    assert [
        (task["lastStatus"], task["containers"][0]["imageDigest"], task["containers"][0]["name"])
        for task in world.tasks()
    ] == [("RUNNING", world.digests["small"], "service")] * 2
    assert {world.get().body for _ in range(10)} == {b"blue"}


def test_a_request_reaches_a_task_as_from_an_application_load_balancer(world: World) -> None:
    """With the client's protocol and the listener's own port, whatever the client claims."""
    connection = world.connect()
    claimed = {"X-Forwarded-Port": "1", "X-Forwarded-Proto": "gopher"}
    connection.request("GET", "/headers", headers=claimed)
    headers = {name.lower(): value for name, value in json.loads(connection.getresponse().read()).items()}
    connection.close()
    assert (headers["x-forwarded-port"], headers["x-forwarded-proto"]) == ("80", "http")
    assert "x-forwarded-for" in headers
    assert not [name for name in headers if name.startswith("x-envoy")]


def test_a_target_that_resets_a_connection_is_a_502(world: World) -> None:
    """Envoy itself would call it 503, which an application load balancer does only without a target."""
    assert world.get("/reset").status == 502


def test_a_whole_release_loses_no_request(world: World) -> None:
    """Neither on kept connections nor on new ones, nor one in flight when its task was deregistered."""
    since = time.time()
    with Clients(world) as clients:
        release(world, "green", "blue")
        release(world, "blue", "green")
    assert clients.lost == []
    assert drained(world, since) == (
        "pass",
        "All 4 targets that were told to end had drained; 0 had to be killed.",
    )
    assert set(clients.answers) == {"200 blue", "200 green"}
    order = [event["what"] for event in world.events_of(world.events("draining")[0]["task"])]
    assert order == ["started", "healthy", "draining", "stopping", "stopped"]


def test_a_task_that_dies_is_replaced_at_once(world: World) -> None:
    """And told with its exit code, as ECS tells it."""
    (first, _) = world.tasks()
    os.kill(world.pid_of(first["taskArn"]), signal.SIGKILL)
    until(lambda: first["taskArn"] not in {task["taskArn"] for task in world.tasks()})
    world.until_healthy("blue")
    found = next(task for task in world.stopped() if task["taskArn"] == first["taskArn"])
    assert (found["stoppedReason"], found["stopCode"], found["containers"][0]["exitCode"]) == (
        "Essential container in task exited",
        "EssentialContainerExited",
        137,
    )


def test_a_task_that_somebody_stops_ends_in_order_and_is_replaced(world: World) -> None:
    """Drained first: whoever asks meanwhile loses nothing."""
    (first, _) = world.tasks()
    with Clients(world) as clients:
        world.plane.ecs.stop_task(cluster=CLUSTER, task=first["taskArn"], reason="by hand")
        until(lambda: has_stopped(world, first))
        world.until_healthy("blue")
    assert clients.lost == []
    found = next(task for task in world.stopped() if task["taskArn"] == first["taskArn"])
    assert (found["stoppedReason"], found["containers"][0]["exitCode"]) == ("by hand", 0)


def test_tasks_that_cannot_start_are_told_and_tried_again_later(world: World) -> None:
    """An image that is gone, a program that ends at once, that takes too much, that is never ready.

    Only the last is told to end; the others end of themselves, and no order was wrong.
    """
    since = time.time()
    gone = world.register("sha256:" + "0" * 64)
    sets = {
        "gone": world.task_set(gone, "green", count=1),
        "exits": world.task_set(world.register(world.digests["small"], EXIT="3"), "green", count=1),
        "grows": world.task_set(world.register(world.digests["small"], memory=8), "green", count=1),
        "never": world.task_set(world.register(world.digests["small"], READY="no"), "green", count=1),
    }

    def ended() -> dict[str, set[str]]:
        return {
            name: {
                f"{task['stopCode']}: {task['stoppedReason'].partition(': ')[0]}"
                f" {task['containers'][0].get('exitCode')} {task['containers'][0].get('reason', '')[:16]}"
                for task in world.stopped(started_by=id_)
            }
            for name, id_ in sets.items()
        }

    until(lambda: all(ended().values()))
    exited = "EssentialContainerExited: Essential container in task exited"
    group = world.groups["green"]
    assert ended() == {
        "gone": {"TaskFailedToStart: CannotPullContainerError None CannotPullContai"},
        "exits": {f"{exited} 3 "},
        "grows": {f"{exited} 137 OutOfMemoryError"},
        "never": {f"ServiceSchedulerInitiated: Task failed ELB health checks in (target-group {group}) 0 "},
    }
    assert drained(world, since)[0] == "pass"
    for id_ in sets.values():
        world.end_task_set(id_)
    until(lambda: len(world.tasks()) == 2)


@pytest.mark.parametrize(
    ("mistake", "live", "other", "why"),
    [
        ("without-draining", "blue", "green", " drained for 0."),
        ("sigterm-first", "green", "blue", " was ended before it was deregistered"),
    ],
)
def test_a_wrong_order_of_ending_is_seen(world: World, mistake: str, live: str, other: str, why: str) -> None:
    """By the requests of a task that has some; by canary, where tasks that end have none, by the order."""
    until(lambda: is_at_rest(world))
    world.restart("--pretend", mistake)
    with Clients(world) as clients:
        (first, _) = world.tasks()
        world.plane.ecs.stop_task(cluster=CLUSTER, task=first["taskArn"])
        until(lambda: has_stopped(world, first))
    assert clients.lost != []
    world.until_healthy(live)
    since = time.time()
    with Clients(world) as clients:
        release(world, other, live)
    assert clients.lost == []
    verdict, evidence = drained(world, since)
    assert (verdict, evidence.partition(":")[0]) == ("fail", "2 of 2 tasks ended in a wrong order")
    assert evidence.count(why) == 2


def test_a_region_that_ends_leaves_nothing_behind(world: World) -> None:
    """Neither Envoy nor a task, and it says that all went well."""
    children = psutil.Process(world.region.process.pid).children(recursive=True)
    world.region.process.terminate()
    assert world.region.process.wait(PATIENCE) == 0
    assert len(children) >= 4
    assert not any(child.is_running() for child in children)
    left = [process.pid for process in processes.of_marker(str(world.folder))]
    assert left == [world.plane.program.process.pid]

"""What is decided about tasks and services without asking anybody."""

import pytest

from rehearsal.aws.ecs.model import Service, Task, TaskSet
from rehearsal.aws.ecs.reports import stop_code
from rehearsal.aws.ecs.shapes import from_template


def task(*health: str | None) -> Task:
    """Return a task whose containers report this; None has no health check."""
    containers = [
        {"name": str(at), "isChecked": found is not None, "healthStatus": found or "UNKNOWN"}
        for at, found in enumerate(health)
    ]
    return Task(
        task_arn="task",
        cluster_arn="cluster",
        fleet="ecs-svc/1",
        service="service",
        task_definition="family:1",
        asked={},
        containers=containers,
        attachments=[],
        cpu=None,
        memory=None,
        platform={},
    )


@pytest.mark.parametrize(
    ("health", "whole"),
    [
        ((None,), "UNKNOWN"),
        (("UNKNOWN",), "UNKNOWN"),
        (("HEALTHY", None), "HEALTHY"),
        (("HEALTHY", "UNKNOWN"), "UNKNOWN"),
        (("HEALTHY", "UNHEALTHY"), "UNHEALTHY"),
    ],
)
def test_a_task_is_as_healthy_as_its_containers(health: tuple[str | None, ...], whole: str) -> None:
    """Those that are checked ("Determine Amazon ECS task health using container health checks")."""
    assert task(*health).health_status == whole


def test_the_first_reason_to_stop_stays() -> None:
    """Whatever comes after is a consequence of it."""
    stopped = task()
    stopped.stop("an operator's wish", "UserInitiated")
    stopped.stop("Essential container in task exited", "EssentialContainerExited")
    assert (stopped.stopped_reason, stopped.stop_code) == ("an operator's wish", "UserInitiated")


@pytest.mark.parametrize(
    ("started", "code"), [(True, "EssentialContainerExited"), (False, "TaskFailedToStart")]
)
def test_an_unknown_reason_depends_on_whether_the_task_ran(started: bool, code: str) -> None:  # noqa: FBT001
    """One that never ran has failed to start ("Task", stopCode)."""
    assert stop_code("something else", started=started) == code


@pytest.mark.parametrize(
    ("desired", "scale", "count"), [(3, 100.0, 3), (3, 40.0, 2), (3, 0.0, 0), (0, 50.0, 0)]
)
def test_a_scale_is_rounded_up(desired: int, scale: float, count: int) -> None:
    """One task of 1.2 would not be enough ("TaskSet", computedDesiredCount)."""
    task_set = TaskSet(id="1", task_set_arn="1", task_definition="family:1", asked={}, scale=scale)
    assert task_set.count(desired) == count


def test_a_service_keeps_its_last_hundred_events() -> None:
    """The newest first ("Service", events)."""
    service = Service(
        arn="arn",
        name="service",
        cluster_name="cluster",
        cluster_arn="cluster",
        task_definition="family:1",
        desired_count=1,
        asked={},
    )
    for at in range(101):
        service.tell(f"event {at}")
    messages = [event["message"] for event in service.events]
    assert (len(messages), messages[0], messages[-1]) == (
        100,
        "(service service) event 100",
        "(service service) event 1",
    )


def test_a_templates_properties_become_a_request() -> None:
    """Numbers and booleans may be strings there; keys of maps are nobody's names."""
    properties = {
        "Family": "family",
        "ContainerDefinitions": [
            {
                "Essential": "true",
                "StopTimeout": "60",
                "DockerLabels": {"Some.Label": "1"},
                "Environment": [{"Name": "A", "Value": 1}],
            }
        ],
        "Nobody": "knows",
    }
    assert from_template("RegisterTaskDefinition", properties) == {
        "family": "family",
        "containerDefinitions": [
            {
                "essential": True,
                "stopTimeout": 60,
                "dockerLabels": {"Some.Label": "1"},
                "environment": [{"name": "A", "value": "1"}],
            }
        ],
    }

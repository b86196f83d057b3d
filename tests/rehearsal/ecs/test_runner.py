"""Whole service deployments by the real client: the control plane moves tasks and rules as documented."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from rehearsal.timeline import Timeline
from tests.rehearsal.planes import until

from .world import World

Client = Any
"""A client whose stubs are of no use here."""
pytestmark = pytest.mark.slow


def test_a_canary_moves_production_traffic_in_two_parts_and_then_ends_the_old_tasks(world: World) -> None:
    """See "Amazon ECS canary deployments": a percentage first, and after its bake time the rest."""
    with world.tasks():
        canary = {"canaryPercent": 10.0, "canaryBakeTimeInMinutes": 5}
        first = world.wait(world.create("CANARY", canaryConfiguration=canary, bakeTimeInMinutes=5))
        assert (first["status"], world.weights()) == ("SUCCESSFUL", {"blue": 100, "green": 0})
        deployment = world.ship()
        seen: list[dict[str, int]] = []
        stages: list[str] = []

        def ended() -> bool:
            weights, found = world.weights(), world.look(deployment)
            if not seen or seen[-1] != weights:
                seen.append(weights)
            if found.get("lifecycleStage") not in (None, *stages[-1:]):
                stages.append(found["lifecycleStage"])
            return bool(found["status"] == "SUCCESSFUL")

        until(ended)
        assert seen == [{"blue": 100, "green": 0}, {"blue": 90, "green": 10}, {"blue": 0, "green": 100}]
        assert stages[0] in {"PRE_SCALE_UP", "SCALE_UP"}
        assert stages[-3:] == ["PRODUCTION_TRAFFIC_SHIFT", "BAKE_TIME", "CLEAN_UP"]
        assert world.weights(world.test) == {"blue": 0, "green": 100}
        service = world.estate.service()
        assert world.runs() == {"green": [service["taskDefinition"]] * 2}
        ((fleet),) = service["deployments"]
        assert (fleet["status"], fleet["rolloutState"]) == ("PRIMARY", "COMPLETED")
        assert service["currentServiceDeployment"] == deployment


def test_test_traffic_moves_first_and_a_hook_that_fails_brings_everything_back(
    world: World, functions: Client, role: str
) -> None:
    """See "Lambda hooks for Amazon ECS service deployments": the event's members, FAILED rolls back."""
    shifted = 'event["executionDetails"]["productionTrafficWeights"]'
    shifted += '[event["executionDetails"]["targetServiceRevisionArn"]]'
    # It takes its time to fail, so that test traffic can be seen where it went.
    failed = '__import__("time").sleep(1) or "FAILED"'
    answer = f'{{"hookStatus": "SUCCEEDED" if {shifted} else {failed}}}'
    hook = world.hook(functions, role, "gate", answer)
    stages = ["PRODUCTION_TRAFFIC_SHIFT", "POST_TEST_TRAFFIC_SHIFT"]
    hooks = [{"hookTargetArn": hook, "roleArn": role, "lifecycleStages": stages[:1]}]
    with world.tasks():
        first = world.wait(world.create("BLUE_GREEN", lifecycleHooks=hooks, bakeTimeInMinutes=0))
        assert first["status"] == "SUCCESSFUL"
        hooks[0]["lifecycleStages"] = stages[1:]
        world.configure(lifecycleHooks=hooks)
        assert len(world.listed()) == 1
        before = world.estate.service()["taskDefinition"]
        deployment = world.ship()
        until(lambda: world.weights(world.test) == {"blue": 0, "green": 100})
        found = world.wait(deployment)
        assert (found["status"], found["rollback"]["serviceRevisionArn"]) == (
            "ROLLBACK_SUCCESSFUL",
            first["targetServiceRevision"]["arn"],
        )
        assert found["statusReason"] == "A lifecycle hook failed at POST_TEST_TRAFFIC_SHIFT."
        blue = {"blue": 100, "green": 0}
        assert (world.weights(), world.weights(world.test)) == (blue, blue)
        assert world.estate.service()["taskDefinition"] == before
        assert world.runs() == {"blue": [before] * 2}


def test_a_hook_may_ask_to_be_called_again(world: World, functions: Client, role: str) -> None:
    """See "Lambda hooks for Amazon ECS service deployments": IN_PROGRESS, with details for the next call."""
    again = '{"hookStatus": "IN_PROGRESS", "callBackDelay": 15, "hookDetails": {"seen": True}}'
    answer = f'{{"hookStatus": "SUCCEEDED"}} if event.get("hookDetails", {{}}).get("seen") else {again}'
    hook = world.hook(functions, role, "patient", answer)
    hooks = [{"hookTargetArn": hook, "roleArn": role, "lifecycleStages": ["PRE_SCALE_UP"]}]
    with world.tasks():
        deployment = world.create("BLUE_GREEN", lifecycleHooks=hooks)
        until(lambda: world.look(deployment)["lifecycleHookDetails"])
        (details,) = world.look(deployment)["lifecycleHookDetails"]
        assert (details["targetArn"], details["status"]) == (hook, "IN_PROGRESS")
        assert world.wait(deployment)["status"] == "SUCCESSFUL"


def test_a_red_alarm_brings_traffic_back_unless_it_was_red_at_the_start(
    world: World, cloudwatch: Client
) -> None:
    """See "How CloudWatch alarms detect Amazon ECS deployment failures"."""
    name = f"{world.estate.name}-red"
    cloudwatch.put_metric_alarm(
        AlarmName=name,
        MetricName="m",
        Namespace="n",
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1.0,
        ComparisonOperator="GreaterThanThreshold",
    )
    alarms = {"alarmNames": [name], "enable": True, "rollback": True}
    with world.tasks():
        world.wait(world.create("BLUE_GREEN", alarms=alarms))
        world.configure(bakeTimeInMinutes=60)
        deployment = world.ship()
        world.reach(deployment, "BAKE_TIME")
        assert world.weights() == {"blue": 0, "green": 100}
        cloudwatch.set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="a test")
        found = world.wait(deployment)
        assert (found["status"], found["alarms"]) == (
            "ROLLBACK_SUCCESSFUL",
            {"status": "TRIGGERED", "alarmNames": [name], "triggeredAlarmNames": [name]},
        )
        assert world.weights() == {"blue": 100, "green": 0}
        world.configure(bakeTimeInMinutes=1)
        ignored = world.wait(world.ship())
        assert (ignored["status"], ignored["alarms"]["status"]) == ("SUCCESSFUL", "DISABLED")


def test_tasks_that_fail_to_start_trip_the_circuit_breaker(world: World) -> None:
    """See "How the Amazon ECS deployment circuit breaker detects failures": three, for two desired tasks."""
    breaker = {"enable": True, "rollback": True}
    bad: list[str] = []
    with world.tasks(fails=lambda revision: revision in bad):
        world.wait(
            world.create(
                "LINEAR",
                deploymentCircuitBreaker=breaker,
                bakeTimeInMinutes=0,
                linearConfiguration={"stepPercent": 50.0, "stepBakeTimeInMinutes": 1},
            )
        )
        bad.append(world.estate.register())
        world.update(taskDefinition=bad[0])
        found = world.wait(world.newest()["serviceDeploymentArn"])
        told = found["deploymentCircuitBreaker"]
        assert (found["status"], told["status"]) == ("ROLLBACK_SUCCESSFUL", "TRIGGERED")
        assert told["failureCount"] >= told["threshold"] == 3
        assert world.weights() == {"blue": 100, "green": 0}


def test_a_rolling_update_never_has_fewer_healthy_tasks_than_its_minimum(world: World) -> None:
    """See "Deploy Amazon ECS services by replacing tasks": 100 and 200 percent by default."""
    with world.tasks():
        world.wait(world.create("ROLLING"))
        fewest = 2
        deployment = world.ship()

        def ended() -> bool:
            nonlocal fewest
            fewest = min(fewest, world.estate.service()["runningCount"])
            return bool(world.look(deployment)["status"] == "SUCCESSFUL")

        until(ended)
        assert fewest == 2
        assert world.runs() == {"blue": [world.newest_revision()] * 2}
        assert "lifecycleStage" not in world.look(deployment)


def test_a_deployment_is_stopped_by_hand(world: World, timeline: Timeline) -> None:
    """See "Stopping Amazon ECS service deployments": it rolls back, although nothing configured that."""
    with world.tasks():
        world.wait(world.create("BLUE_GREEN"))
        world.configure(bakeTimeInMinutes=60)
        tags: Any = [{"key": "switchyard:release", "value": "r-7"}]
        world.update(taskDefinition=world.estate.register(tags=tags))
        deployment = world.newest()["serviceDeploymentArn"]
        world.reach(deployment, "BAKE_TIME")
        assert [item["status"] for item in world.listed(status=["IN_PROGRESS"])] == ["IN_PROGRESS"]
        world.stop(deployment, stopType="ROLLBACK")
        found = world.wait(deployment)
        assert (found["status"], world.weights()) == ("ROLLBACK_SUCCESSFUL", {"blue": 100, "green": 0})
        with pytest.raises(ClientError, match="ConflictException"):
            world.stop(deployment)
        with pytest.raises(ClientError, match="ServiceDeploymentNotFound"):
            world.stop(f"{deployment[:-3]}xyz")
    told = [(e["event"], e["status"]) for e in timeline.read() if e.get("release") == "r-7"]
    ended = [(stage, status) for stage, status in told if status != "InProgress"]
    assert ended == [
        ("PRE_SCALE_UP", "Succeeded"),
        ("SCALE_UP", "Succeeded"),
        ("POST_SCALE_UP", "Succeeded"),
        ("TEST_TRAFFIC_SHIFT", "Succeeded"),
        ("POST_TEST_TRAFFIC_SHIFT", "Succeeded"),
        ("PRODUCTION_TRAFFIC_SHIFT", "Succeeded"),
        ("POST_PRODUCTION_TRAFFIC_SHIFT", "Succeeded"),
        ("BAKE_TIME", "Failed"),
        ("PRODUCTION_TRAFFIC_SHIFT", "Succeeded"),
        ("TEST_TRAFFIC_SHIFT", "Succeeded"),
        ("CLEAN_UP", "Succeeded"),
    ]


def test_another_update_takes_the_place_of_a_deployment_under_way(world: World) -> None:
    """API Reference, "ServiceDeployment": RECONCILE_SERVICE comes first then, from the completed revision."""
    with world.tasks():
        first = world.wait(world.create("BLUE_GREEN"))
        world.configure(bakeTimeInMinutes=60)
        early = world.ship()
        world.reach(early, "BAKE_TIME")
        assert world.update(taskDefinition=world.newest_revision())["taskDefinition"]
        assert world.newest()["serviceDeploymentArn"] == early  # no change begins nothing
        late = world.ship()
        assert world.look(early)["status"] == "STOPPED"
        world.reach(late, "BAKE_TIME")
        found = world.look(late)
        (source,) = found["sourceServiceRevisions"]
        assert source["arn"] == first["targetServiceRevision"]["arn"]
        assert (source["runningTaskCount"], source["requestedProductionTrafficWeight"]) == (2, 0.0)
        assert world.weights() == {"blue": 0, "green": 100}
        assert world.runs()["green"] == [world.newest_revision()] * 2


def test_functions_are_told_of_deployments_and_their_ends(world: World, heard: tuple[Client, str]) -> None:
    """See "Amazon ECS service deployment state change events": what a rule on a service's events hears."""
    logs, group = heard
    with world.tasks():
        world.wait(world.create("BLUE_GREEN"))
        world.configure(bakeTimeInMinutes=60)
        deployment = world.ship()
        world.reach(deployment, "BAKE_TIME")
        world.stop(deployment)
        arn = world.estate.service()["serviceArn"]

        def told() -> list[str]:
            found = logs.filter_log_events(logGroupName=group)["events"]
            all_told = [json.loads(item["message"]) for item in found]
            return [item["detail"]["eventName"] for item in all_told if item["resources"] == [arn]]

        until(lambda: len(told()) == 6)
    names = [name.removeprefix("SERVICE_DEPLOYMENT_") for name in told()]
    assert sorted(names) == ["COMPLETED"] * 2 + ["FAILED"] + ["IN_PROGRESS"] * 3


def test_revisions_are_described_with_where_their_tasks_are(world: World) -> None:
    """API Reference, "ServiceRevision": the digest of each image, and the target group as resolved."""
    with world.tasks():
        world.wait(world.create("BLUE_GREEN"))
        found = world.wait(world.ship())
    ecs, arn = world.estate.plane.ecs, found["targetServiceRevision"]["arn"]
    answer = ecs.describe_service_revisions(serviceRevisionArns=[arn, f"{arn}0"])
    assert answer["failures"] == [{"arn": f"{arn}0", "reason": "MISSING"}]
    (revision,) = answer["serviceRevisions"]
    assert revision["taskDefinition"] == world.newest_revision()
    image = "registry.example/switchyard@sha256:" + "1" * 64
    assert revision["containerImages"] == [
        {"containerName": "service", "image": image, "imageDigest": "sha256:" + "1" * 64}
    ]
    assert revision["loadBalancers"][0]["targetGroupArn"] == world.estate.groups["blue"]
    (resolved,) = revision["resolvedConfiguration"]["loadBalancers"]
    assert resolved == {
        "targetGroupArn": world.estate.groups["green"],
        "productionListenerRule": world.production,
    }


def test_deployments_are_listed_by_pages_and_statuses(world: World) -> None:
    """API Reference, "ListServiceDeployments": the newest first."""
    with world.tasks():
        first = world.create("BLUE_GREEN")
        world.wait(first)
        second = world.ship()
        world.wait(second)
    name, ecs = world.estate.name, world.estate.plane.ecs
    page = ecs.list_service_deployments(cluster=name, service="service", maxResults=1)
    assert [item["serviceDeploymentArn"] for item in page["serviceDeployments"]] == [second]
    rest = world.listed(nextToken=page["nextToken"])
    assert [item["serviceDeploymentArn"] for item in rest] == [first]
    assert world.listed(status=["IN_PROGRESS", "PENDING"]) == []
    assert world.listed(createdAt={"after": page["serviceDeployments"][0]["createdAt"]})[-1:] == [
        page["serviceDeployments"][0]
    ]
    service = world.estate.service()
    (revision,) = service["currentServiceRevisions"]
    assert (revision["requestedTaskCount"], revision["runningTaskCount"]) == (2, 2)


def test_what_asks_for_no_new_tasks_begins_no_deployment_and_force_does(world: World) -> None:
    """API Reference, "UpdateService": the desired count and the configuration begin none."""
    with world.tasks():
        world.wait(world.create("BLUE_GREEN"))
        world.update(desiredCount=3, healthCheckGracePeriodSeconds=7)
        world.configure(bakeTimeInMinutes=1)
        assert len(world.listed()) == 1
        world.update(forceNewDeployment=True)
        found = world.wait(world.newest()["serviceDeploymentArn"])
    assert (found["status"], len(world.listed())) == ("SUCCESSFUL", 2)
    assert found["targetServiceRevision"]["runningTaskCount"] == 3

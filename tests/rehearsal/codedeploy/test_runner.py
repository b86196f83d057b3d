"""Whole deployments by the real client: CodeDeploy's server moves the control plane as documented."""

import io
import zipfile
from typing import Any

import pytest
from botocore.exceptions import ClientError

from rehearsal.timeline import Timeline
from tests.rehearsal.planes import until

from .world import EVENTS, World

pytestmark = pytest.mark.slow

REPORTS = """
import boto3

def handle(event, context):
    boto3.client("codedeploy").put_lifecycle_event_hook_execution_status(
        deploymentId=event["DeploymentId"],
        lifecycleEventHookExecutionId=event["LifecycleEventHookExecutionId"],
        status="VERDICT",
    )
"""


def test_a_canary_moves_traffic_in_two_increments_and_then_ends_the_original(world: World) -> None:
    """See "Working with deployment configurations in CodeDeploy": 10 percent, and later the rest."""
    with world.tasks():
        deployment = world.deploy(description="release r-1")
        seen: list[dict[str, int]] = []

        def ended() -> bool:
            weights = world.weights()
            if not seen or seen[-1] != weights:
                seen.append(weights)
            return bool(world.info(deployment)["status"] == "Succeeded")

        until(ended)
    assert seen == [{"blue": 100}, {"green": 10, "blue": 90}, {"green": 100, "blue": 0}]
    assert world.weights(world.test_listener) == {"green": 100}
    assert world.events(deployment) == dict.fromkeys(EVENTS, "Succeeded")
    ((status, external, revision),) = world.task_sets()
    assert (status, external) == ("PRIMARY", deployment)
    assert revision != world.first
    info = world.info(deployment)
    assert info["deploymentOverview"]["Succeeded"] == 1
    assert info["createTime"] <= info["startTime"] <= info["completeTime"]


def test_others_are_told_of_events_and_of_rollbacks_by_the_release(world: World, timeline: Timeline) -> None:
    """Ours: the timeline of the run has each lifecycle event, under the release that it belongs to."""
    deployment = world.deploy(description="release r-2", hooks={"AfterInstall": "nobody-wrote-it"})
    with world.tasks():
        info = world.ended(deployment)
        back = info["rollbackInfo"]["rollbackDeploymentId"]
        world.ended(back)

    def told() -> set[tuple[str, str, str]]:
        return {
            (line["deployment"], line["event"], line["status"])
            for line in timeline.read()
            if line.get("release") == "r-2"
        }

    until(lambda: (back, "AllowTraffic", "Succeeded") in told())
    assert {(event, status) for id_, event, status in told() if id_ == deployment} == {
        ("BeforeInstall", "Succeeded"),
        ("Install", "InProgress"),
        ("Install", "Succeeded"),
        ("AfterInstall", "InProgress"),
        ("AfterInstall", "Failed"),
    }


def test_while_the_original_stays_the_deployment_is_in_progress(world: World) -> None:
    """See "BlueInstanceTerminationOption" and "ECSTarget": both task sets run, with their weights."""
    ending = {"action": "TERMINATE", "terminationWaitTimeInMinutes": 600}
    world.change_group(
        deploymentConfigName="CodeDeployDefault.ECSAllAtOnce",
        blueGreenDeploymentConfiguration={"terminateBlueInstancesOnDeploymentSuccess": ending},
    )
    with world.tasks():
        deployment = world.deploy()
        until(lambda: world.info(deployment).get("instanceTerminationWaitTimeStarted"))
        assert world.info(deployment)["status"] == "InProgress"
        told = [
            (item["taskSetLabel"], item["status"], item["trafficWeight"], item["runningCount"])
            for item in world.target(deployment)["taskSetsInfo"]
        ]
        assert sorted(told) == [("Blue", "ACTIVE", 0.0, 2), ("Green", "PRIMARY", 100.0, 2)]
        refused(world, "DeploymentLimitExceededException", f"already has an active Deployment '{deployment}'")
        request: Any = {"deploymentId": deployment, "deploymentWaitType": "TERMINATION_WAIT"}
        world.codedeploy.continue_deployment(**request)
        assert world.ended(deployment)["status"] == "Succeeded"


def test_an_alarm_during_the_shift_takes_traffic_back(world: World, cloudwatch: Any) -> None:  # noqa: ANN401
    """See "Monitoring deployments with CloudWatch alarms in CodeDeploy" and "RollbackInfo"."""
    name = f"{world.estate.name}-5xx"
    alarm(cloudwatch, name, "OK")
    world.change_group(alarmConfiguration={"enabled": True, "alarms": [{"name": name}]})
    with world.tasks():
        deployment = world.deploy(deploymentConfigName=world.slow_canary())
        until(lambda: world.weights().get("green") == 10)
        alarm(cloudwatch, name, "ALARM")
        info = world.ended(deployment)
        assert (info["status"], info["errorInformation"]["code"]) == ("Stopped", "ALARM_ACTIVE")
        assert f"<{name}>" in info["errorInformation"]["message"]
        back = info["rollbackInfo"]["rollbackDeploymentId"]
        assert info["rollbackInfo"]["rollbackMessage"].startswith(f"Deployment {deployment} terminated.")
        rollback = world.ended(back)
    assert rollback["status"] == "Succeeded"
    assert rollback["creator"] == "codeDeployRollback"
    assert rollback["deploymentConfigName"] == "CodeDeployDefault.ECSAllAtOnce"
    message = f"Deployment {back} is triggered to roll back deployment {deployment}."
    assert rollback["rollbackInfo"] == {
        "rollbackTriggeringDeploymentId": deployment,
        "rollbackMessage": message,
    }
    assert world.events(deployment)["AllowTraffic"] == "Failed"
    assert world.events(deployment)["AfterAllowTraffic"] == "Skipped"
    assert world.weights() == {"green": 0, "blue": 100}
    assert world.weights(world.test_listener) == {"blue": 100}
    assert world.task_sets() == [("PRIMARY", "", world.first)]


def test_a_stop_in_the_wait_makes_the_original_the_primary_again(world: World) -> None:
    """See "StopDeployment": pending, then Stopped by MANUAL_STOP, and no second stop."""
    ending = {"action": "TERMINATE", "terminationWaitTimeInMinutes": 600}
    world.change_group(blueGreenDeploymentConfiguration={"terminateBlueInstancesOnDeploymentSuccess": ending})
    with world.tasks():
        deployment = world.deploy(deploymentConfigName="CodeDeployDefault.ECSAllAtOnce")
        until(lambda: world.info(deployment).get("instanceTerminationWaitTimeStarted"))
        stopped = world.codedeploy.stop_deployment(deploymentId=deployment, autoRollbackEnabled=True)
        assert stopped["status"] == "Pending"
        info = world.ended(deployment)
        assert (info["status"], info["errorInformation"]["code"]) == ("Stopped", "MANUAL_STOP")
        world.ended(info["rollbackInfo"]["rollbackDeploymentId"])
    assert world.weights() == {"green": 0, "blue": 100}
    assert world.task_sets() == [("PRIMARY", "", world.first)]
    with pytest.raises(world.codedeploy.exceptions.DeploymentAlreadyCompletedException):
        world.codedeploy.stop_deployment(deploymentId=deployment)


def test_a_stop_without_a_rollback_leaves_everything_as_it_is(world: World) -> None:
    """See "Deployments on an Amazon ECS compute platform": components remain in their current state."""
    with world.tasks():
        deployment = world.deploy(deploymentConfigName=world.slow_canary())
        until(lambda: world.weights().get("green") == 10)
        world.codedeploy.stop_deployment(deploymentId=deployment, autoRollbackEnabled=False)
        info = world.ended(deployment)
    assert "rollbackInfo" not in info
    assert world.weights() == {"green": 10, "blue": 90}
    assert len(world.task_sets()) == 2


def test_a_replacement_that_never_becomes_healthy_fails_after_an_hour(world: World) -> None:
    """See "Troubleshoot Amazon ECS deployment issues": its tasks run, and nothing is moved."""
    with world.tasks(sick="green"):
        deployment = world.deploy()
        info = world.ended(deployment)
        assert (info["status"], info["errorInformation"]["code"]) == ("Failed", "TIMEOUT")
        assert "This time out period is 60 minutes." in info["errorInformation"]["message"]
        world.ended(info["rollbackInfo"]["rollbackDeploymentId"])
    events = world.target(deployment)["lifecycleEvents"]
    assert [event["status"] for event in events[:3]] == ["Succeeded", "Failed", "Skipped"]
    assert world.task_sets() == [("PRIMARY", "", world.first)]


def test_traffic_waits_until_somebody_continues(world: World) -> None:
    """See "ContinueDeployment": Ready, and before that DeploymentIsNotInReadyStateException."""
    ready = {"actionOnTimeout": "STOP_DEPLOYMENT", "waitTimeInMinutes": 600}
    world.change_group(blueGreenDeploymentConfiguration={"deploymentReadyOption": ready})
    deployment = world.deploy()
    with pytest.raises(world.codedeploy.exceptions.DeploymentIsNotInReadyStateException):
        world.codedeploy.continue_deployment(deploymentId=deployment)
    with world.tasks():
        until(lambda: world.info(deployment)["status"] == "Ready")
        assert world.weights() == {"blue": 100}
        world.codedeploy.continue_deployment(deploymentId=deployment, deploymentWaitType="READY_WAIT")
        assert world.ended(deployment)["status"] == "Succeeded"


@pytest.mark.parametrize(("verdict", "ends"), [("Succeeded", "Succeeded"), ("Failed", "Failed")])
def test_a_hook_decides_whether_traffic_moves(
    world: World,
    functions: Any,  # noqa: ANN401 - a client
    role: str,
    verdict: str,
    ends: str,
) -> None:
    """See "AppSpec 'hooks' section": the function is called and reports; a failure takes traffic back."""
    name = f"{world.estate.name}-hook"
    functions.create_function(
        FunctionName=name,
        Runtime="python3.11",
        Role=role,
        Handler="hook.handle",
        Code={"ZipFile": zipped("hook.py", REPORTS.replace("VERDICT", verdict))},
        Timeout=30,
    )
    world.change_group(deploymentConfigName="CodeDeployDefault.ECSAllAtOnce")
    with world.tasks():
        deployment = world.deploy(hooks={"AfterAllowTestTraffic": name})
        info = world.ended(deployment, within=12.0)
        assert info["status"] == ends, info
        if ends == "Failed":
            assert info["errorInformation"]["code"] == "HOOK_EXECUTION_FAILURE"
            world.ended(info["rollbackInfo"]["rollbackDeploymentId"])
            assert world.weights() == {"green": 0, "blue": 100}
            assert world.weights(world.test_listener) == {"blue": 100}


def test_a_function_that_does_not_exist_fails_the_deployment_at_once(world: World) -> None:
    """See "ErrorInformation": INVALID_LAMBDA_FUNCTION; at BeforeInstall there is no rollback."""
    info = world.ended(world.deploy(hooks={"BeforeInstall": "nobody-wrote-it"}))
    assert (info["status"], info["errorInformation"]["code"]) == ("Failed", "INVALID_LAMBDA_FUNCTION")
    assert "rollbackInfo" not in info
    assert world.task_sets() == [("PRIMARY", "", world.first)]


def test_what_ecs_refuses_fails_the_deployment(world: World) -> None:
    """See "ErrorInformation": ECS_UPDATE_ERROR, here of a revision that nobody registered."""
    info = world.ended(world.deploy(world.first.rpartition(":")[0] + ":99"))
    assert (info["status"], info["errorInformation"]["code"]) == ("Failed", "ECS_UPDATE_ERROR")


def test_the_primary_task_set_must_be_behind_the_production_listener(world: World) -> None:
    """See "Troubleshoot Amazon ECS deployment issues": the ELB could not be updated."""
    world.estate.plane.elbv2.modify_listener(
        ListenerArn=world.estate.listener,
        DefaultActions=[{"Type": "forward", "TargetGroupArn": world.estate.groups["green"]}],
    )
    info = world.ended(world.deploy())
    assert "Primary taskset target group must be behind listener" in info["errorInformation"]["message"]


def test_the_next_deployment_uses_the_target_groups_the_other_way_round(world: World) -> None:
    """See "Deployments on an Amazon ECS compute platform": the groups change their parts each time."""
    world.change_group(deploymentConfigName="CodeDeployDefault.ECSAllAtOnce")
    with world.tasks():
        for expected in ({"green": 100, "blue": 0}, {"blue": 100, "green": 0}):
            assert world.ended(world.deploy())["status"] == "Succeeded"
            assert world.weights() == expected


def test_a_control_plane_that_is_busy_does_not_fail_a_deployment(world: World) -> None:
    """Ours: CodeDeploy's own calls are repeated while they are throttled or fail by the server's fault."""
    world.change_group(deploymentConfigName="CodeDeployDefault.ECSAllAtOnce")
    agent = "switchyard-codedeploy"
    rules = [{"kind": kind, "rate": 0.15, "agent": agent} for kind in ("throttle", "error", "drop-answer")]
    world.estate.tell("faults", {"rules": rules})
    try:
        with world.tasks():
            assert world.ended(world.deploy(), within=15.0)["status"] == "Succeeded"
    finally:
        world.estate.tell("faults", {"rules": []})
    assert world.weights() == {"green": 100, "blue": 0}
    assert len(world.task_sets()) == 1


def refused(world: World, code: str, sentence: str) -> None:
    """Assert that another deployment is refused."""
    with pytest.raises(ClientError, match=sentence) as caught:
        world.deploy(world.first)
    assert caught.value.response["Error"]["Code"] == code


def alarm(cloudwatch: Any, name: str, state: str) -> None:  # noqa: ANN401 - a client
    """Put an alarm and its state."""
    if state == "OK":
        cloudwatch.put_metric_alarm(
            AlarmName=name,
            Namespace="AWS/ApplicationELB",
            MetricName="HTTPCode_Target_5XX_Count",
            Statistic="Sum",
            Period=60,
            EvaluationPeriods=1,
            Threshold=1.0,
            ComparisonOperator="GreaterThanOrEqualToThreshold",
        )
    cloudwatch.set_alarm_state(AlarmName=name, StateValue=state, StateReason="for the test")


def zipped(name: str, text: str) -> bytes:
    """Return an archive of one file."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr(name, text)
    return data.getvalue()

"""The API by the real client: what it answers, and what it refuses as its documentation names it."""

import hashlib
import json
import urllib.request
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from rehearsal.codedeploy.api import PREFIX
from rehearsal.codedeploy.targets import execution_id
from rehearsal.control_plane import ControlPlane
from tests.rehearsal.planes import until

from .world import World, appspec

if TYPE_CHECKING:
    from mypy_boto3_codedeploy import CodeDeployClient

pytestmark = pytest.mark.slow

REVISION = "arn:aws:ecs:eu-central-1:123456789012:task-definition/switchyard:7"


def code_of(error: pytest.ExceptionInfo[ClientError]) -> str:
    """Return the code of a refusal."""
    return error.value.response["Error"]["Code"]


def test_applications_are_created_described_listed_and_deleted(codedeploy: "CodeDeployClient") -> None:
    """See API Reference, "CreateApplication", "GetApplication", "ListApplications", "DeleteApplication"."""
    made = codedeploy.create_application(applicationName="one", computePlatform="ECS")
    found = codedeploy.get_application(applicationName="one")["application"]
    assert found["applicationId"] == made["applicationId"]
    assert found["computePlatform"] == "ECS"
    assert "one" in codedeploy.list_applications()["applications"]
    with pytest.raises(codedeploy.exceptions.ApplicationAlreadyExistsException):
        codedeploy.create_application(applicationName="one", computePlatform="ECS")
    codedeploy.delete_application(applicationName="one")
    with pytest.raises(codedeploy.exceptions.ApplicationDoesNotExistException):
        codedeploy.get_application(applicationName="one")


def test_the_predefined_configurations_for_ecs_exist(codedeploy: "CodeDeployClient") -> None:
    """See "Working with deployment configurations in CodeDeploy", the table for Amazon ECS."""
    names = set(codedeploy.list_deployment_configs()["deploymentConfigsList"])
    assert {name for name in names if ".ECS" in name} == {
        "CodeDeployDefault.ECSAllAtOnce",
        "CodeDeployDefault.ECSCanary10Percent5Minutes",
        "CodeDeployDefault.ECSCanary10Percent15Minutes",
        "CodeDeployDefault.ECSLinear10PercentEvery1Minutes",
        "CodeDeployDefault.ECSLinear10PercentEvery3Minutes",
    }
    name = "CodeDeployDefault.ECSLinear10PercentEvery3Minutes"
    found = codedeploy.get_deployment_config(deploymentConfigName=name)["deploymentConfigInfo"]
    assert found["trafficRoutingConfig"] == {
        "type": "TimeBasedLinear",
        "timeBasedLinear": {"linearPercentage": 10, "linearInterval": 3},
    }


def test_configurations_are_created_once_and_deleted_when_unused(world: World) -> None:
    """See API Reference, "CreateDeploymentConfig" and "DeleteDeploymentConfig"."""
    codedeploy, name = world.codedeploy, world.slow_canary()
    with pytest.raises(codedeploy.exceptions.DeploymentConfigAlreadyExistsException):
        codedeploy.create_deployment_config(deploymentConfigName=name, computePlatform="ECS")
    with pytest.raises(codedeploy.exceptions.InvalidDeploymentConfigNameException):
        codedeploy.create_deployment_config(
            deploymentConfigName="CodeDeployDefault.Mine", computePlatform="ECS"
        )
    world.change_group(deploymentConfigName=name)
    with pytest.raises(codedeploy.exceptions.DeploymentConfigInUseException):
        codedeploy.delete_deployment_config(deploymentConfigName=name)
    world.change_group(deploymentConfigName="CodeDeployDefault.ECSAllAtOnce")
    codedeploy.delete_deployment_config(deploymentConfigName=name)
    with pytest.raises(codedeploy.exceptions.DeploymentConfigDoesNotExistException):
        codedeploy.get_deployment_config(deploymentConfigName=name)


def test_a_group_is_described_as_it_was_created_and_updated(world: World) -> None:
    """See API Reference, "GetDeploymentGroup" and "UpdateDeploymentGroup": what is not named stays."""
    name = world.estate.name
    world.change_group(alarmConfiguration={"enabled": True, "alarms": [{"name": "red"}]})
    names: Any = {"applicationName": name, "deploymentGroupName": name}
    found = world.codedeploy.get_deployment_group(**names)["deploymentGroupInfo"]
    told: dict[str, Any] = {key: found.get(key) for key in world.group()}
    assert told == world.group()
    assert (found["computePlatform"], found["alarmConfiguration"]["alarms"]) == ("ECS", [{"name": "red"}])
    assert world.codedeploy.list_deployment_groups(applicationName=name)["deploymentGroups"] == [name]
    world.codedeploy.delete_deployment_group(**names)
    with pytest.raises(world.codedeploy.exceptions.DeploymentGroupDoesNotExistException):
        world.codedeploy.get_deployment_group(**names)


def test_a_group_that_cannot_work_is_refused(world: World) -> None:
    """See API Reference, "CreateDeploymentGroup", the errors, and "CodeDeploy quotas": ten alarms."""
    pair = world.group()["loadBalancerInfo"]["targetGroupPairInfoList"][0]
    ready = {"actionOnTimeout": "CONTINUE_DEPLOYMENT", "waitTimeInMinutes": 5}
    wrong: dict[str, dict[str, Any]] = {
        "DeploymentConfigDoesNotExistException": {"deploymentConfigName": "nobody"},
        "InvalidECSServiceException": {"ecsServices": []},
        "InvalidTargetGroupPairException": {
            "loadBalancerInfo": {"targetGroupPairInfoList": [{**pair, "targetGroups": [{"name": "one"}]}]}
        },
        "InvalidDeploymentStyleException": {"deploymentStyle": {"deploymentType": "IN_PLACE"}},
        "InvalidAutoScalingGroupException": {"autoScalingGroups": ["one"]},
        "AlarmsLimitExceededException": {
            "alarmConfiguration": {"enabled": True, "alarms": [{"name": str(number)} for number in range(11)]}
        },
        "InvalidAutoRollbackConfigException": {"autoRollbackConfiguration": {"enabled": True, "events": []}},
        "InvalidBlueGreenDeploymentConfigurationException": {
            "blueGreenDeploymentConfiguration": {"deploymentReadyOption": ready}
        },
        "DeploymentGroupAlreadyExistsException": {},
    }
    answered = {}
    for code, changes in wrong.items():
        name = "another" if changes else world.estate.name
        with pytest.raises(ClientError) as caught:
            world.codedeploy.create_deployment_group(**world.group(deploymentGroupName=name, **changes))
        answered[code] = code_of(caught)
    assert answered == {code: code for code in wrong}


def test_a_deployment_that_cannot_begin_is_refused(world: World) -> None:
    """See API Reference, "CreateDeployment", the errors."""
    text = {"revisionType": "AppSpecContent", "appSpecContent": {"content": appspec(REVISION)}}
    wrong: dict[str, dict[str, Any]] = {
        "ApplicationDoesNotExistException": {"applicationName": "nobody"},
        "DeploymentGroupDoesNotExistException": {"deploymentGroupName": "nobody"},
        "DeploymentConfigDoesNotExistException": {"deploymentConfigName": "nobody"},
        "InvalidRevisionException": {
            "revision": {"revisionType": "AppSpecContent", "appSpecContent": {"content": "{}"}}
        },
        "RevisionDoesNotExistException": {
            "revision": {"revisionType": "AppSpecContent", "appSpecContent": {"sha256": "0" * 64}}
        },
        "DescriptionTooLongException": {"description": "x" * 257},
    }
    names = {"applicationName": world.estate.name, "deploymentGroupName": world.estate.name}
    answered = {}
    for code, changes in wrong.items():
        with pytest.raises(ClientError) as caught:
            world.codedeploy.create_deployment(**{**names, "revision": text, **changes})
        answered[code] = code_of(caught)
    assert answered == {code: code for code in wrong}
    for left_out, code in {"deploymentGroupName": "DeploymentGroupName", "revision": "Revision"}.items():
        request: Any = {**names, "revision": text}
        del request[left_out]
        with pytest.raises(ClientError) as caught:
            world.codedeploy.create_deployment(**request)
        assert code_of(caught) == f"{code}RequiredException"


def test_a_revision_is_told_without_its_content_and_found_by_its_sum(world: World) -> None:
    """See API Reference, "GetDeployment": the content is null there; "GetApplicationRevision" has it."""
    name, text = world.estate.name, appspec(world.first)
    revision: Any = {"revisionType": "AppSpecContent", "appSpecContent": {"content": text}}
    world.codedeploy.register_application_revision(applicationName=name, revision=revision, description="d")
    sha256 = hashlib.sha256(text.encode()).hexdigest()
    known: Any = {"revisionType": "AppSpecContent", "appSpecContent": {"sha256": sha256}}
    found = world.codedeploy.get_application_revision(applicationName=name, revision=known)
    assert found["revision"]["appSpecContent"]["content"] == text
    assert found["revisionInfo"]["description"] == "d"
    deployment = world.codedeploy.create_deployment(
        applicationName=name, deploymentGroupName=name, revision=known
    )["deploymentId"]
    assert world.info(deployment)["revision"] == known
    world.codedeploy.stop_deployment(deploymentId=deployment)


def test_deployments_are_listed_by_group_status_and_time(world: World) -> None:
    """See API Reference, "ListDeployments" and "BatchGetDeployments"."""
    names: Any = {"applicationName": world.estate.name, "deploymentGroupName": world.estate.name}
    deployment = world.deploy(world.first)
    codedeploy = world.codedeploy
    assert codedeploy.list_deployments(**names)["deployments"] == [deployment]
    running: Any = ["Created", "Queued", "InProgress", "Baking", "Ready"]
    assert codedeploy.list_deployments(**names, includeOnlyStatuses=running)["deployments"] == [deployment]
    assert codedeploy.list_deployments(**names, includeOnlyStatuses=["Succeeded"])["deployments"] == []
    earlier: Any = {"end": datetime.now(UTC) - timedelta(hours=1)}
    assert codedeploy.list_deployments(**names, createTimeRange=earlier)["deployments"] == []
    pages = codedeploy.get_paginator("list_deployments").paginate(**names)
    assert [id_ for page in pages for id_ in page["deployments"]] == [deployment]
    described = codedeploy.batch_get_deployments(deploymentIds=[deployment, "d-NOBODYHAS"])
    assert [info["deploymentId"] for info in described["deploymentsInfo"]] == [deployment]
    with pytest.raises(codedeploy.exceptions.BatchLimitExceededException):
        codedeploy.batch_get_deployments(deploymentIds=["d-NOBODYHAS"] * 26)
    with pytest.raises(codedeploy.exceptions.DeploymentGroupNameRequiredException):
        codedeploy.list_deployments(applicationName=world.estate.name)
    with pytest.raises(codedeploy.exceptions.InvalidNextTokenException):
        codedeploy.list_deployments(**names, nextToken="nonsense")
    codedeploy.stop_deployment(deploymentId=deployment)


def test_an_unknown_deployment_is_said_to_be_unknown(codedeploy: "CodeDeployClient") -> None:
    """See API Reference, "StopDeployment" and others: DeploymentDoesNotExistException."""
    id_, codes = "d-NOBODYHAS", set()
    calls: list[Any] = [
        lambda: codedeploy.get_deployment(deploymentId=id_),
        lambda: codedeploy.stop_deployment(deploymentId=id_),
        lambda: codedeploy.continue_deployment(deploymentId=id_),
        lambda: codedeploy.list_deployment_targets(deploymentId=id_),
        lambda: codedeploy.get_deployment_target(deploymentId=id_, targetId="one:two"),
        lambda: codedeploy.put_lifecycle_event_hook_execution_status(deploymentId=id_, status="Succeeded"),
    ]
    for call in calls:
        with pytest.raises(ClientError) as caught:
            call()
        codes.add(code_of(caught))
    assert codes == {"DeploymentDoesNotExistException"}


def test_the_one_target_is_the_service(world: World) -> None:
    """See API Reference, "ListDeploymentTargets" and "BatchGetDeploymentTargets": CLUSTER:SERVICE."""
    deployment = world.deploy(world.first)
    try:
        wait_until_started(world, deployment)
        expected = f"{world.estate.name}:service"
        targets = world.codedeploy.list_deployment_targets(deploymentId=deployment)["targetIds"]
        assert targets == [expected]
        batch = world.codedeploy.batch_get_deployment_targets(deploymentId=deployment, targetIds=targets)
        (target,) = batch["deploymentTargets"]
        assert target["deploymentTargetType"] == "ECSTarget"
        assert target["ecsTarget"]["targetId"] == expected
        with pytest.raises(world.codedeploy.exceptions.DeploymentTargetDoesNotExistException):
            world.codedeploy.get_deployment_target(deploymentId=deployment, targetId="another:service")
    finally:
        world.codedeploy.stop_deployment(deploymentId=deployment)


def test_only_the_hook_that_is_waited_for_may_report(world: World) -> None:
    """See API Reference, "PutLifecycleEventHookExecutionStatus", the errors."""
    deployment = world.deploy(world.first)
    wait_until_started(world, deployment)
    answered = []
    for execution, status in (
        ("nonsense", "Succeeded"),
        (execution_id("d-NOBODYHAS", "AfterInstall"), "Succeeded"),
        (execution_id(deployment, "BeforeInstall"), "Pending"),
        (execution_id(deployment, "BeforeInstall"), "Succeeded"),
    ):
        request: Any = {"lifecycleEventHookExecutionId": execution, "status": status}
        with pytest.raises(ClientError) as caught:
            world.codedeploy.put_lifecycle_event_hook_execution_status(deploymentId=deployment, **request)
        answered.append(code_of(caught))
    world.codedeploy.stop_deployment(deploymentId=deployment)
    assert answered == [
        "InvalidLifecycleEventHookExecutionIdException",
        "InvalidLifecycleEventHookExecutionIdException",
        "InvalidLifecycleEventHookExecutionStatusException",
        "LifecycleEventAlreadyCompletedException",
    ]


def test_requests_are_checked_against_the_service_model(region: tuple[ControlPlane, str]) -> None:
    """See "Common Errors": what no client of boto3's would send is refused as well."""
    answered = [
        send(region[1], "GetDeployment", {}),
        send(region[1], "GetDeployment", {"deploymentId": 7}),
        send(region[1], "GetDeployment", {"deploymentId": "d-NOBODYHAS", "more": 1}),
        send(region[1], "GetDeployment", "text"),
        send(region[1], "FlyToTheMoon", {}),
    ]
    assert answered == [
        (400, "DeploymentIdRequiredException"),
        (400, "ValidationException"),
        (400, "ValidationException"),
        (400, "SerializationException"),
        (400, "UnknownOperationException"),
    ]


def test_calls_go_wrong_on_request(region: tuple[ControlPlane, str], codedeploy: "CodeDeployClient") -> None:
    """Ours: a route of the rehearsal's own, with the rules of the control plane."""
    rule = {"service": "codedeploy", "action": "ListApplications", "kind": "throttle"}
    put(region[1], {"rules": [rule]})
    with pytest.raises(codedeploy.exceptions.ThrottlingException):
        codedeploy.list_applications()
    put(region[1], {"rules": []})
    codedeploy.list_applications()


def wait_until_started(world: World, deployment: str) -> None:
    """Wait until a deployment has targets."""
    until(lambda: world.info(deployment)["status"] not in {"Created", "Queued"})


def send(url: str, action: str, document: object) -> tuple[int, str]:
    """Send a request that is not boto3's, and return the status and the code of its refusal."""
    request = urllib.request.Request(  # noqa: S310 - our own
        url, data=json.dumps(document).encode(), headers={"X-Amz-Target": f"{PREFIX}{action}"}
    )
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        opener.open(request, timeout=5).close()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)["__type"]
    return 200, ""


def put(url: str, rules: object) -> None:
    """Set the rules of mishaps."""
    request = urllib.request.Request(  # noqa: S310 - our own
        f"{url}/rehearsal/faults", data=json.dumps(rules).encode(), method="PUT"
    )
    urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=5).close()

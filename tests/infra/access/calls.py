"""Calls that somebody might make, each with what it is about in one word, for tables that can be read."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from tests.infra.access.authorization import arn
from tests.infra.access.roles import ACCOUNT, REGION

Call = tuple[str, str, dict[str, Any]]
"""Service and operation, as boto3 names them, and parameters."""
_DIGEST: Final = f"sha256:{'1f' * 32}"
_MANIFEST: Final = '{"schemaVersion": 2, "config": {}, "layers": []}'


def call(name: str, about: str) -> Call:
    """Return a call by its name, such as `s3.get_object`, about something, such as `dev/models/a`.

    Raises:
        KeyError: nobody has said how to make it.
    """
    service, operation = name.split(".")
    return service, operation, _MADE[name](about)


def bucket(stage: str) -> str:
    """Return the name of a stage's data bucket."""
    return f"switchyard-{stage}-data-{ACCOUNT}-{REGION}"


def role_arn(words: str) -> str:
    """Return the ARN of a role: of a stage's, such as `dev/task`, or of the CDK's, such as `cdk/deploy`."""
    owner, _, what = words.partition("/")
    what, _, region = what.partition("/")
    where = region or REGION
    name = (
        f"cdk-hnb659fds-{what}-role-{ACCOUNT}-{where}"
        if owner == "cdk"
        else f"switchyard-{owner}-{what}-{where}"
    )
    return f"arn:aws:iam::{ACCOUNT}:role/{name}"


def _nothing(_: str) -> dict[str, Any]:
    return {}


def _image(name: str) -> dict[str, Any]:
    return {"repositoryName": name, "imageIds": [{"imageDigest": _DIGEST}]}


def _object(path: str) -> dict[str, Any]:
    stage, _, key = path.partition("/")
    return {"Bucket": bucket(stage), "Key": key}


def _listing(path: str) -> dict[str, Any]:
    stage, slash, prefix = path.partition("/")
    return {"Bucket": bucket(stage), **({"Prefix": prefix} if slash else {})}


def _parameter(path: str) -> dict[str, Any]:
    return {"Name": path}


def _service(stage: str) -> dict[str, Any]:
    return {"cluster": f"switchyard-{stage}", "service": f"{stage}-service"}


def _group(stage: str) -> dict[str, Any]:
    return {"applicationName": f"switchyard-{stage}", "deploymentGroupName": f"switchyard-{stage}"}


def _deployment(stage: str) -> dict[str, Any]:
    return {"deploymentId": f"d-{stage}"}


def _service_deployment(stage: str) -> str:
    return arn("ecs", f"service-deployment/switchyard-{stage}/{stage}-service/0f1e2d3c")


def _service_revision(stage: str) -> str:
    return arn("ecs", f"service-revision/switchyard-{stage}/{stage}-service/0f1e2d3c")


def _revision(words: str) -> dict[str, Any]:
    """Return a revision of one stage's family with the roles of another, or with one role of any kind."""
    family, _, owner = words.partition(" with ")
    both = (owner, owner) if "/" in owner else (f"{owner}/task", f"{owner}/execution")
    return {
        "family": f"switchyard-{family}",
        "taskRoleArn": role_arn(both[0]),
        "executionRoleArn": role_arn(both[1]),
        "containerDefinitions": [{"name": "service", "image": f"switchyard@{_DIGEST}"}],
        "tags": [{"key": "stage", "value": family}],
    }


def _service_update(words: str) -> dict[str, Any]:
    """Return the update of one stage's service to a revision of a family, with a shell or without."""
    stage, _, more = words.partition(" to ")
    family, _, shell = more.partition(" with ")
    revision = {"taskDefinition": f"switchyard-{family}:7"} if family else {}
    return {**_service(stage), **revision, **({"enableExecuteCommand": True} if shell else {})}


_TYPES: Final = {
    "listeners": ["AWS::ElasticLoadBalancingV2::Listener"],
    "rules": ["AWS::ElasticLoadBalancingV2::ListenerRule"],
    "roles": ["AWS::IAM::Role"],
    "anything": [],
}


def _stack_update(words: str) -> dict[str, Any]:
    """Return the update of a stack that may touch some types; by another template or role, or by its own."""
    stack, _, more = words.partition("/")
    types, _, source = more.partition(" by ")
    kinds = [kind for name in types.split("+") for kind in _TYPES[name]]
    template = (
        {"TemplateURL": "https://example.org/t"} if source == "template" else {"UsePreviousTemplate": True}
    )
    return {
        "StackName": f"Switchyard-{stack}",
        **template,
        **({"RoleARN": role_arn("cdk/cfn-exec")} if source == "role" else {}),
        **({"ResourceTypes": kinds} if kinds else {}),
    }


def _stack_policy(words: str) -> dict[str, Any]:
    """Return a stack's policy, in the request or by an address."""
    stack, _, source = words.partition(" by ")
    policy = {"StackPolicyURL": "https://example.org/p"} if source else {"StackPolicyBody": "{}"}
    return {"StackName": f"Switchyard-{stack}", **policy}


_MADE: Final[Mapping[str, Callable[[str], dict[str, Any]]]] = {
    "cloudformation.delete_stack": lambda name: {"StackName": f"Switchyard-{name}"},
    "cloudformation.describe_stacks": lambda name: {"StackName": f"Switchyard-{name}"},
    "cloudformation.get_stack_policy": lambda name: {"StackName": f"Switchyard-{name}"},
    "cloudformation.set_stack_policy": _stack_policy,
    "cloudformation.update_stack": _stack_update,
    "cloudwatch.delete_alarms": lambda name: {"AlarmNames": [name]},
    "cloudwatch.describe_alarms": lambda name: {"AlarmNames": [name]},
    "codedeploy.continue_deployment": _deployment,
    "codedeploy.create_deployment": _group,
    "codedeploy.get_application": lambda stage: {"applicationName": f"switchyard-{stage}"},
    "codedeploy.get_deployment": _deployment,
    "codedeploy.get_deployment_config": lambda name: {"deploymentConfigName": name},
    "codedeploy.get_deployment_group": _group,
    "codedeploy.batch_get_deployment_targets": lambda stage: {**_deployment(stage), "targetIds": ["t"]},
    "codedeploy.get_deployment_target": lambda stage: {**_deployment(stage), "targetId": "t"},
    "codedeploy.list_deployment_targets": _deployment,
    "codedeploy.list_deployments": _group,
    "codedeploy.put_lifecycle_event_hook_execution_status": lambda stage: {
        **_deployment(stage),
        "lifecycleEventHookExecutionId": "hook",
        "status": "Succeeded",
    },
    "codedeploy.stop_deployment": _deployment,
    "codedeploy.update_deployment_group": lambda stage: {
        "applicationName": f"switchyard-{stage}",
        "currentDeploymentGroupName": f"switchyard-{stage}",
    },
    "ec2.describe_network_interfaces": _nothing,
    "ec2.describe_vpcs": _nothing,
    "ecr.batch_check_layer_availability": lambda name: {"repositoryName": name, "layerDigests": [_DIGEST]},
    "ecr.batch_delete_image": _image,
    "ecr.batch_get_image": _image,
    "ecr.complete_layer_upload": lambda name: {
        "repositoryName": name,
        "uploadId": "0f1e2d3c-0f1e-4d3c-8f1e-0f1e2d3c4b5a",
        "layerDigests": [_DIGEST],
    },
    "ecr.delete_repository": lambda name: {"repositoryName": name},
    "ecr.describe_image_scan_findings": lambda name: {
        "repositoryName": name,
        "imageId": {"imageDigest": _DIGEST},
    },
    "ecr.describe_images": lambda name: {"repositoryName": name},
    "ecr.get_authorization_token": _nothing,
    "ecr.get_download_url_for_layer": lambda name: {"repositoryName": name, "layerDigest": _DIGEST},
    "ecr.initiate_layer_upload": lambda name: {"repositoryName": name},
    "ecr.put_image": lambda name: {"repositoryName": name, "imageManifest": _MANIFEST, "imageTag": "v1"},
    "ecr.put_image_tag_mutability": lambda name: {"repositoryName": name, "imageTagMutability": "MUTABLE"},
    "ecr.put_lifecycle_policy": lambda name: {"repositoryName": name, "lifecyclePolicyText": "a" * 100},
    "ecr.set_repository_policy": lambda name: {"repositoryName": name, "policyText": "{}"},
    "ecr.upload_layer_part": lambda name: {
        "repositoryName": name,
        "uploadId": "0f1e2d3c-0f1e-4d3c-8f1e-0f1e2d3c4b5a",
        "partFirstByte": 0,
        "partLastByte": 0,
        "layerPartBlob": b"a",
    },
    "ecs.delete_service": _service,
    "ecs.describe_service_deployments": lambda stage: {"serviceDeploymentArns": [_service_deployment(stage)]},
    "ecs.describe_service_revisions": lambda stage: {"serviceRevisionArns": [_service_revision(stage)]},
    "ecs.describe_services": lambda stage: {
        "cluster": f"switchyard-{stage}",
        "services": [f"{stage}-service"],
    },
    "ecs.describe_task_definition": lambda stage: {"taskDefinition": f"switchyard-{stage}"},
    "ecs.describe_tasks": lambda stage: {"cluster": f"switchyard-{stage}", "tasks": ["0f1e2d3c"]},
    "ecs.list_service_deployments": _service,
    "ecs.list_tasks": lambda stage: {"cluster": f"switchyard-{stage}"},
    "ecs.register_task_definition": _revision,
    "ecs.stop_service_deployment": lambda stage: {"serviceDeploymentArn": _service_deployment(stage)},
    "ecs.update_service": _service_update,
    "elbv2.describe_listeners": _nothing,
    "elbv2.describe_target_groups": _nothing,
    "iam.put_role_policy": lambda words: {
        "RoleName": role_arn(words).rpartition("/")[2],
        "PolicyName": "All",
        "PolicyDocument": "{}",
    },
    "logs.filter_log_events": lambda group: {"logGroupName": group},
    "logs.put_log_events": lambda group: {
        "logGroupName": group,
        "logStreamName": "one",
        "logEvents": [{"timestamp": 0, "message": "a"}],
    },
    "s3.delete_bucket": lambda stage: {"Bucket": bucket(stage)},
    "s3.delete_object": _object,
    "s3.get_object": _object,
    "s3.list_objects_v2": _listing,
    "s3.put_bucket_policy": lambda stage: {"Bucket": bucket(stage), "Policy": "{}"},
    "s3.put_object": lambda path: {**_object(path), "Body": b"{}", "IfNoneMatch": "*"},
    "ssm.delete_parameter": _parameter,
    "ssm.get_parameter": _parameter,
    "ssm.get_parameters": lambda name: {"Names": [name]},
    "ssm.get_parameters_by_path": lambda path: {"Path": path, "Recursive": True},
    "ssm.put_parameter": lambda name: {"Name": name, "Value": "green", "Overwrite": True},
    "sts.assume_role": lambda name: {"RoleArn": role_arn(name), "RoleSessionName": "test"},
}
"""How a call is made about something."""

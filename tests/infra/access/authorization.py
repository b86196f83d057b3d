"""What IAM judges when somebody makes a call: action, resource and what conditions may ask for.

After the service authorization reference of each service. An action that is not here is an error, so that no
call can look refused for want of a line. Where a call names an id, the owner is part of it here: deployment
`d-dev` is of stage dev's group, as CodeDeploy would find out.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from tests.infra.access.iam import Request
from tests.infra.access.roles import ACCOUNT, REGION

Parameters = Mapping[str, Any]


def requests_of(action: str, parameters: Parameters) -> list[Request]:
    """Return what IAM judges when a call is made; all of it must be allowed.

    Args:
        action: as policies name it, such as `ecs:UpdateService`.
        parameters: of the call, as boto3 takes them.

    Raises:
        KeyError: nobody has said what the call is about.
    """
    return [
        item if isinstance(item, Request) else Request(action, item) for item in _ABOUT[action](parameters)
    ]


def arn(service: str, resource: str) -> str:
    """Return an ARN in the tests' account and region."""
    return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{resource}"


def _anything(_: Parameters) -> Iterable[str]:
    return ["*"]


def _repository(parameters: Parameters) -> Iterable[str]:
    return [arn("ecr", f"repository/{parameters['repositoryName']}")]


def _object(parameters: Parameters) -> Iterable[str]:
    return [f"arn:aws:s3:::{parameters['Bucket']}/{parameters['Key']}"]


def _listing(parameters: Parameters) -> Iterable[Request]:
    prefix = {"s3:prefix": parameters["Prefix"]} if "Prefix" in parameters else {}
    return [Request("s3:ListBucket", f"arn:aws:s3:::{parameters['Bucket']}", prefix)]


def _bucket(parameters: Parameters) -> Iterable[str]:
    return [f"arn:aws:s3:::{parameters['Bucket']}"]


def _parameters(parameters: Parameters) -> Iterable[str]:
    names = parameters.get("Names") or [parameters.get("Name") or parameters["Path"]]
    return [arn("ssm", f"parameter{name}") for name in names]


def _services(parameters: Parameters) -> Iterable[str]:
    names = parameters.get("services") or [parameters["service"]]
    return [arn("ecs", f"service/{parameters['cluster']}/{name}") for name in names]


def _service_update(parameters: Parameters) -> Iterable[Request]:
    """The revision and the shell are what conditions may ask for."""
    context = {"ecs:cluster": arn("ecs", f"cluster/{parameters['cluster']}")}
    if "taskDefinition" in parameters:
        context["ecs:task-definition"] = arn("ecs", f"task-definition/{parameters['taskDefinition']}")
    if "enableExecuteCommand" in parameters:
        context["ecs:enable-execute-command"] = str(parameters["enableExecuteCommand"]).lower()
    return [Request("ecs:UpdateService", resource, context) for resource in _services(parameters)]


def _listed_tasks(parameters: Parameters) -> Iterable[Request]:
    return [Request("ecs:ListTasks", "*", {"ecs:cluster": arn("ecs", f"cluster/{parameters['cluster']}")})]


def _tasks(parameters: Parameters) -> Iterable[str]:
    return [arn("ecs", f"task/{parameters['cluster']}/{task}") for task in parameters["tasks"]]


def _of_the_service(parameters: Parameters) -> Iterable[str]:
    """Deployments and revisions of a service: IAM asks for the right to the service as well."""
    for name in ("serviceDeploymentArns", "serviceRevisionArns", "serviceDeploymentArn"):
        found = parameters.get(name, [])
        for resource in [found] if isinstance(found, str) else found:
            _, cluster, service, _ = resource.rpartition(":")[2].split("/")
            yield from (resource, arn("ecs", f"service/{cluster}/{service}"))


def _registered(parameters: Parameters) -> Iterable[Request]:
    """Registering passes the revision's roles to ECS, and tags it when tags are given."""
    family = arn("ecs", f"task-definition/{parameters['family']}:*")
    yield Request("ecs:RegisterTaskDefinition", family)
    for role in ("taskRoleArn", "executionRoleArn"):
        if role in parameters:
            context = {"iam:PassedToService": "ecs-tasks.amazonaws.com"}
            yield Request("iam:PassRole", parameters[role], context)
    if "tags" in parameters:
        yield Request("ecs:TagResource", family, {"ecs:CreateAction": "RegisterTaskDefinition"})


def _group(parameters: Parameters) -> Iterable[str]:
    if "applicationName" in parameters:
        name = parameters.get("deploymentGroupName") or parameters["currentDeploymentGroupName"]
        group = f"{parameters['applicationName']}/{name}"
    else:
        owner = f"switchyard-{parameters['deploymentId'].removeprefix('d-')}"
        group = f"{owner}/{owner}"
    return [arn("codedeploy", f"deploymentgroup:{group}")]


def _application(parameters: Parameters) -> Iterable[str]:
    return [arn("codedeploy", f"application:{parameters['applicationName']}")]


def _configuration(parameters: Parameters) -> Iterable[str]:
    return [arn("codedeploy", f"deploymentconfig:{parameters['deploymentConfigName']}")]


def _alarms(parameters: Parameters) -> Iterable[str]:
    return [arn("cloudwatch", f"alarm:{name}") for name in parameters["AlarmNames"]]


def _described_alarms(parameters: Parameters) -> Iterable[str]:
    """Only a right to all alarms shows composite ones ("DescribeAlarms", Amazon CloudWatch API Reference).

    The composite one of ours is the one that stands for all.
    """
    names = parameters.get("AlarmNames", [])
    composite = not names or any(name.endswith("-unwell") for name in names)
    return ["*"] if composite else _alarms(parameters)


def _stack(parameters: Parameters) -> Iterable[str]:
    return [arn("cloudformation", f"stack/{parameters['StackName']}/0f1e2d3c")]


def _stack_update(parameters: Parameters) -> Iterable[Request]:
    """Where the template comes from, who runs it and which types it may touch; a body leaves no trace."""
    keys = {"ResourceTypes": "ResourceTypes", "RoleARN": "RoleArn", "TemplateURL": "TemplateUrl"}
    context = {
        f"cloudformation:{key}": tuple(value) if isinstance(value, list) else value
        for name, key in keys.items()
        if (value := parameters.get(name))
    }
    return [Request("cloudformation:UpdateStack", resource, context) for resource in _stack(parameters)]


def _stack_policy(parameters: Parameters) -> Iterable[Request]:
    """Where the policy comes from; a body leaves no trace."""
    url = parameters.get("StackPolicyURL")
    context = {"cloudformation:StackPolicyUrl": url} if url else {}
    return [Request("cloudformation:SetStackPolicy", resource, context) for resource in _stack(parameters)]


def _stream(parameters: Parameters) -> Iterable[str]:
    return [arn("logs", f"log-group:{parameters['logGroupName']}:log-stream:{parameters['logStreamName']}")]


def _log_group(parameters: Parameters) -> Iterable[str]:
    return [arn("logs", f"log-group:{parameters['logGroupName']}:*")]


def _role(parameters: Parameters) -> Iterable[str]:
    return [parameters.get("RoleArn") or f"arn:aws:iam::{ACCOUNT}:role/{parameters['RoleName']}"]


_ABOUT: Final[Mapping[str, Callable[[Parameters], Iterable[str | Request]]]] = {
    **dict.fromkeys(
        (
            "ecr:GetAuthorizationToken",
            "ecr:DescribeRegistry",
            "codedeploy:BatchGetDeploymentTargets",
            "codedeploy:GetDeploymentTarget",
            "codedeploy:ListDeploymentTargets",
            "ecs:DescribeTaskDefinition",
            "elasticloadbalancing:DescribeTargetHealth",
            "elasticloadbalancing:DescribeListeners",
            "elasticloadbalancing:DescribeTargetGroups",
            "ec2:DescribeNetworkInterfaces",
            "ec2:DescribeSubnets",
            "ec2:DescribeVpcs",
        ),
        _anything,
    ),
    **dict.fromkeys(
        (
            "ecr:BatchCheckLayerAvailability",
            "ecr:BatchDeleteImage",
            "ecr:BatchGetImage",
            "ecr:CompleteLayerUpload",
            "ecr:DeleteRepository",
            "ecr:DescribeImageScanFindings",
            "ecr:DescribeImages",
            "ecr:GetDownloadUrlForLayer",
            "ecr:InitiateLayerUpload",
            "ecr:PutImage",
            "ecr:PutImageTagMutability",
            "ecr:PutLifecyclePolicy",
            "ecr:SetRepositoryPolicy",
            "ecr:UploadLayerPart",
        ),
        _repository,
    ),
    **dict.fromkeys(("s3:GetObject", "s3:PutObject", "s3:DeleteObject"), _object),
    "s3:ListBucket": _listing,
    **dict.fromkeys(("s3:PutBucketPolicy", "s3:DeleteBucket", "s3:PutBucketVersioning"), _bucket),
    **dict.fromkeys(
        (
            "ssm:DeleteParameter",
            "ssm:GetParameter",
            "ssm:GetParameters",
            "ssm:GetParametersByPath",
            "ssm:PutParameter",
        ),
        _parameters,
    ),
    **dict.fromkeys(("ecs:DeleteService", "ecs:DescribeServices", "ecs:ListServiceDeployments"), _services),
    **dict.fromkeys(("ecs:DescribeTasks",), _tasks),
    **dict.fromkeys(
        ("ecs:DescribeServiceDeployments", "ecs:DescribeServiceRevisions", "ecs:StopServiceDeployment"),
        _of_the_service,
    ),
    "ecs:ListTasks": _listed_tasks,
    "ecs:RegisterTaskDefinition": _registered,
    "ecs:UpdateService": _service_update,
    **dict.fromkeys(
        (
            "codedeploy:ContinueDeployment",
            "codedeploy:CreateDeployment",
            "codedeploy:GetDeployment",
            "codedeploy:GetDeploymentGroup",
            "codedeploy:ListDeployments",
            "codedeploy:PutLifecycleEventHookExecutionStatus",
            "codedeploy:StopDeployment",
            "codedeploy:UpdateDeploymentGroup",
        ),
        _group,
    ),
    "codedeploy:GetApplication": _application,
    "codedeploy:GetDeploymentConfig": _configuration,
    "cloudwatch:DescribeAlarms": _described_alarms,
    "cloudwatch:DeleteAlarms": _alarms,
    **dict.fromkeys(
        ("cloudformation:DeleteStack", "cloudformation:DescribeStacks", "cloudformation:GetStackPolicy"),
        _stack,
    ),
    "cloudformation:UpdateStack": _stack_update,
    "cloudformation:SetStackPolicy": _stack_policy,
    "logs:FilterLogEvents": _log_group,
    "logs:PutLogEvents": _stream,
    **dict.fromkeys(("iam:PutRolePolicy", "iam:CreateRole", "sts:AssumeRole"), _role),
}
"""What a call is about, by its action."""

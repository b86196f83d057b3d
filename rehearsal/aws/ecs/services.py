"""Services: created with everything that was asked for, and updated as far as their controller allows.

AWS documentation (ECS API Reference):
- "CreateService": the desired count is required, and 1 in a template that does not say (CloudFormation
  resource reference, AWS::ECS::Service); a target group must belong to a load balancer.
- "UpdateService": under CODE_DEPLOY only the desired count, deployment configuration, health-check grace
  period, placement, managed tags and tag propagation can be updated; for anything else, a CodeDeploy
  deployment is to be created.
- "DeleteService": DRAINING while tasks end, then INACTIVE and still describable.
The refusals' words are those that people quote (hashicorp/terraform-provider-aws#13473, boto/boto3#1936,
cdklabs/cdk-ecs-codedeploy#292).

moto takes any update, and says that tasks run without one.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from rehearsal.aws import target_health
from rehearsal.aws.ecs import native, task_sets
from rehearsal.aws.ecs.model import CODE_DEPLOY, ECS, Service
from rehearsal.aws.ecs.service_description import described
from rehearsal.aws.ecs.store import (
    answered_by,
    cluster_of,
    desired_count,
    find_active_service,
    find_service,
    refused,
    revision_arn,
)
from rehearsal.aws.original import Moto, ecs_api

_ALLOWED: Final = frozenset(
    {
        "cluster",
        "service",
        "desiredCount",
        "deploymentConfiguration",
        "healthCheckGracePeriodSeconds",
        "placementConstraints",
        "placementStrategy",
        "enableECSManagedTags",
        "propagateTags",
        "tags",
    }
)
_NAMES: Final = {
    "taskDefinition": "task definition",
    "networkConfiguration": "network parameters",
    "loadBalancers": "load balancers",
    "platformVersion": "platform version",
    "capacityProviderStrategy": "capacity provider strategy",
}
_APART: Final = frozenset({"cluster", "service", "serviceName", "taskDefinition", "desiredCount", "tags"})
_TASKS_STAY: Final = _ALLOWED | {"schedulingStrategy", "forceNewDeployment", "availabilityZoneRebalancing"}


def mend() -> None:
    """Answer for services."""
    response = ecs_api.EC2ContainerServiceResponse
    response.create_service = answered_by(lambda kept, request: _answer(kept, create(kept, request)))
    response.update_service = answered_by(_update)
    response.describe_services = answered_by(_describe)
    response.delete_service = answered_by(_delete)


def create(kept: Moto, request: Mapping[str, Any]) -> Service:
    """Create a service with its first task set or deployment.

    Raises:
        InvalidParameterException: there is such a service, or a target group has no load balancer.
    """
    cluster, name = cluster_of(kept, request), request["serviceName"]
    existing = kept.services.get(f"{cluster.name}:{name}")
    if existing is not None and existing.status == "ACTIVE":
        raise refused("Creation of service was not idempotent.")
    if request.get("launchType") and request.get("capacityProviderStrategy"):
        raise refused("Specifying both a launch type and capacity provider strategy is not supported.")
    for group in request.get("loadBalancers", []):
        if "targetGroupArn" in group and not target_health.is_attached(group["targetGroupArn"]):
            arn = group["targetGroupArn"]
            raise refused(
                f"The target group with targetGroupArn {arn} does not have an associated load balancer."
            )
    service = Service(
        arn=f"{cluster.arn.replace(':cluster/', ':service/')}/{name}",
        name=name,
        cluster_name=cluster.name,
        cluster_arn=cluster.arn,
        task_definition=revision_arn(kept, request["taskDefinition"]) if "taskDefinition" in request else "",
        desired_count=request.get("desiredCount", 1),
        asked={key: value for key, value in request.items() if key not in _APART},
        tags=list(request.get("tags", [])),
    )
    kept.services[f"{cluster.name}:{name}"] = service
    if service.controller == ECS:
        native.engine().created(kept, service)
    elif service.controller == CODE_DEPLOY:
        service.task_sets.append(task_sets.first(service))
    return service


def update(kept: Moto, service: Service, request: Mapping[str, Any]) -> None:
    """Update a service.

    Raises:
        InvalidParameterException: its controller does not allow that.
    """
    check(service, request)
    revision = revision_arn(kept, request["taskDefinition"]) if "taskDefinition" in request else None
    force = request.get("forceNewDeployment", False)
    tasks_change = any(
        service.asked.get(key) != value for key, value in request.items() if key not in _TASKS_STAY | _APART
    )
    service.desired_count = request.get("desiredCount", service.desired_count)
    service.asked |= {
        key: value for key, value in request.items() if key not in _APART | {"forceNewDeployment"}
    }
    if service.controller != ECS:
        return
    changed = revision is not None and revision != service.task_definition
    if changed or force or tasks_change:
        native.engine().updated(kept, service, revision or service.task_definition)


def check(service: Service, changed: Iterable[str]) -> None:
    """Refuse what a service's controller does not let UpdateService change.

    Raises:
        InvalidParameterException: one of the members may not be updated.
    """
    if service.controller == ECS:
        return
    for name in sorted(set(changed) - _ALLOWED, key=list({**_NAMES, **dict.fromkeys(changed)}).index):
        about = f"on services with a {service.controller} deployment controller."
        how = " Use AWS CodeDeploy to trigger a new deployment." if service.controller == CODE_DEPLOY else ""
        what = (
            "Cannot force a new deployment"
            if name == "forceNewDeployment"
            else f"Unable to update {_NAMES.get(name, name)}"
        )
        raise refused(f"{what} {about}{how}")


def delete(kept: Moto, service: Service) -> None:
    """Let all tasks of a service end; it stays describable."""
    service.status, service.desired_count = "DRAINING", 0
    for fleet in service.fleets:
        task_sets.drain(kept, service, fleet)


def _answer(kept: Moto, service: Service) -> Mapping[str, Any]:
    return {"service": described(kept, service, tags=True)}


def _update(kept: Moto, request: Mapping[str, Any]) -> Mapping[str, Any]:
    service = find_active_service(kept, request)
    update(kept, service, request)
    return _answer(kept, service)


def _describe(kept: Moto, request: Mapping[str, Any]) -> Mapping[str, Any]:
    cluster = cluster_of(kept, request)
    tags = "TAGS" in request.get("include", [])
    found, missing = [], []
    for name in request.get("services", []):
        service = kept.services.get(f"{cluster.name}:{name.rpartition('/')[2]}")
        if service is None:
            arn = f"{cluster.arn.replace(':cluster/', ':service/')}/{name.rpartition('/')[2]}"
            missing.append({"arn": arn, "reason": "MISSING"})
        else:
            found.append(described(kept, service, tags=tags))
    return {"services": found, "failures": missing}


def _delete(kept: Moto, request: Mapping[str, Any]) -> Mapping[str, Any]:
    service = find_service(kept, request, request["service"])
    if desired_count(service) > 0 and not request.get("force"):
        raise refused("The service cannot be stopped while it is scaled above 0.")
    delete(kept, service)
    return _answer(kept, service)

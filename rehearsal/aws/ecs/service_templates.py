"""Services as templates describe them.

AWS documentation (CloudFormation resource reference, AWS::ECS::Service): every property is given to
CreateService; when one has changed, UpdateService is called, which may refuse it, and then the update fails;
a change of cluster, controller, launch type, role, scheduling or name replaces the service. `Ref` returns its
ARN. What is reported beyond that, and is the worse: UpdateService is then given every property, those that
have not changed too (cloudformation-coverage-roadmap#1529). So a family's name stands for its newest
revision, and what a CodeDeploy deployment has moved on since is refused.

Under ECS an update waits for the deployment that it began, and fails with it (Amazon ECS Developer Guide,
"How the Amazon ECS deployment circuit breaker detects failures"). A service that is made is not waited for,
since its tasks run only when the region does.

moto hands on the family and the desired count, and nothing else.
"""

import copy
from collections.abc import Mapping
from typing import Any, Final

from rehearsal.aws.ecs import native, services, shapes, stack_tags
from rehearsal.aws.ecs.model import CODE_DEPLOY, ECS, Document, Service, now
from rehearsal.aws.ecs.store import LOCK, backend, refused, revision_arn
from rehearsal.aws.load_balancing import ReplacementNeeded
from rehearsal.aws.original import Moto, ecs

_REPLACED_BY: Final = (
    "Cluster",
    "DeploymentController",
    "LaunchType",
    "Role",
    "SchedulingStrategy",
    "ServiceName",
)


def mend() -> None:
    """Create, update and delete services as templates have them."""
    ecs.Service.create_from_cloudformation_json = classmethod(_create)
    ecs.Service.update_from_cloudformation_json = classmethod(_update)
    ecs.Service.delete_from_cloudformation_json = classmethod(_delete)


def _create(_cls: Moto, /, name: str, body: Moto, *_: str, **of: str) -> Service:
    properties = body["Properties"]
    request = shapes.from_template("CreateService", {**properties, "ServiceName": name})
    with LOCK:
        service = services.create(backend(), request)
        service.stack, service.logical_resource_id = of["StackId"], of["LogicalId"]
        service.tags = stack_tags.merged(
            service.tags, stack=service.stack, logical_id=service.logical_resource_id
        )
        service.cf_properties = copy.deepcopy(properties)
        return service


def _update(_cls: Moto, /, *, original_resource: Service, cloudformation_json: Moto, **_: str) -> Service:
    service, properties = original_resource, cloudformation_json["Properties"]
    changed = _changed(service.cf_properties, properties)
    for name in changed & set(_REPLACED_BY):
        raise ReplacementNeeded(f"A change of {name} replaces the service, which is not played here.")
    given = shapes.from_template(
        "UpdateService", {name: properties[name] for name in changed if name in properties}
    )
    given |= _moved_on(service, properties) if changed - {"Tags"} else {}
    gone = set(
        shapes.from_template(
            "UpdateService", {n: service.cf_properties[n] for n in changed - set(properties)}
        )
    )
    since = now()
    with LOCK:
        services.check(service, {*given, *gone})
        services.update(backend(), service, given)
        for name in gone:
            service.asked.pop(name, None)
        if "Tags" in changed:
            own = shapes.from_template("CreateService", properties).get("tags", [])
            service.tags = stack_tags.merged(own, stack=service.stack, logical_id=service.logical_resource_id)
        service.cf_properties = copy.deepcopy(properties)
    if service.controller == ECS and (reason := native.engine().settled(service, since)):
        raise refused(f"Resource handler returned message: {reason}")
    return service


def _delete(_cls: Moto, /, arn: str, *_: Moto) -> None:
    with LOCK:
        for service in backend().services.values():
            if service.arn == arn and service.status == "ACTIVE":
                services.delete(backend(), service)


def _moved_on(service: Service, properties: Mapping[str, Any]) -> Document:
    """Return what a template says of revision and load balancers, where the service has another by now."""
    said = shapes.from_template("UpdateService", properties)
    moved: Document = {}
    if "taskDefinition" in said:
        newest = revision_arn(backend(), said["taskDefinition"])
        moved |= {"taskDefinition": newest} if newest != service.task_definition else {}
    if service.controller == CODE_DEPLOY and said.get("loadBalancers") != service.asked.get("loadBalancers"):
        moved["loadBalancers"] = said.get("loadBalancers", [])
    return moved


def _changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> set[str]:
    return {name for name in {*before, *after} if before.get(name) != after.get(name)}

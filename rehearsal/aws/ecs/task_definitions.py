"""Revisions of task definitions, with everything that was registered.

AWS documentation (ECS API Reference):
- "RegisterTaskDefinition", "TaskDefinition": every property is kept and described, `runtimePlatform` among
  them; a mapping of ports has a protocol and, under awsvpc, a host port equal to the container's.
- "DescribeTaskDefinition": a family's name stands for its latest ACTIVE revision; INACTIVE ones stay
  describable by their number; tags are described when asked for.
- "DeregisterTaskDefinition": a revision becomes INACTIVE; running tasks go on.
CloudFormation resource reference, AWS::ECS::TaskDefinition: a change of anything but tags registers a new
revision and, unless its update policy retains it, deregisters the old one.

moto registers four of the properties of a template, and of those from the API what its version knows.
"""

import copy
import inspect
from collections.abc import Mapping
from typing import Any

from rehearsal.aws.ecs import shapes, stack_tags
from rehearsal.aws.ecs.model import Document, now
from rehearsal.aws.ecs.store import LOCK, answered_by, backend
from rehearsal.aws.original import Moto, ecs, ecs_api, ecs_errors


def mend() -> None:
    """Keep and describe whole revisions, from the API and from templates."""
    ecs.EC2ContainerServiceBackend.describe_task_definition = find
    response = ecs_api.EC2ContainerServiceResponse
    response.register_task_definition = answered_by(_register)
    response.describe_task_definition = answered_by(_describe)
    response.deregister_task_definition = answered_by(_deregister)
    ecs.TaskDefinition.create_from_cloudformation_json = classmethod(_create_from_template)
    ecs.TaskDefinition.update_from_cloudformation_json = classmethod(_update_from_template)
    ecs.TaskDefinition.delete = lambda revision, *_: _retire(revision)
    ecs.TaskDefinition.get_cfn_attribute = lambda revision, _name: revision.arn


def register(kept: Moto, request: Mapping[str, Any]) -> Moto:
    """Register the next revision of a family."""
    known = inspect.signature(kept.register_task_definition).parameters
    request = copy.deepcopy(dict(request))
    for container in request["containerDefinitions"]:
        for mapping in container.get("portMappings", []):
            mapping.setdefault("hostPort", mapping.get("containerPort"))
            mapping.setdefault("protocol", "tcp")
    arguments = {_snake(key): value for key, value in request.items()}
    revision = kept.register_task_definition(**{key: arguments[key] for key in known if key in arguments})
    revision.request = {key: value for key, value in request.items() if key != "tags"}
    revision.registered_at, revision.deregistered_at = now(), None
    revision.replaced = None
    return revision


def find(kept: Moto, name: str) -> Moto:
    """Return a revision by ARN or `family:number`, or the latest active one of a family.

    Raises:
        ClientException: there is none.
    """
    family, _, number = name.rpartition("/")[2].partition(":")
    revisions = kept.task_definitions.get(family, {})
    if number:
        found = revisions.get(int(number)) if number.isdecimal() else None
    else:
        active = [item for item in revisions.values() if item.status == "ACTIVE"]
        found = active[-1] if active else None
    if found is None:
        raise ecs_errors.TaskDefinitionNotFoundException
    return found


def described(revision: Moto) -> Document:
    """Return a revision as DescribeTaskDefinition shows it."""
    times = {"registeredAt": revision.registered_at, "deregisteredAt": revision.deregistered_at}
    return {
        "volumes": [],
        "placementConstraints": [],
        **revision.request,
        "containerDefinitions": revision.container_definitions,
        "networkMode": revision.network_mode,
        "taskDefinitionArn": revision.arn,
        "revision": revision.revision,
        "status": revision.status,
        "compatibilities": revision.compatibilities,
        **{name: time for name, time in times.items() if time is not None},
    }


def _register(kept: Moto, request: Mapping[str, Any]) -> Mapping[str, Any]:
    stack_tags.check(request.get("tags", []))
    revision = register(kept, request)
    return {"taskDefinition": described(revision), "tags": revision.tags}


def _describe(kept: Moto, request: Mapping[str, Any]) -> Mapping[str, Any]:
    revision = find(kept, request["taskDefinition"])
    answer: Document = {"taskDefinition": described(revision)}
    if "TAGS" in request.get("include", []):
        answer["tags"] = revision.tags
    return answer


def _deregister(kept: Moto, request: Mapping[str, Any]) -> Mapping[str, Any]:
    name = request["taskDefinition"]
    if ":" not in name.rpartition("/")[2]:
        raise ecs_errors.RevisionNotFoundException
    revision = find(kept, name)
    _retire(revision)
    return {"taskDefinition": described(revision)}


def _create_from_template(_cls: Moto, /, name: str, body: Moto, *_: str, **of: str) -> Moto:
    with LOCK:
        request = shapes.from_template("RegisterTaskDefinition", {"Family": name, **body["Properties"]})
        revision = register(backend(), request)
        revision.stack = of["StackId"]
        revision.tags = stack_tags.merged(revision.tags, stack=revision.stack, logical_id=of["LogicalId"])
        revision.cf_properties = copy.deepcopy(body["Properties"])
        return revision


def _update_from_template(
    cls: Moto, /, *, original_resource: Moto, cloudformation_json: Moto, **_: str
) -> Moto:
    """Register what is new; an update that is taken back returns to the revision that it came from."""
    properties, before = cloudformation_json["Properties"], original_resource.cf_properties
    if _but_tags(properties) == _but_tags(before):
        own = shapes.from_template("RegisterTaskDefinition", properties).get("tags", [])
        original_resource.tags = stack_tags.merged(
            own, stack=original_resource.stack, logical_id=original_resource.logical_resource_id
        )
        original_resource.cf_properties = copy.deepcopy(properties)
        return original_resource
    replaced = original_resource.replaced
    if replaced is not None and _but_tags(properties) == _but_tags(replaced.cf_properties):
        _retire(original_resource)
        replaced.status, replaced.deregistered_at = "ACTIVE", None
        return replaced
    origin = {
        "StackId": original_resource.stack,
        "LogicalId": original_resource.logical_resource_id,
    }
    revision = _create_from_template(cls, original_resource.family, cloudformation_json, **origin)
    revision.replaced = original_resource
    if cloudformation_json.get("UpdateReplacePolicy") != "Retain":
        _retire(original_resource)
    return revision


def _retire(revision: Moto) -> None:
    with LOCK:
        revision.status, revision.deregistered_at = "INACTIVE", now()


def _but_tags(properties: Mapping[str, Any]) -> Mapping[str, Any]:
    return {name: value for name, value in properties.items() if name != "Tags"}


def _snake(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)

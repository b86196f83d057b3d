"""References to resources that moto has no model for, and attributes that its models do not tell.

AWS documentation: `Ref` returns the resource's physical id and `Fn::GetAtt` one of its attributes, for
every resource type (CloudFormation User Guide, "Ref" and "Fn::GetAtt"); a list item that comes to
`AWS::NoValue` is removed ("Pseudo parameters reference"). moto gives nothing for the first, fails on the
second and leaves an empty item in place of the third.

What stands in for an unknown value says so by its look, and is the same each time: it must not count as a
change.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Final

from rehearsal.aws.original import Moto, stacks, templates
from rehearsal.isolation import ACCOUNT, REGION

_ARN: Final = "Arn"
_CERTIFICATE: Final = "AWS::CertificateManager::Certificate"
_SERVICES: Final = {"CertificateManager": "acm"}
"""Services whose name in an ARN is not the one in the resource's type."""
_original: Final[Callable[[Moto, Moto], Moto]] = templates.clean_json

# The attributes of load balancing by their names, told from the ARN, which moto knows.
_FROM_ARN: Final[Mapping[str, Callable[[str], str]]] = {
    "LoadBalancerArn": lambda arn: arn,
    "LoadBalancerFullName": lambda arn: arn.partition(":loadbalancer/")[2],
    "TargetGroupArn": lambda arn: arn,
    "TargetGroupFullName": lambda arn: arn.rpartition(":")[2],
    "TargetGroupName": lambda arn: arn.split("/")[1],
    "ListenerArn": lambda arn: arn,
    "RuleArn": lambda arn: arn,
    "CanonicalHostedZoneID": lambda _arn: "Z215JYRZR1TBD5",
}


def mend() -> None:
    """Answer every reference."""
    templates.clean_json = resolve
    # Its check of outputs looks up the same models and fails where there is none.
    stacks.ResourceMap.validate_outputs = lambda _resources: None
    stacks.Stack.parse_template = staticmethod(_read(stacks.Stack.parse_template))


def resolve(value: Moto, resources: Moto) -> Moto:
    """Return a template's value with every function of CloudFormation computed."""
    match value:
        case list():
            items = [(item, resolve(item, resources)) for item in value]
            return [found for item, found in items if item is None or found is not None]
        case {"Ref": str(name), **rest} if not rest and _is_passed_over(name, resources):
            return stand_in(resources.stack_id, name, _body(name, resources), "Ref")
        case {"Fn::GetAtt": [str(name), str(attribute)], **rest} if not rest:
            return _attribute(name, attribute, value, resources)
        case _:
            return _original(value, resources)


def stand_in(stack_id: str, logical_id: str, body: Mapping[str, Moto], attribute: str) -> str:
    """Return what a resource that is not there would plausibly say of itself."""
    _, service, kind = f"{body['Type']}::".split("::")[:3]
    properties = body.get("Properties", {})
    named = properties.get(f"{kind}Name", properties.get("Name"))
    digest = hashlib.sha256(f"{stack_id} {logical_id}".encode()).hexdigest()[:12]
    name = named if isinstance(named, str) else f"{logical_id}-{digest}"
    if attribute.endswith(_ARN) or body["Type"] == _CERTIFICATE:  # whose `Ref` is its ARN as well
        return f"arn:aws:{_SERVICES.get(service, service.lower())}:{REGION}:{ACCOUNT}:{kind.lower()}/{name}"
    return name if attribute == "Ref" else f"{name}-{attribute}"


def _read(read_yaml: Callable[[str], Moto]) -> Callable[[str], Moto]:
    """Return a reader that takes JSON for what it is: moto's YAML reader needs seconds for it."""

    def read(template: str) -> Moto:
        try:
            return json.loads(template)
        except ValueError:
            return read_yaml(template)

    return read


def _attribute(name: str, attribute: str, value: Moto, resources: Moto) -> Moto:
    if _is_passed_over(name, resources):
        return stand_in(resources.stack_id, name, _body(name, resources), attribute)
    resource = resources.get(name)
    from_arn = _FROM_ARN.get(attribute)
    if from_arn and _body(name, resources).get("Type", "").startswith("AWS::ElasticLoadBalancingV2::"):
        return from_arn(resource.physical_resource_id)
    try:
        found = _original(value, resources)
    except (AttributeError, templates.ValidationError):
        if resource is None:
            raise
        found = value
    if found == value:  # moto's way to say that it does not know
        return stand_in(resources.stack_id, name, _body(name, resources), attribute)
    return found


def _is_passed_over(name: str, resources: Moto) -> bool:
    """Whether the template has such a resource, wants it, and moto has no model for it."""
    body = _body(name, resources)
    if not body or templates.resource_class_from_type(body["Type"]) is not None:
        return False
    condition = body.get("Condition")
    return condition is None or bool(resources.lazy_condition_map[condition])


def _body(name: str, resources: Moto) -> Mapping[str, Moto]:
    bodies: Mapping[str, Mapping[str, Moto]] = getattr(resources, "_resource_json_map", {})
    return bodies.get(name, {})

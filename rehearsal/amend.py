"""What moto's CloudFormation leaves out, made up for through the API from the synthesised template.

It creates load balancers and target groups without the attributes that the template gives them, such
as the idle timeout and the deregistration delay.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from rehearsal.assembly import Template
from rehearsal.resources import physical_ids

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_elbv2 import ElasticLoadBalancingv2Client

_LOAD_BALANCER: Final = "AWS::ElasticLoadBalancingV2::LoadBalancer"
_TARGET_GROUP: Final = "AWS::ElasticLoadBalancingV2::TargetGroup"
_MEMBER: Final = {_LOAD_BALANCER: "LoadBalancerAttributes", _TARGET_GROUP: "TargetGroupAttributes"}


@dataclass(frozen=True, slots=True)
class Attributes:
    """The attributes that a template gives to one resource."""

    type: str
    logical_id: str
    values: Mapping[str, str]


def attributes_of(template: Template) -> Iterator[Attributes]:
    """Yield the attributes of load balancers and target groups.

    Such as CloudFormation computes, the name of the access log's bucket for one, are left out: nothing
    here acts on them.
    """
    for logical_id, body in template.resources.items():
        member = _MEMBER.get(body["Type"])
        if member is not None:
            listed: list[Mapping[str, Any]] = body["Properties"].get(member, [])
            literal = {item["Key"]: item["Value"] for item in listed if isinstance(item["Value"], str)}
            yield Attributes(body["Type"], logical_id, literal)


def amend(
    cloudformation: "CloudFormationClient", elbv2: "ElasticLoadBalancingv2Client", templates: list[Template]
) -> None:
    """Give every load balancer and target group the attributes of its template."""
    for template in templates:
        physical = physical_ids(cloudformation, template.stack)
        for attributes in attributes_of(template):
            arn = physical.get(attributes.logical_id)
            if arn is None or not attributes.values:
                continue
            pairs: Any = [{"Key": key, "Value": value} for key, value in attributes.values.items()]
            if attributes.type == _LOAD_BALANCER:
                elbv2.modify_load_balancer_attributes(LoadBalancerArn=arn, Attributes=pairs)
            else:
                elbv2.modify_target_group_attributes(TargetGroupArn=arn, Attributes=pairs)
